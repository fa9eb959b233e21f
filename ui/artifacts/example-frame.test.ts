import { expect, it } from 'vitest';
import { exampleFrame } from './example-frame.ts';

it('reads a data frame', () =>
  expect(exampleFrame('{"columns":["a",1],"data":[["x",2.5],[null,[1]]]}')).toEqual({
    columns: ['a', '1'],
    rows: [
      ['x', '2.5'],
      ['null', '[1]'],
    ],
  }));

it.each(['', 'null', '3', '[[1]]', '{"columns":["a"]}', '{"columns":["a"],"data":[1]}', '{"inputs":[1]}'])(
  'finds none in %j',
  (text) => expect(exampleFrame(text)).toBeUndefined(),
);
