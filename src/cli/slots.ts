import { type Command, InvalidArgumentError } from 'commander';
import type { Subject } from '../client/decisions.ts';
import type { Slot } from '../client/environments.ts';
import { parseDuration } from '../environments/configuration/service.ts';

/** How commands name a service in an environment, models, ranges and times. */

export interface Env {
  readonly env: string;
}

export interface Reason {
  readonly reason: string;
}

/** `<SERVICE> --env <ENVIRONMENT>`. */
export const atSlot = (command: Command): Command =>
  command
    .argument('<SERVICE>', 'name of the service')
    .requiredOption('--env <ENVIRONMENT>', 'name of the environment, in any case', environmentName);

export const withReason = (command: Command): Command =>
  command.requiredOption('--reason <TEXT>', 'why, for the records');

/** Environments are shown in capitals, so they are taken in any case. */
export const environmentName = (text: string): string => text.toLowerCase();

export const slotOf = (service: string, { env }: Env): Slot => ({ service, environment: env });

/** `wine on PROD`. */
export const slotText = ({ service, environment }: Slot): string => `${service} on ${environment.toUpperCase()}`;

interface Model {
  readonly registeredModel: string | null;
  readonly version: number | null;
  readonly modelId?: string | null;
}

/** `AImodel version 3`; `AImodel m-1f…`, not registered yet, by its logged model. */
export function modelText({ registeredModel, version, modelId }: Model): string {
  const which = version === null ? modelId : `version ${version}`;
  return [registeredModel, which].filter((part) => part !== null && part !== undefined).join(' ');
}

/** `AImodel version 3, code 2.0`. */
export const codedText = (model: Model & { readonly codeVersion: string | null }): string =>
  model.codeVersion === null ? modelText(model) : `${modelText(model)}, code ${model.codeVersion}`;

/** `AImodel <=2.0, MLmodel =1.0`. */
export const allowanceText = (allow: Readonly<Record<string, string>>): string =>
  Object.entries(allow)
    .map(([model, range]) => `${model} ${range}`)
    .join(', ');

/** Collects `MODEL=RANGE`, as in `AImodel=<=2.0`. */
export function allowance(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, model, range] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (model === undefined || range === undefined)
    throw new InvalidArgumentError("Expected a registered model and a range of code versions such as 'AImodel=<=2.0'.");
  return { ...before, [model.trim()]: range.trim() };
}

/** `AImodel/3`, `models:/AImodel/3`. */
export function versionName(text: string): { registeredModel: string; version: number } {
  const [, registeredModel, version] = /^(?:models:\/)?(.+)\/(\d{1,9})$/.exec(text) ?? [];
  if (registeredModel === undefined)
    throw new InvalidArgumentError('Expected a registered model and a version such as AImodel/3.');
  return { registeredModel, version: Number(version) };
}

/** A run id, a logged model's id, or `AImodel/3`. */
export function subject(text: string): Subject {
  const [, run] = /^(?:runs:\/)?([0-9a-f]{32})$/.exec(text) ?? [];
  if (run !== undefined) return { runId: run };
  const [, model] = /^(?:models:\/)?(m-[0-9a-f-]{8,64})$/.exec(text) ?? [];
  if (model !== undefined) return { modelId: model };
  try {
    return versionName(text);
  } catch {
    throw new InvalidArgumentError(
      'Expected the id of a run, the id of a logged model (m-…), or a version such as AImodel/3.',
    );
  }
}

/** How long, in milliseconds: `24h`, `7d`, `1h30m`. */
export function lengthOfTime(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('Expected a duration such as 30m, 24h or 7d.');
  return ms;
}

/** When: `2026-05-03`, `2026-05-03 14:00` (UTC unless it says otherwise), or how long ago: `24h`. */
export const moment =
  (now: () => number) =>
  (text: string): number => {
    const ago = parseDuration(text);
    if (ago !== undefined) return now() - ago;
    const written = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?( ?UTC|Z|[+-]\d\d:\d\d)?)?$/.exec(text);
    const zone = written?.[1] ?? '';
    const isDay = text.length === 10;
    const iso = text.slice(0, text.length - zone.length).replace(' ', 'T');
    const time = written === null ? Number.NaN : Date.parse(isDay ? text : iso + (/^[+-]/.test(zone) ? zone : 'Z'));
    if (Number.isNaN(time))
      throw new InvalidArgumentError(
        "Expected a time such as 2026-05-03 or '2026-05-03 14:00' (UTC), or 24h for a day ago.",
      );
    return time;
  };
