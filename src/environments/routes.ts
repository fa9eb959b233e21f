import { create as contentDisposition } from 'content-disposition';
import Type from 'typebox';
import { type Endpoint, endpoint } from '../http/api.ts';
import { JsonText } from '../http/route.ts';
import { publishedSchema } from './configuration/schema.ts';
import { presentCandidates, presentDecision, presentPreview, presentSummary } from './present.ts';
import type { Environments } from './service.ts';
import * as wire from './wire.ts';

const servicePath = Type.Object({ service: Type.String() });
const idPath = Type.Object({ id: Type.String() });
const done = Type.Object({});
const at = (verb: string) => `/services/:service/environments/:environment/${verb}`;

/** `/api/v1` about environments: the configuration, slots, and decisions. */
export function environmentRoutes(environments: Environments): Endpoint[] {
  return [
    endpoint(
      'GET',
      '/schema/cellar.json',
      { summary: 'The JSON Schema of cellar.yaml.', tag: 'configuration', reply: Type.Unknown() },
      () => publishedSchema(),
    ),
    endpoint(
      'GET',
      '/configuration',
      { summary: 'The configuration that holds, also as YAML.', tag: 'configuration', reply: wire.configurationReply },
      () => environments.configuration(),
    ),
    endpoint(
      'PUT',
      '/configuration',
      {
        summary: 'Makes a configuration hold, all of it or nothing.',
        tag: 'configuration',
        input: wire.applyInput,
        reply: wire.applyReply,
      },
      async ({ input: { managed = 'api', adoptAliases = false, ...source }, actor }) => {
        const applied = await environments.apply(source, { managed, adoptAliases, actor });
        return { ...applied, changes: [...applied.changes], adopted: [...applied.adopted] };
      },
    ),
    endpoint(
      'POST',
      '/configuration/plan',
      {
        summary: 'What applying a configuration would change, and which model each environment would then serve.',
        tag: 'configuration',
        input: wire.configurationInput,
        reply: wire.planReply,
      },
      ({ input }) => environments.plan(input),
    ),

    endpoint(
      'GET',
      '/status',
      {
        summary: 'Every service in every environment: champion, allowance, what holds it, the last decision.',
        tag: 'services',
        reply: wire.statusReply,
      },
      async () => ({ time: environments.now(), slots: await environments.status() }),
    ),
    endpoint(
      'GET',
      '/status/at',
      {
        summary: 'What served at a moment of the past.',
        tag: 'services',
        input: Type.Object({ time: Type.Integer() }),
        reply: wire.servedReply,
      },
      ({ input }) => environments.servedAt(input.time),
    ),
    endpoint(
      'POST',
      '/scores',
      {
        summary: 'What versions of registered models score on the holdouts that environments pin now. Changes nothing.',
        tag: 'services',
        input: wire.scoresInput,
        reply: wire.scoresReply,
      },
      async ({ input }) => ({ epochs: await environments.scores(input.versions) }),
    ),
    endpoint(
      'GET',
      '/services/:service',
      { summary: 'A service in all its environments.', tag: 'services', path: servicePath, reply: wire.statusReply },
      async ({ path }) => ({ time: environments.now(), slots: await environments.status(path.service) }),
    ),
    endpoint(
      'GET',
      '/services/:service/environments/:environment',
      { summary: 'A service in one environment.', tag: 'services', path: wire.slotPath, reply: wire.slotView },
      ({ path }) => environments.slot(path.service, path.environment),
    ),
    endpoint(
      'GET',
      at('champion'),
      {
        summary: 'What the environment serves.',
        tag: 'services',
        path: wire.slotPath,
        reply: Type.Object({ champion: wire.slotView.properties.champion }),
      },
      async ({ path }) => ({ champion: (await environments.slot(path.service, path.environment)).champion }),
    ),
    endpoint(
      'GET',
      at('candidates'),
      {
        summary: 'Every candidate with its rank or the reason why it is refused, as a selection would see it now.',
        tag: 'services',
        path: wire.slotPath,
        reply: wire.selectionPreview,
      },
      async ({ path }) => presentPreview(await environments.preview(path)),
    ),
    endpoint(
      'POST',
      at('allowance-preview'),
      {
        summary: 'Which candidates other ranges would admit and which they would refuse. Changes nothing.',
        tag: 'services',
        path: wire.slotPath,
        input: wire.allowanceInput,
        reply: wire.allowanceReply,
      },
      async ({ path, input }) => {
        const { policy, facts, result } = await environments.previewAllowance(path, input.allow);
        const candidates = presentCandidates(facts.input, result);
        const isRefused = ({ reason }: { reason: string | null }) =>
          reason === 'outside_allowance' || reason === 'no_code_version' || reason === 'no_registered_model';
        return {
          allow: { ...policy.allow },
          admitted: candidates.filter((candidate) => !isRefused(candidate)),
          refused: candidates.filter(isRefused),
        };
      },
    ),
    endpoint(
      'POST',
      at('select'),
      {
        summary: 'Selects now: evaluates what has no score yet, waits for it, decides. A dry run changes nothing.',
        tag: 'services',
        path: wire.slotPath,
        input: wire.selectInput,
        reply: wire.selectReply,
      },
      async ({ path, input, actor }) =>
        input.dryRun === true
          ? { decision: null, preview: presentPreview(await environments.preview(path)) }
          : { decision: presentDecision(await environments.select(path, actor)), preview: null },
    ),
    endpoint(
      'POST',
      at('promote'),
      {
        summary:
          'Signs off the code that another environment proved, raises the allowance and selects, all or nothing.',
        tag: 'services',
        path: wire.slotPath,
        input: wire.promoteInput,
        reply: wire.promoteReply,
      },
      async ({ path, input, actor }) => {
        const promotion = {
          service: path.service,
          to: path.environment,
          from: input.from,
          allow: input.allow,
          reason: input.reason,
          waiveSignature: input.waiveSignature ?? null,
          pin: input.pin,
          actor,
        };
        const { evidence, changes, preview } = await environments.promotionPreview(promotion);
        const seen = presentPreview(await preview());
        const decision = input.dryRun === true ? null : presentDecision(await environments.promote(promotion));
        return { evidence, changes, preview: seen, decision };
      },
    ),
    endpoint(
      'POST',
      at('rollback'),
      {
        summary: 'Goes back to an earlier champion at once, pins it, and puts what it replaces on hold.',
        tag: 'services',
        path: wire.slotPath,
        input: wire.rollbackInput,
        reply: wire.decisionReply,
      },
      async ({ path, input, actor }) => ({
        decision: presentDecision(await environments.rollback(path, actor, input.reason, input.to)),
      }),
    ),
    endpoint(
      'POST',
      at('release'),
      {
        summary: 'Lifts the pin, holds and quarantines, or those of one version; a selection follows.',
        tag: 'services',
        path: wire.slotPath,
        input: wire.releaseInput,
        reply: wire.decisionReply,
      },
      async ({ path, input: { reason, registeredModel, version }, actor }) => ({
        decision: presentDecision(
          await environments.release(
            path,
            actor,
            reason,
            registeredModel === undefined || version === undefined ? undefined : { registeredModel, version },
          ),
        ),
      }),
    ),
    endpoint(
      'POST',
      at('pause'),
      {
        summary: 'Stops replacements until resumed, or until a time.',
        tag: 'services',
        path: wire.slotPath,
        input: wire.pauseInput,
        reply: done,
      },
      async ({ path, input, actor }) => {
        await environments.pause(path, actor, input.reason, input.until);
        return {};
      },
    ),
    endpoint(
      'POST',
      at('resume'),
      { summary: 'Ends a pause; a selection follows.', tag: 'services', path: wire.slotPath, reply: done },
      async ({ path }) => {
        await environments.resume(path);
        return {};
      },
    ),
    endpoint(
      'POST',
      '/approvals/:id/approve',
      {
        summary: 'Approves a challenger; it becomes the champion if nothing has changed since it was asked for.',
        tag: 'decisions',
        path: idPath,
        input: wire.reasonInput,
        reply: wire.decisionReply,
      },
      async ({ path, input, actor }) => ({
        decision: presentDecision(await environments.approve(path.id, actor, input.reason)),
      }),
    ),
    endpoint(
      'POST',
      '/approvals/:id/reject',
      {
        summary: 'Rejects a challenger.',
        tag: 'decisions',
        path: idPath,
        input: wire.reasonInput,
        reply: done,
      },
      async ({ path, input, actor }) => {
        await environments.reject(path.id, actor, input.reason);
        return {};
      },
    ),

    endpoint(
      'GET',
      '/decisions',
      {
        summary:
          'Decisions, newest first: all, of a slot, or those that considered a run, a logged model or a version.',
        tag: 'decisions',
        input: wire.decisionsQuery,
        reply: wire.decisionsReply,
      },
      async ({ input }) => {
        const { rows, next } = await environments.decisions(input);
        return { decisions: rows.map((row) => presentSummary(row)), next };
      },
    ),
    endpoint(
      'GET',
      '/decisions/find',
      {
        summary: 'A few decisions, newest first, by the start of an id, by service and environment, or by champion.',
        tag: 'decisions',
        input: wire.findDecisionsInput,
        reply: wire.foundDecisions,
      },
      async ({ input }) => ({
        decisions: (await environments.findDecisions(input.text)).map((row) => presentSummary(row)),
      }),
    ),
    endpoint(
      'GET',
      '/decisions/verify',
      {
        summary: 'Reads the chains of decisions and tells what was changed, is missing or stands at another place.',
        tag: 'decisions',
        input: wire.verifyQuery,
        reply: wire.verifyReply,
      },
      ({ input }) => environments.verify(input),
    ),
    endpoint(
      'GET',
      '/decisions/:id',
      { summary: 'A decision whole.', tag: 'decisions', path: idPath, reply: wire.decisionView },
      async ({ path }) => presentDecision(await environments.decision(path.id)),
    ),
    endpoint(
      'GET',
      '/decisions/:id/record',
      {
        summary: 'The record of a decision to the byte, as a file whose SHA-256 is its digest.',
        tag: 'decisions',
        path: idPath,
        reply: Type.Unsafe<JsonText>(Type.Object({})),
      },
      async ({ path, call }) => {
        const { decisionId, record } = await environments.decision(path.id);
        call.reply.header('content-disposition', contentDisposition(`${decisionId}.json`));
        return new JsonText(record);
      },
    ),
    endpoint(
      'POST',
      '/decisions/:id/replay',
      {
        summary: 'Decides again from the recorded inputs and compares the results byte by byte.',
        tag: 'decisions',
        path: idPath,
        reply: wire.replayReply,
      },
      ({ path }) => environments.replay(path.id),
    ),
    endpoint(
      'GET',
      '/why',
      {
        summary: 'Why a run, a logged model or a version serves nowhere, or where it does.',
        tag: 'decisions',
        input: Type.Object({
          runId: Type.Optional(Type.String()),
          modelId: Type.Optional(Type.String()),
          registeredModel: Type.Optional(Type.String()),
          version: Type.Optional(Type.Integer({ minimum: 1 })),
        }),
        reply: wire.whyReply,
      },
      ({ input }) => environments.why(input),
    ),
  ];
}
