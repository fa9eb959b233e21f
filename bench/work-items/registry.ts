import { api } from '../subject.ts';
import type { WorkItem } from './work-item.ts';

export const readRegistry: WorkItem = {
  name: 'W8',
  what: 'registered models with 4 versions and an alias each: search, search LIKE; latest versions and by alias at 16 connections',
  async *run(subject) {
    const vary = subject.sizes.models;
    await subject.call('POST', `${api}/registered-models/create`, { name: `probe-${subject.nonce}` });
    await subject.seed('W8 models', 'models', vary);
    yield;
    for (const [name, filter] of [
      ['all', undefined],
      ['LIKE', "name LIKE '%model-%9%'"],
    ] as const) {
      const query = new URLSearchParams({ max_results: '100', ...(filter !== undefined && { filter }) });
      const path = `${api}/registered-models/search?${query}`;
      yield* subject.timed(
        `W8 search models ${name} c1`,
        { job: 'request', method: 'GET', path, expect: '"registered_models"', minOps: 10 },
        { quantiles: ['p50', 'p95'] },
      );
    }
    const lookUp = { job: 'request', connections: 16, vary, minOps: 32 };
    yield* subject.timed(
      'W8 latest versions c16',
      {
        ...lookUp,
        method: 'POST',
        path: `${api}/registered-models/get-latest-versions`,
        body: '{"name":"bench-model-@@I@@"}',
        expect: '"model_versions"',
      },
      { rate: 'req/s' },
    );
    yield* subject.timed(
      'W8 by alias c16',
      {
        ...lookUp,
        method: 'GET',
        path: `${api}/registered-models/alias?name=bench-model-@@I@@&alias=champion`,
        expect: '"model_version"',
      },
      { rate: 'req/s' },
    );
  },
};
