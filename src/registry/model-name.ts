import { invalid, shown } from '../errors.ts';
import { checkLength } from '../names.ts';

const maxLength = 256;

/**
 * The rule for names of registered models: not blank, at most 256 characters, without `/` and `:` (they would end the
 * name inside a `models:/` URI), and not a relative path. Throws INVALID_PARAMETER_VALUE naming the parameter.
 */
export function checkModelName(name: string, parameter: 'name' | 'new_name'): void {
  const refuse = (right: string): never => {
    throw invalid(`Invalid value ${shown(name)} for parameter '${parameter}': expected ${right}.`);
  };
  if (name.trim() === '') refuse('a name that is not blank');
  if (/[/:]/.test(name)) refuse("a name without '/' and ':'");
  if (name === '.' || name.startsWith('..')) refuse('a name that is not a relative path');
  checkLength(`The registered model name for '${parameter}'`, name, maxLength);
}
