import { setImmediate as nextTurn } from 'node:timers/promises';
import { BoundedCache } from '../../bounded-cache.ts';
import { invalid, notFound, shown } from '../../errors.ts';
import { groupBy } from '../../group-by.ts';
import { decodePageToken, encodePageToken } from '../../http/page-token.ts';
import type { Keys } from '../../storage/keys.ts';
import type { Storage, Tx } from '../../storage/storage.ts';
import { metricText } from '../runs/documents.ts';
import { findRun } from '../runs/store.ts';
import { samplePositions } from './sampling.ts';
import * as store from './store.ts';
import type { GetHistory, GetHistoryBulk, GetHistoryInterval, MetricSummaryReply } from './wire.ts';

const maxRuns = 100;
const maxBulkPoints = 25_000;
const maxIntervalPoints = 2500;
/** Points read at once: a few milliseconds of the event loop, then others get their turn. */
const slice = 2500;
const bucketsASlice = 20;
/** Points of samples that are kept in memory. */
const rememberedPoints = 50_000;
/** Metrics whose extremes are kept in memory. */
const rememberedExtremes = 20_000;

export type MetricsService = ReturnType<typeof metricsService>;

/** Reads histories of run metrics. Points are returned as the JSON texts of the wire, ready to be joined. */
export function metricsService({ storage, keys }: { storage: Storage; keys: Keys }) {
  const { dialect } = storage;
  // A history only grows, so its number of points says which state of it a sample was taken from.
  const samples = new BoundedCache<string, Sample>(rememberedPoints, ({ rows }) => rows.length);
  const extremes = new BoundedCache<string, readonly store.Extreme[]>(rememberedExtremes, () => 1);

  async function findSeries(runIds: readonly string[], key: string): Promise<store.Series[]> {
    return storage.read(function* () {
      const keyId = yield* keys.find(key);
      return keyId === undefined ? [] : yield* store.listSeries(dialect, runIds, keyId);
    });
  }

  /** Points by (timestamp, step, value) after a point. Series that are in order are walked in slices. */
  async function* history(series: store.Series, position: store.PointRow | undefined, count: number) {
    let last = position;
    let left = count;
    while (left > 0) {
      // A series out of order is sorted for every read of it, so it is read in as few as possible.
      const wanted = Math.min(left, series.in_order === 1 ? slice : maxBulkPoints);
      const body = (): Tx<store.PointRow[]> =>
        series.in_order === 1 ? store.pointsByStep(series, last, wanted) : store.pointsByTime(series, last, wanted);
      const rows = await storage.read(body, { long: series.in_order === 0 });
      if (rows.length > 0) yield rows;
      if (rows.length < wanted) return;
      last = rows.at(-1);
      left -= rows.length;
      await nextTurn();
    }
  }

  return {
    /**
     * The history of a metric by (timestamp, step, value), all of it or a page. Unknown runs and keys have none.
     * INVALID_PARAMETER_VALUE for a page size below 1 or a foreign token.
     */
    async getHistory(input: GetHistory): Promise<{ points: string[]; nextPageToken: string | undefined }> {
      const { runId, metricKey, maxResults } = input;
      if (maxResults !== undefined && maxResults < 1)
        throw invalid(`Invalid value ${maxResults} for parameter 'max_results': expected at least 1.`);
      const question = ['history', runId, metricKey];
      const position = decodePageToken(input.pageToken, question) as store.PointRow | undefined;
      const [series] = await findSeries([runId], metricKey);
      if (series === undefined) return { points: [], nextPageToken: undefined };
      const count = maxResults ?? Number.MAX_SAFE_INTEGER;
      const name = JSON.stringify(metricKey);
      const points: string[] = [];
      let last: store.PointRow | undefined;
      let more = false;
      for await (const rows of history(series, position, count === Number.MAX_SAFE_INTEGER ? count : count + 1)) {
        for (const row of rows) {
          more = points.length === count;
          if (more) break;
          points.push(metricText(name, row[2], row[3], row[1], row[0]));
          last = row;
        }
      }
      return { points, nextPageToken: more && last !== undefined ? encodePageToken(last, question) : undefined };
    },

    /** Points of up to 100 runs by (run id, timestamp, step, value), at most 25,000 in all. */
    async getHistoryBulk(input: GetHistoryBulk): Promise<string[]> {
      checkRuns('run_id', input.runId);
      const limit = Math.min(input.maxResults ?? maxBulkPoints, maxBulkPoints);
      if (limit < 1)
        throw invalid(`Invalid value ${limit} for parameter 'max_results': expected 1 to ${maxBulkPoints}.`);
      const points: string[] = [];
      for (const series of await findSeries(input.runId, input.metricKey)) {
        if (points.length >= limit) break;
        for await (const rows of history(series, undefined, limit - points.length))
          for (const row of rows) points.push(pointOfRun(series, input.metricKey, row));
      }
      return points;
    },

    /**
     * At most `maxResults` points of each of up to 100 runs between two steps, by (step, timestamp, value), and for
     * each run how many points they stand for.
     */
    async getHistoryInterval(input: GetHistoryInterval): Promise<{ points: string[]; counts: Map<string, number> }> {
      checkRuns('run_ids', input.runIds);
      const { startStep, endStep } = input;
      const limit = input.maxResults ?? maxIntervalPoints;
      if (limit < 1 || limit > maxIntervalPoints)
        throw invalid(`Invalid value ${limit} for parameter 'max_results': expected 1 to ${maxIntervalPoints}.`);
      if ((startStep === undefined) !== (endStep === undefined))
        throw invalid("Parameters 'start_step' and 'end_step' go together: give both or neither.");
      if (startStep !== undefined && endStep !== undefined && startStep > endStep)
        throw invalid(`Parameter 'start_step' (${startStep}) must not be greater than 'end_step' (${endStep}).`);
      const points: string[] = [];
      const counts = new Map<string, number>();
      for (const series of await findSeries(input.runIds, input.metricKey)) {
        const name = [series.run_no, series.key_id, series.points, startStep, endStep, limit].join();
        const sample = samples.get(name) ?? (await sampled(series, startStep, endStep, limit));
        samples.set(name, sample);
        counts.set(series.run_id, sample.count);
        for (const row of sample.rows) points.push(pointOfRun(series, input.metricKey, row));
      }
      return { points, counts };
    },

    /**
     * Every metric of a run by key, with its lowest and highest number. Only metrics that have changed since they were
     * asked about are walked. RESOURCE_DOES_NOT_EXIST for an unknown run.
     */
    async summarize(runId: string): Promise<MetricSummaryReply['metrics']> {
      const { runNo, latest, names } = await storage.read(function* () {
        const run = yield* findRun(runId);
        if (run === undefined) throw notFound(`No run with id ${shown(runId)}.`);
        const rows = yield* store.listLatest(run.run_no);
        return { runNo: run.run_no, latest: rows, names: yield* keys.namesOf(rows.map((row) => row.key_id)) };
      });
      const nameOf = (row: store.LatestOfKey) => [runNo, row.key_id, row.points].join();
      const found = new Map(latest.map((row) => [row.key_id, extremes.get(nameOf(row))]));
      const changed = latest.filter((row) => found.get(row.key_id) === undefined);
      const walked = await storage.read(
        () =>
          store.listExtremes(
            storage.dialect,
            runNo,
            changed.map((row) => row.key_id),
          ),
        { long: true },
      );
      const byKey = groupBy(walked, (extreme) => extreme.key_id);
      for (const row of changed) {
        const own = byKey.get(row.key_id) ?? [];
        found.set(row.key_id, own);
        extremes.set(nameOf(row), own);
      }
      return latest
        .map((row) => summaryOf(names.get(row.key_id) ?? '', row, found.get(row.key_id) ?? []))
        .toSorted((a, b) => (a.key < b.key ? -1 : 1));
    },
  };

  /** Jumps along the primary key from bucket to bucket instead of reading what lies between. */
  async function sampled(
    series: store.Series,
    start: number | undefined,
    end: number | undefined,
    limit: number,
  ): Promise<Sample> {
    const whole = start === undefined || end === undefined;
    const count = whole ? series.points : await storage.read(() => store.countPoints(series, start, end));
    const positions = samplePositions(count, limit);
    const rows: store.PointRow[] = [];
    // No point sorts before (start, -2^53, …): the range begins right after it.
    let last: store.PointRow | undefined = whole ? undefined : [start, Number.MIN_SAFE_INTEGER, 0, 0];
    let at = -1;
    if (count === positions.length) {
      let left = count;
      while (left > 0) {
        const chunk = await storage.read(() => store.pointsByStep(series, last, Math.min(left, slice)));
        if (chunk.length === 0) break;
        rows.push(...chunk);
        last = chunk.at(-1);
        left -= chunk.length;
      }
      return { rows, count };
    }
    for (let i = 0; i < positions.length; i += bucketsASlice) {
      const wanted = positions.slice(i, i + bucketsASlice);
      const found = await storage.read(function* () {
        const jumped: store.PointRow[] = [];
        let from = last;
        let reached = at;
        for (const position of wanted) {
          const [row] = yield* store.pointsByStep(series, from, 1, position - reached - 1);
          if (row === undefined) break;
          jumped.push(row);
          from = row;
          reached = position;
        }
        return jumped;
      });
      rows.push(...found);
      last = rows.at(-1);
      at = wanted.at(-1)!;
      await nextTurn();
    }
    return { rows, count };
  }
}

