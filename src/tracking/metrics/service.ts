import { setImmediate as nextTurn } from 'node:timers/promises';
import { BoundedCache } from '../../bounded-cache.ts';
import { invalid, notFound, shown } from '../../errors.ts';
import { groupBy } from '../../group-by.ts';
import { decodePageToken, encodePageToken } from '../../http/page-token.ts';
import type { Keys } from '../../storage/keys.ts';
import type { Storage } from '../../storage/storage.ts';
import { findRun } from '../runs/store.ts';
import { pointsText } from './points-text.ts';
import { samplePositions } from './sampling.ts';
import * as store from './store.ts';
import type { GetHistory, GetHistoryBulk, GetHistoryInterval, MetricSummaryReply } from './wire.ts';

const maxRuns = 100;
const maxBulkPoints = 25_000;
const maxIntervalPoints = 2500;
/** Points read or written as text at once: a few milliseconds of the event loop, then others get their turn. */
const slice = 5000;
const bucketsASlice = 20;
/** Histories of which the points that come next are read before they are asked for. */
const expectedHistories = 4;
/** Points of samples that are kept in memory. */
const rememberedPoints = 50_000;
/** Metrics whose extremes are kept in memory. */
const rememberedExtremes = 20_000;

export type MetricsService = ReturnType<typeof metricsService>;

