import { describe, expect, it } from 'vitest';
import { completionsAt } from './completion.ts';

const columns = {
  params: [{ key: 'model' }, { key: 'max depth' }],
  metrics: [
    { key: 'f1', min: 0, max: 1 },
    { key: 'val/loss', min: 0, max: 1 },
  ],
  tags: [{ key: 'env' }],
  datasets: [{ key: 'wine' }, { key: "the winter's" }],
};

/** The caret stands at `|`. */
function offered(marked: string, values: string[] = []) {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { items, start, end, valuesOf } = completionsAt(text, caret, columns, values);
  return { texts: items.map((item) => item.text.trim()), replaced: text.slice(start, end), valuesOf };
}

describe('completion of a filter', () => {
  it.each([
    ['|', 'metrics.f1'],
    ['me|', 'metrics.f1'],
    ['f|', 'metrics.f1'],
    ['metrics.f1 > 0.9 and |', 'params.model'],
    ['(|', 'params.model'],
    ['metrics.f1 > 0.9 or (params.mo|', 'params.model'],
    ['status = |', "'RUNNING'"],
    ['metrics.f1 |', '>'],
    ['params.model |', 'IS NULL'],
    ['attributes.run_id |', 'IN ('],
    ['metrics.f1 > 0.9 |', 'AND'],
    ['datasets.name = |', "'wine'"],
    ["datasets.name IN ('wine', |", `"the winter's"`],
    ["params.model = 'rf' |", 'AND'],
    ['tags.env IS NULL |', 'OR'],
    ["(metrics.f1 > 1 or params.model = 'x') |", 'AND'],
  ])('offers at %s what may come: %s', (text, expected) => {
    expect(offered(text).texts).toContain(expected);
  });

  it('writes a key of other characters in backticks, and finds it by what is inside', () => {
    expect(offered('val|').texts).toEqual(['metrics.`val/loss`']);
    expect(offered('max|').texts).toEqual(['params.`max depth`']);
  });

  it('replaces the whole word at the caret', () => {
    expect(offered('metrics.x|yz > 1').replaced).toBe('metrics.xyz');
    expect(offered('metrics.f1 > 1 and |').replaced).toBe('');
  });

  it('asks for the values of a param or tag, and quotes them', () => {
    expect(offered('params.model = |').valuesOf).toBe('params.model');
    expect(offered("params.model = 'r|", ['rf', "it's rf", 'svm']).texts).toEqual([`'rf'`, `"it's rf"`]);
    expect(offered('metrics.f1 = |').valuesOf).toBeUndefined();
  });

  it('offers nothing inside a number, nor what is written already', () => {
    expect(offered('metrics.f1 > 0.9|').texts).toEqual([]);
    expect(offered('metrics.f1|').texts).toEqual([]);
  });
});
