import { invalid, shown } from '../../errors.ts';
import { endpoint } from '../../http/api.ts';
import type { EvaluationsService } from './service.ts';
import * as wire from './wire.ts';

const tag = 'evaluations';

export const evaluationRoutes = (evaluations: EvaluationsService) => [
  endpoint(
    'GET',
    '/evaluations',
    { summary: 'Lists evaluations, the newest first.', tag, input: wire.listInput, reply: wire.evaluationList },
    async ({ input: { holdout, status, limit = 50, ...named } }) => {
      const model = wire.modelOf(named);
      const found = await evaluations.list({
        ...(model !== undefined && 'runId' in model ? { sourceRunId: model.runId } : { model }),
        holdout: holdout === undefined ? undefined : wire.holdoutOf(holdout),
        status,
        limit,
      });
      return { evaluations: found.map(wire.presentEvaluation) };
    },
  ),
  endpoint(
    'POST',
    '/evaluations',
    {
      summary: 'Takes in what a model scored elsewhere; the record says who posted it and when.',
      tag,
      input: wire.postInput,
      reply: wire.evaluationSchema,
    },
    async ({ input: { holdout, metrics, ...named }, actor }) => {
      const model = wire.modelOf(named);
      if (model === undefined) throw invalid(`No model: expected 'modelId', 'runId', or 'name' and 'version'.`);
      const { name, version } = wire.holdoutOf(holdout);
      if (version === undefined)
        throw invalid(
          `Invalid value ${shown(holdout)} for parameter 'holdout' supplied: expected its version too, such as ${name}@1.`,
        );
      const posted = { model, holdout: { name, version }, metrics: wire.figuresOf(metrics), actor };
      return wire.presentEvaluation(await evaluations.post(posted));
    },
  ),
  endpoint(
    'GET',
    '/evaluations/:evaluationId',
    { summary: 'Shows an evaluation.', tag, path: wire.evaluationPath, reply: wire.evaluationSchema },
    async ({ path }) => wire.presentEvaluation(await evaluations.get(path.evaluationId)),
  ),
  endpoint(
    'POST',
    '/evaluations/:evaluationId/retry',
    { summary: 'Makes a failed evaluation again.', tag, path: wire.evaluationPath, reply: wire.evaluationSchema },
    async ({ path }) => wire.presentEvaluation(await evaluations.retry(path.evaluationId)),
  ),
];