function summaryOf(
  key: string,
  { points, value, is_nan, step }: store.LatestOfKey,
  extremes: readonly store.Extreme[],
): MetricSummaryReply['metrics'][number] {
  const [lowest, highest] = [...extremes]
    .sort((a, b) => a.value - b.value)
    .map((each) => ({ value: each.value, step: each.step }));
  return {
    key,
    points,
    last: { value: is_nan === 1 ? 'NaN' : value, step },
    lowest: lowest ?? null,
    // A metric that never changed has one extreme.
    highest: highest ?? lowest ?? null,
  };
}

/** Points that stand for `count` of them. */
interface Sample {
  readonly rows: readonly store.PointRow[];
  readonly count: number;
}

function pointOfRun(series: store.Series, key: string, row: store.PointRow): string {
  const text = metricText(JSON.stringify(key), row[2], row[3], row[1], row[0]);
  return `${text.slice(0, -1)},"run_id":${JSON.stringify(series.run_id)}}`;
}

function checkRuns(parameter: string, runIds: readonly string[]): void {
  if (runIds.length === 0 || runIds.length > maxRuns)
    throw invalid(`Parameter '${parameter}' holds ${runIds.length} run ids: expected 1 to ${maxRuns}.`);
  const empty = runIds.indexOf('');
  if (empty !== -1)
    throw invalid(`Invalid value ${shown('')} for parameter '${parameter}[${empty}]': expected a run id.`);
}
