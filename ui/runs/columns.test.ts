import { describe, expect, it } from 'vitest';
import { columnsFromUrl, columnsToUrl, datasetOf, defaultColumns, keyColumns, toggled } from './columns.ts';

const keys = (count: number, name: string) => Array.from({ length: count }, (_, i) => ({ key: `${name}${i}` }));

describe('the columns of the runs table', () => {
  it('begin with the first few metrics, params and tags, without those that MLflow sets', () => {
    const metrics = keys(20, 'm').map((metric) => ({ ...metric, min: 0, max: 1 }));
    const columns = defaultColumns({
      params: keys(2, 'p'),
      metrics,
      tags: [{ key: 'mlflow.user' }, ...keys(1, 't')],
      datasets: keys(2, 'd'),
    });
    expect(keyColumns(columns)).toEqual([
      ...keys(8, 'metrics.m').map(({ key }) => key),
      'params.p0',
      'params.p1',
      'tags.t0',
    ]);
    expect(columns[0]).toBe('attributes.start_time');
  });

  it('keep keys of any characters in the URL', () => {
    const columns = ['attributes.start_time', 'params.a,b', 'metrics.val%2C/loss', 'tags.Ä ö'];
    expect(columnsFromUrl(columnsToUrl(columns))).toEqual(columns);
    expect(columnsFromUrl('')).toBeUndefined();
  });

  it('stay together by group when one is added', () => {
    expect(toggled(['attributes.start_time', 'params.a', 'tags.t'], 'metrics.m')).toEqual([
      'attributes.start_time',
      'metrics.m',
      'params.a',
      'tags.t',
    ]);
    expect(toggled(['params.a', 'metrics.m'], 'duration')[0]).toBe('duration');
    expect(toggled(['params.a', 'metrics.m'], 'params.a')).toEqual(['metrics.m']);
    expect(toggled(['datasets.wine', 'metrics.m'], 'tags.t')).toEqual(['metrics.m', 'tags.t', 'datasets.wine']);
    expect(['datasets.wine', 'datasets.a.b', 'datasets', 'tags.datasets.x'].map(datasetOf)).toEqual([
      'wine',
      'a.b',
      undefined,
      undefined,
    ]);
  });
});
