/**
 * How a candidate's signature differs from the champion's for those who call it; null when they notice nothing: its
 * required inputs are among the champion's, with the same or a wider type, and its outputs are the same. Both are the
 * JSON of MLmodel files, null where a model has none; a champion without one promises nothing.
 */
export function signatureDifference(candidate: string | null, champion: string | null): string | null {
  if (champion === null) return null;
  if (candidate === null) return 'it has no signature, the champion has one';
  const [its, champions] = [parsed(candidate), parsed(champion)];
  const known = new Map(champions.inputs.map((field) => [field.name, field]));
  for (const { name, type, required } of its.inputs) {
    const other = known.get(name);
    if (other === undefined) {
      if (required) return `it requires the input ${name}, which the champion does not know`;
      continue;
    }
    if (!isAtLeast(type, other.type)) return `its input ${name} is ${type}, the champion's ${other.type}`;
    if (required && !other.required) return `it requires the input ${name}, which is optional for the champion`;
  }
  const outputs = (fields: readonly Field[]) => fields.map(({ name, type }) => `${name} ${type}`).join(', ') || 'none';
  return outputs(its.outputs) === outputs(champions.outputs)
    ? null
    : `its outputs are ${outputs(its.outputs)}, the champion's ${outputs(champions.outputs)}`;
}

interface Field {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

/** Whoever sends a narrower number is understood by what takes a wider one. */
const numbers = ['integer', 'long', 'float', 'double'];

function isAtLeast(type: string, other: string): boolean {
  if (type === other) return true;
  const [mine, others] = [numbers.indexOf(type), numbers.indexOf(other)];
  return mine !== -1 && others !== -1 && mine >= others;
}

function parsed(text: string): { inputs: Field[]; outputs: Field[] } {
  const signature = JSON.parse(text) as { inputs?: unknown; outputs?: unknown };
  return { inputs: fieldsOf(signature.inputs), outputs: fieldsOf(signature.outputs) };
}

/** A column has a name; a tensor or an output may have none and is known by its place. */
function fieldsOf(list: unknown): Field[] {
  const fields = typeof list === 'string' ? JSON.parse(list) : (list ?? []);
  return (fields as Record<string, unknown>[]).map((field, i) => ({
    name: typeof field['name'] === 'string' ? field['name'] : `#${i + 1}`,
    type: typeText(field),
    required: field['required'] !== false && field['optional'] !== true,
  }));
}

function typeText({ type, ...rest }: Record<string, unknown>): string {
  if (type === 'tensor') {
    const spec = rest['tensor-spec'] as { dtype?: string; shape?: readonly number[] } | undefined;
    return `tensor of ${spec?.dtype} [${spec?.shape?.join(', ')}]`;
  }
  if (type === 'object' || type === 'array' || type === 'map') {
    const { name: _, required: __, optional: ___, ...shape } = rest;
    return `${type} ${JSON.stringify(shape)}`;
  }
  return String(type);
}
