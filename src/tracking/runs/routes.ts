import { utf8 } from '../../http/json.ts';
import { get, JsonText, post, type Route } from '../../http/route.ts';
import { withValue } from '../experiments/wire.ts';
import type { InputsService } from './inputs.ts';
import type { LogService } from './log.ts';
import type { RunSearch } from './search.ts';
import type { RunsService } from './service.ts';
import * as wire from './wire.ts';

export interface RunRoutesDeps {
  readonly runs: RunsService;
  readonly search: RunSearch['search'];
  readonly log: LogService;
  readonly inputs: InputsService;
}

const runReply = (document: string) => new JsonText(`{"run":${document}}`);

export function runRoutes({ runs, search, log, inputs }: RunRoutesDeps): Route[] {
  return [
    post('/mlflow/runs/create', wire.createRun, async (input) => runReply(await runs.create(input))),
    get('/mlflow/runs/get', wire.getRun, async ({ runId }) => runReply(await runs.get(runId))),
    post('/mlflow/runs/update', wire.updateRun, async (input) => ({
      run_info: wire.presentRunInfo(await runs.update(input)),
    })),
    post('/mlflow/runs/delete', wire.onlyRunId, ({ runId }) => runs.delete(runId)),
    post('/mlflow/runs/restore', wire.onlyRunId, ({ runId }) => runs.restore(runId)),
    post('/mlflow/runs/search', wire.searchRuns, async (input) => {
      const page = await search(input);
      const token = page.nextPageToken === undefined ? '' : `"next_page_token":"${page.nextPageToken}"`;
      if (page.runs.length === 0) return new JsonText(`{${token}}`);
      const pieces = page.runs.flatMap((run) => [',', run]);
      pieces[0] = '{"runs":[';
      pieces.push(token === '' ? ']}' : `],${token}}`);
      return new JsonText(utf8(pieces));
    }),
    post('/mlflow/runs/log-metric', wire.logMetric, ({ runId, ...metric }) => log.logMetric(runId, metric)),
    post('/mlflow/runs/log-parameter', wire.logParam, ({ runId, ...param }) => log.logParam(runId, withValue(param))),
    post('/mlflow/runs/set-tag', wire.setTag, ({ runId, ...tag }) => log.setTag(runId, withValue(tag))),
    post('/mlflow/runs/delete-tag', wire.deleteTag, ({ runId, key }) => log.deleteTag(runId, key)),
    post('/mlflow/runs/log-batch', wire.logBatch, (input) => log.logBatch(input)),
    post('/mlflow/runs/log-model', wire.logModel, ({ runId, modelJson }) => log.logModel(runId, modelJson)),
    post('/mlflow/runs/log-inputs', wire.logInputs, (input) => inputs.logInputs(input)),
    post('/mlflow/runs/outputs', wire.logOutputs, (input) => inputs.logOutputs(input)),
  ];
}