/** Reads histories of run metrics. Points are returned as the JSON texts of the wire, ready to be joined. */
export function metricsService({ storage, keys }: { storage: Storage; keys: Keys }) {
  const { dialect } = storage;
  // A history only grows, so its number of points says which state of it a sample was taken from.
  const samples = new BoundedCache<string, Sample>(rememberedPoints, ({ points }) => 1 + pointsIn(points));
  const extremes = new BoundedCache<string, readonly store.Extreme[]>(rememberedExtremes, () => 1);
  const expected = new BoundedCache<string, Reading>(expectedHistories, () => 1);

  async function findSeries(runIds: readonly string[], key: string): Promise<store.Series[]> {
    return storage.read(function* () {
      const keyId = yield* keys.find(key);
      return keyId === undefined ? [] : yield* store.listSeries(dialect, runIds, keyId);
    });
  }

  /** Begins to read the next points of a history that `left` more are wanted of. */
  function readNext(series: store.Series, last: store.Position | undefined, left: number): Reading {
    const inOrder = series.in_order === 1;
    // A series out of order is sorted for every read of it, so it is read in as few as possible.
    const most = inOrder ? slice : maxBulkPoints;
    // A short rest is not worth a read of its own.
    const wanted = left < 2 * most ? left : most;
    const name = [series.run_no, series.key_id, series.points, wanted, ...(last ?? [])].join();
    const begun = expected.get(name);
    expected.delete(name);
    if (begun !== undefined) return begun;
    const walk = inOrder ? store.pointsByStep : store.pointsByTime;
    const long = !inOrder || Math.min(left, series.points) >= slice;
    const points = storage.read(() => walk(series, last, wanted), { long });
    // It may fail while nobody waits for it yet.
    points.catch(() => undefined);
    return { name, points, wanted };
  }

  /** Whoever reads a history by long pages is likely to ask for the next one: its first points are read meanwhile. */
  function expectPage(series: store.Series, last: store.Position, pageSize: number): void {
    if (pageSize <= slice) return;
    const reading = readNext(series, last, pageSize + 1);
    expected.set(reading.name, reading);
    reading.points.catch(() => expected.delete(reading.name));
  }

  /**
   * Points by (timestamp, step, value) after a point, in slices; the next one is read while the caller works on the last.
   */
  async function* history(
    series: store.Series,
    position: store.Position | undefined,
    count: number,
  ): AsyncGenerator<store.Points> {
    let left = count;
    for (let next = readNext(series, position, left), more = true; more; ) {
      const points: store.Points = await next.points;
      left -= next.wanted;
      more = left > 0 && pointsIn(points) === next.wanted;
      if (more) next = readNext(series, lastOf(points), left);
      if (points.length > 0) yield points;
    }
  }

  return {
    /**
     * The history of a metric by (timestamp, step, value), all of it or a page. Unknown runs and keys have none.
     * INVALID_PARAMETER_VALUE for a page size below 1 or a foreign token.
     */
    async getHistory(input: GetHistory): Promise<{ points: Buffer[]; nextPageToken: string | undefined }> {
      const { runId, metricKey, maxResults } = input;
      if (maxResults !== undefined && maxResults < 1)
        throw invalid(`Invalid value ${maxResults} for parameter 'max_results': expected at least 1.`);
      const question = ['history', runId, metricKey];
      const position = decodePageToken(input.pageToken, question, isPosition) as store.Position | undefined;
      const [series] = await findSeries([runId], metricKey);
      if (series === undefined) return { points: [], nextPageToken: undefined };
      const texts: Buffer[] = [];
      let left = maxResults ?? Number.POSITIVE_INFINITY;
      let last: store.Position = [];
      // One more than asked for says whether there is a next page.
      for await (const points of history(series, position, left + 1)) {
        const wanted = points.subarray(0, 4 * left);
        const more = wanted.length < points.length;
        if (wanted.length > 0) last = lastOf(wanted);
        if (more && maxResults !== undefined) expectPage(series, last, maxResults);
        if (wanted.length > 0) texts.push(pointsText(wanted, metricKey));
        left -= pointsIn(wanted);
        if (more) return { points: texts, nextPageToken: encodePageToken(last, question) };
      }
      return { points: texts, nextPageToken: undefined };
    },

    /** Points of up to 100 runs by (run id, timestamp, step, value), at most 25,000 in all. */
    async getHistoryBulk(input: GetHistoryBulk): Promise<Buffer[]> {
      checkRuns('run_id', input.runId);
      const limit = Math.min(input.maxResults ?? maxBulkPoints, maxBulkPoints);
      if (limit < 1)
        throw invalid(`Invalid value ${limit} for parameter 'max_results': expected 1 to ${maxBulkPoints}.`);
      const texts: Buffer[] = [];
      let left = limit;
      for (const series of await findSeries(input.runId, input.metricKey)) {
        if (left === 0) break;
        for await (const points of history(series, undefined, left)) {
          texts.push(pointsText(points, input.metricKey, series.run_id));
          left -= pointsIn(points);
        }
      }
      return texts;
    },

    /**
     * At most `maxResults` points of each of up to 100 runs between two steps, by (step, timestamp, value), and for
     * each run how many points they stand for.
     */
    async getHistoryInterval(input: GetHistoryInterval): Promise<{ points: Buffer[]; counts: Map<string, number> }> {
      checkRuns('run_ids', input.runIds);
      const { startStep, endStep } = input;
      const limit = input.maxResults ?? maxIntervalPoints;
      if (limit < 1 || limit > maxIntervalPoints)
        throw invalid(`Invalid value ${limit} for parameter 'max_results': expected 1 to ${maxIntervalPoints}.`);
      if ((startStep === undefined) !== (endStep === undefined))
        throw invalid("Parameters 'start_step' and 'end_step' go together: give both or neither.");
      if (startStep !== undefined && endStep !== undefined && startStep > endStep)
        throw invalid(`Parameter 'start_step' (${startStep}) must not be greater than 'end_step' (${endStep}).`);
      const texts: Buffer[] = [];
      const counts = new Map<string, number>();
      for (const series of await findSeries(input.runIds, input.metricKey)) {
        const name = [series.run_no, series.key_id, series.points, startStep, endStep, limit].join();
        const sample = samples.get(name) ?? (await sampled(series, startStep, endStep, limit));
        samples.set(name, sample);
        counts.set(series.run_id, sample.count);
        if (sample.points.length > 0) texts.push(pointsText(sample.points, input.metricKey, series.run_id));
      }
      return { points: texts, counts };
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
    // No point sorts before (start, -2^53, …): the range begins right after it.
    let last: store.Position | undefined = whole ? undefined : [start, Number.MIN_SAFE_INTEGER, 0, 0];
    let at = -1;
    if (count === positions.length)
      return { points: await storage.read(() => store.pointsByStep(series, last, count)), count };
    const points: number[] = [];
    for (let i = 0; i < positions.length; i += bucketsASlice) {
      const wanted = positions.slice(i, i + bucketsASlice);
      const found = await storage.read(function* () {
        const jumped: number[] = [];
        let from = last;
        let reached = at;
        for (const position of wanted) {
          const point = yield* store.pointsByStep(series, from, 1, position - reached - 1);
          if (point.length === 0) break;
          jumped.push(...point);
          from = [...point];
          reached = position;
        }
        return jumped;
      });
      points.push(...found);
      last = points.slice(-4);
      at = wanted.at(-1)!;
      await nextTurn();
    }
    return { points: Float64Array.from(points), count };
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

/** Points that are being read. */
interface Reading {
  /** The same for the same points of the same state of a history. */
  readonly name: string;
  readonly points: Promise<store.Points>;
  readonly wanted: number;
}

/** Points that stand for `count` of them. */
interface Sample {
  readonly points: store.Points;
  readonly count: number;
}

const pointsIn = (points: store.Points) => points.length / 4;
const isPosition = (values: readonly unknown[]) =>
  values.length === 4 && values.every((value) => typeof value === 'number');
const lastOf = (points: store.Points): store.Position => [...points.subarray(-4)];

function checkRuns(parameter: string, runIds: readonly string[]): void {
  if (runIds.length === 0 || runIds.length > maxRuns)
    throw invalid(`Parameter '${parameter}' holds ${runIds.length} run ids: expected 1 to ${maxRuns}.`);
  const empty = runIds.indexOf('');
  if (empty !== -1)
    throw invalid(`Invalid value ${shown('')} for parameter '${parameter}[${empty}]': expected a run id.`);
}
