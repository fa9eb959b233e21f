import type { RunQuery, RunTable } from './service.ts';
import type { Row } from './wire.ts';

const fixed = ['run_id', 'run_name', 'status', 'start_time', 'end_time', 'user', 'parent_run_id'] as const;
const rowsOfPage = 200;

/**
 * The runs that a query finds as lines of CSV (RFC 4180), read page by page while they are sent: what describes the run,
 * then `columns`, or everything that people logged where none is named. Values stand as they were logged, times as ISO
 * 8601 in UTC.
 */
export async function* runsAsCsv(
  table: RunTable,
  query: RunQuery,
  columns: readonly string[] | undefined,
): AsyncGenerator<string> {
  const chosen = columns ?? (await everyColumn(table, query.experimentId));
  let head = line([...fixed, ...chosen]);
  let pageToken: string | null = null;
  do {
    const page: Awaited<ReturnType<RunTable['rows']>> = await table.rows({
      ...query,
      columns: chosen,
      limit: rowsOfPage,
      pageToken: pageToken ?? undefined,
    });
    // With the first rows, so that a query that is refused is refused before anything was sent.
    yield head + page.rows.map(lineOf).join('');
    head = '';
    pageToken = page.nextPageToken;
  } while (pageToken !== null);
}

async function everyColumn(table: RunTable, experimentId: string): Promise<string[]> {
  const { params, metrics, tags } = await table.columns(experimentId, false);
  const named = (kind: string, columns: readonly { key: string }[]) => columns.map(({ key }) => `${kind}.${key}`);
  return [
    ...named('params', params),
    ...named('metrics', metrics),
    ...named(
      'tags',
      tags.filter(({ key }) => !key.startsWith('mlflow.')),
    ),
  ];
}

const moment = (time: number | null) => (time === null ? '' : new Date(time).toISOString());

const lineOf = ({ runId, name, status, startTime, endTime, user, parentRunId, cells }: Row) =>
  line([runId, name, status, moment(startTime), moment(endTime), user, parentRunId, ...cells]);

const line = (values: readonly (string | number | null)[]) => `${values.map(field).join(',')}\r\n`;

function field(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
