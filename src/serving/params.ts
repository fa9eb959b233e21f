import { invalid, shown } from '../errors.ts';
import type { JsonRecord } from './rows.ts';
import type { ColumnType, Param } from './signature.ts';

/**
 * The parameters of a prediction, with the defaults of those that are absent; undefined where the model takes none.
 * Parameters that the model does not know are left out, as MLflow does. Throws INVALID_PARAMETER_VALUE.
 */
export function castParams(given: JsonRecord | undefined, specs: readonly Param[]): JsonRecord | undefined {
  if (specs.length === 0) return undefined;
  const params: Record<string, unknown> = {};
  for (const spec of specs) {
    const value = given !== undefined && Object.hasOwn(given, spec.name) ? given[spec.name] : spec.default;
    if (!fits(value, spec))
      throw invalid(
        `Invalid value ${shown(value)} for the parameter '${spec.name}' of the prediction: expected ${
          spec.shape === undefined ? spec.type : `a list of ${spec.type}`
        }.`,
      );
    params[spec.name] = value;
  }
  return params;
}

function fits(value: unknown, { type, shape }: Param): boolean {
  if (value === null || value === undefined) return true;
  if (shape === undefined) return isA(type, value);
  return Array.isArray(value) && value.every((item) => isA(type, item));
}

function isA(type: ColumnType, value: unknown): boolean {
  switch (type) {
    case 'double':
    case 'float':
      return typeof value === 'number';
    case 'integer':
    case 'long':
      return Number.isSafeInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return typeof value === 'string';
  }
}
