import { describe, expect, it } from 'vitest';
import { signatureDifference } from './signature.ts';

interface Column {
  readonly name?: string;
  readonly type: string;
  readonly required?: boolean;
}
const signature = (inputs: Column[], outputs: Column[] = [{ type: 'long' }]) => JSON.stringify({ inputs, outputs });
const ash = { name: 'Ash', type: 'double', required: true };
const hue = { name: 'Hue', type: 'long', required: true };

describe('a signature that callers of the champion do not notice', () => {
  it.each<[string, string | null, string | null]>([
    ['the same', signature([ash, hue]), signature([ash, hue])],
    ['another order of the inputs', signature([hue, ash]), signature([ash, hue])],
    ['fewer inputs', signature([ash]), signature([ash, hue])],
    ['a wider number', signature([{ ...hue, type: 'double' }]), signature([hue])],
    ['one more input that is optional', signature([ash, { ...hue, required: false }]), signature([ash])],
    ['a champion that promises nothing', null, null],
    ['a champion without a signature', signature([ash]), null],
  ])('%s', (_, candidate, champion) => {
    expect(signatureDifference(candidate, champion)).toBeNull();
  });
});

describe('a signature that they do notice', () => {
  const tensor = (dtype: string) => ({ type: 'tensor', 'tensor-spec': { dtype, shape: [-1, 13] } });
  it.each<[string, string | null, string | null, string]>([
    [
      'one more required input',
      signature([ash, hue]),
      signature([ash]),
      'it requires the input Hue, which the champion does not know',
    ],
    [
      'a narrower number',
      signature([{ ...ash, type: 'float' }]),
      signature([ash]),
      "its input Ash is float, the champion's double",
    ],
    [
      'a number that was a word',
      signature([{ ...ash, type: 'string' }]),
      signature([ash]),
      "its input Ash is string, the champion's double",
    ],
    [
      'required now',
      signature([ash]),
      signature([{ ...ash, required: false }]),
      'it requires the input Ash, which is optional for the champion',
    ],
    [
      'other outputs',
      signature([ash], [{ type: 'string' }]),
      signature([ash]),
      "its outputs are #1 string, the champion's #1 long",
    ],
    ['none any more', null, signature([ash]), 'it has no signature, the champion has one'],
    [
      'another tensor',
      signature([tensor('float32')]),
      signature([tensor('float64')]),
      "its input #1 is tensor of float32 [-1, 13], the champion's tensor of float64 [-1, 13]",
    ],
  ])('%s', (_, candidate, champion, difference) => {
    expect(signatureDifference(candidate, champion)).toBe(difference);
  });
});
