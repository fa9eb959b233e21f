import { describe, expect, test } from 'vitest';
import { answersOf, compareAnswers, recordedAnswers } from './compare.ts';

describe('two answers are the same', () => {
  test.each([
    ['labels that are identical', 'Barolo', 'Barolo', 0],
    ['numbers within the tolerance', 1213.6003, 1213.60034, 0],
    ['small numbers, measured against 1', 0.000_001, 0.000_002, 0],
    ['numbers beyond it', 1.001, 1.002, 1],
    ['whole numbers, which may be labels, only when identical', 1_000_000, 1_000_001, 1],
    ['a number and a text of it, never', 1, '1', 1],
    ['probabilities of every class', [0.25, 0.75], [0.250_001, 0.749_999], 0],
    ['one probability that differs', [0.2, 0.8], [0.3, 0.7], 1],
  ])('%s', (_, found, wanted, differing) => {
    expect(compareAnswers([found], [wanted]).differing).toBe(differing);
  });

  test('a missing answer differs, and the first difference is told', () => {
    expect(compareAnswers([1], [1, 2])).toMatchObject({
      rows: 2,
      differing: 1,
      first: 'row 1: undefined instead of 2',
    });
  });
});

test('a column alone in its record or list stands for the row', () => {
  expect(answersOf([{ prediction: 1 }, [2], 3])).toEqual([1, 2, 3]);
});

test('what cannot be compared is undefined', () => {
  expect(answersOf([{ label: 'a', score: 1 }])).toBeUndefined();
  expect(answersOf('text')).toBeUndefined();
});

test('recorded answers take the form of those that are given: labels, or numbers for each class', () => {
  const recorded = { columns: ['row', 'label', 'prediction', 'p_0', 'p_1'], data: [[0, 'a', 'b', 0.4, 0.6]] };
  expect(recordedAnswers(['b'], recorded)).toEqual(['b']);
  expect(recordedAnswers([[0.4, 0.6]], recorded)).toEqual([[0.4, 0.6]]);
  expect(recordedAnswers([[0.1, 0.2, 0.7]], recorded)).toBeUndefined();
});
