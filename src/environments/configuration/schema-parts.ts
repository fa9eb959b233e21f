import Type, { type TSchema } from 'typebox';
import { expectedKey, expectedNameKey } from '../../schema.ts';
import { durationPattern } from './duration.ts';

/** What the schema of `cellar.yaml` is made of: kinds of fields, each with what a mistake is told. */

export const strict = { additionalProperties: false } as const;
export const optional = Type.Optional;
export const anything = '^[\\s\\S]*$';

export const text = (description: string, longest: number, expected = 'a text') =>
  Type.String({
    description,
    minLength: 1,
    maxLength: longest,
    [expectedKey]: `${expected}, not empty, of at most ${longest} characters`,
  });

export const duration = (description: string) =>
  Type.String({
    description,
    pattern: durationPattern,
    [expectedKey]: 'a duration such as 90s, 30m, 24h, 7d or 1h30m',
  });

export const count = (description: string, minimum: number, maximum: number) =>
  Type.Integer({ description, minimum, maximum, [expectedKey]: `a whole number from ${minimum} to ${maximum}` });

export const oneOf = <const T extends readonly string[]>(description: string, values: T) =>
  Type.Unsafe<T[number]>(Type.Enum([...values], { description, [expectedKey]: `one of ${values.join(', ')}` }));

interface MapOptions {
  readonly description: string;
  readonly expectedName?: string;
  readonly pattern?: string;
  readonly most: number;
}

/** Values by a name that the file's author chose. */
export const mapOf = <T extends TSchema>(
  value: T,
  { pattern = anything, expectedName, most, description }: MapOptions,
) =>
  Type.Record(Type.String({ pattern }), value, {
    ...strict,
    description,
    maxProperties: most,
    ...(expectedName !== undefined && { [expectedNameKey]: expectedName }),
  });

/** Names of environments and services: they stand in URLs and, of environments, as aliases in the registry. */
export const namePattern = '^[a-z][a-z0-9-]{0,62}$';
export const holdoutPattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$';
export const pinPattern = '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}@[1-9]\\d{0,8}$';
export const plainName = (what: string) =>
  `${what}: lower-case letters, digits and '-', beginning with a letter, at most 63 characters`;
export const models = {
  expectedName: 'the name of a registered model',
  pattern: '^[^/:@\\s][^/:@]{0,255}$',
  most: 100,
};
export const perEnvironmentOf = {
  expectedName: plainName('the name of an environment'),
  pattern: namePattern,
  most: 50,
};
