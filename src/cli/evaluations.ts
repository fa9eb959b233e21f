import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Evaluation } from '../client/evaluations.ts';
import { asking, group, remoteCommand, wholeNumber } from './kit/command.ts';
import { type Cell, facts, table } from './kit/table.ts';
import type { Terminal } from './kit/terminal.ts';
import { bytes, duration, exactTime, figure, relativeTime } from './kit/words.ts';

interface ListOptions {
  readonly model?: { readonly name: string; readonly version: number };
  readonly loggedModel?: string;
  readonly run?: string;
  readonly holdout?: string;
  readonly status?: Evaluation['status'];
  readonly limit?: number;
}

const statuses: Readonly<Record<Evaluation['status'], 'good' | 'bad' | 'faint' | 'strong'>> = {
  pending: 'faint',
  running: 'strong',
  succeeded: 'good',
  failed: 'bad',
};

const statusCell = ({ status }: Evaluation): Cell => ({ text: status, tone: statuses[status] });

/** `cellar evaluations`: what models score on holdouts. */
export function evaluationsCommand(terminal: Terminal): Command {
  return group(terminal, 'evaluations', 'What models score on holdouts.')
    .addCommand(
      remoteCommand(terminal, 'list', {
        summary: 'List evaluations, the newest first.',
        examples: [
          'cellar evaluations list --holdout wine-holdout@1',
          ['cellar evaluations list --model AImodel/3', 'all of one version'],
          ['cellar evaluations list --status failed', 'what went wrong'],
        ],
      })
        .option('--model <NAME/VERSION>', 'only of this version of a registered model', versionNamed)
        .option('--logged-model <ID>', 'only of this logged model')
        .option('--run <RUN>', 'only of models that this run made')
        .option('--holdout <NAME[@VERSION]>', 'only on this holdout')
        .addOption(new Option('--status <STATUS>', 'only those that stand so').choices(Object.keys(statuses)))
        .option('--limit <NUMBER>', 'at most so many', wholeNumber(1))
        .action(
          asking<[ListOptions]>(terminal, async (client, { model, loggedModel, run, ...rest }) => {
            const found = await client.listEvaluations({ ...model, modelId: loggedModel, runId: run, ...rest });
            return { value: found, text: () => listed(found, terminal) };
          }),
        ),
    )
    .addCommand(
      remoteCommand(terminal, 'show', {
        summary: 'Show an evaluation: its metrics, how fast the model answers, or why it failed.',
        examples: ['cellar evaluations show e-0123456789abcdef0123456789abcdef'],
      })
        .argument('<EVALUATION>', 'id of the evaluation')
        .action(
          asking<[string]>(terminal, async (client, evaluationId) => {
            const evaluation = await client.getEvaluation(evaluationId);
            return { value: evaluation, text: () => shown(evaluation, terminal) };
          }),
        ),
    )
    .addCommand(
      remoteCommand(terminal, 'retry', {
        summary: 'Make a failed evaluation again.',
        examples: ['cellar evaluations retry e-0123456789abcdef0123456789abcdef'],
      })
        .argument('<EVALUATION>', 'id of the evaluation')
        .action(
          asking<[string]>(terminal, async (client, evaluationId) => {
            const evaluation = await client.retryEvaluation(evaluationId);
            return { value: evaluation, text: () => shown(evaluation, terminal) };
          }),
        ),
    );
}

function versionNamed(text: string): { name: string; version: number } {
  const [, name, version] = /^(.+)\/([1-9]\d{0,8})$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Expected a name and a version, such as AImodel/3.');
  return { name, version: Number(version) };
}

function listed(evaluations: readonly Evaluation[], terminal: Terminal): string {
  if (evaluations.length === 0) return 'No evaluations.\n';
  const now = terminal.now();
  return table(
    ['evaluation', 'model', 'holdout', 'status', 'scores', 'asked for'],
    evaluations.map((evaluation) => [
      evaluation.evaluationId,
      evaluation.label,
      `${evaluation.holdout.name}@${evaluation.holdout.version}`,
      statusCell(evaluation),
      evaluation.error === null ? scores(evaluation, headlines).join(', ') : evaluation.error.type,
      relativeTime(evaluation.creationTime, now),
    ]),
    terminal,
  );
}

/** The metrics by which models are mostly told apart; all others are told by `show`. */
const headlines: ReadonlySet<string> = new Set(['accuracy', 'f1_weighted', 'log_loss', 'rmse', 'r2']);

const score = (value: number | string) => (typeof value === 'number' ? figure(value) : value);

/** `accuracy 0.93`; all metrics where none of the wanted ones is among them. */
function scores({ metrics }: Evaluation, wanted: ReadonlySet<string>): string[] {
  const all = Object.entries(metrics);
  const found = all.filter(([name]) => wanted.has(name));
  return (found.length > 0 ? found : all).map(([name, value]) => `${name} ${score(value)}`);
}

function shown(evaluation: Evaluation, terminal: Terminal): string {
  const { status, error, latencyMs, external, actor, endTime, startTime } = evaluation;
  return facts(
    [
      ['evaluation', evaluation.evaluationId],
      ['model', evaluation.label],
      ['holdout', `${evaluation.holdout.name}@${evaluation.holdout.version}`],
      ['status', statusCell(evaluation)],
      ['why', error === null ? null : `${error.type}: ${error.message}`],
      ...Object.entries(evaluation.metrics).map(([name, value]) => [name, score(value)] as const),
      ['rows', evaluation.rows],
      [
        'one row',
        latencyMs === null ? null : `${figure(latencyMs.row.p50)} ms, 95 % within ${figure(latencyMs.row.p95)} ms`,
      ],
      [
        latencyMs === null ? '' : `${latencyMs.batch.rows} rows`,
        latencyMs === null ? null : `${figure(latencyMs.batch.p50)} ms, 95 % within ${figure(latencyMs.batch.p95)} ms`,
      ],
      ['size', evaluation.sizeBytes === null ? null : bytes(evaluation.sizeBytes)],
      [external ? 'posted' : 'asked for', `${exactTime(evaluation.creationTime)}, by ${actor}`],
      ['took', startTime === null || endTime === null ? null : duration(endTime - startTime)],
      ['attempts', external || status === 'pending' ? null : evaluation.attempts],
      ['run', evaluation.runId],
      ['job', evaluation.jobId],
      ['artifact digest', evaluation.artifactDigest],
      ['warnings', evaluation.warnings.join('\n')],
    ],
    terminal,
  );
}
