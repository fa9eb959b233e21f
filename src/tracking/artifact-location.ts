import { invalid, shown } from '../errors.ts';
import { checkLength, limits } from '../names.ts';

/** Object stores that clients reach by themselves; Cellar keeps the text and never fetches from it. */
const objectStores = new Set(['s3', 'gs', 'wasb', 'wasbs', 'dbfs']);

/**
 * Checks the artifact location that a client names for an experiment: a folder of the server's own artifact root
 * (`mlflow-artifacts:/…`) or an object store. Folders of the server's machine and hosts that the server would have to
 * contact are refused (INVALID_PARAMETER_VALUE); MLflow lets a client name any local folder.
 */
export function checkArtifactLocation(location: string): string {
  checkLength("Parameter 'artifact_location'", location, limits.artifactLocation);
  const refuse = (why: string): never => {
    throw invalid(
      `Invalid artifact_location ${shown(location)}: ${why}. Expected mlflow-artifacts:/path, or an object store such as s3://bucket/path.`,
    );
  };
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/s.exec(location);
  if (match === null) return refuse('it names a folder of the server');
  const scheme = match[1]!.toLowerCase();
  const rest = match[2]!;
  if (rest.includes('#') || rest.includes(';')) return refuse("'#' and ';' are not allowed");
  const [pathPart = '', query = ''] = rest.split(/\?(.*)/s);
  if (query.includes('..')) return refuse("its query holds '..'");
  if (decodedSegments(pathPart).some((segment) => segment === '..' || segment === '.' || /[\0\\]/.test(segment)))
    return refuse("it holds '.', '..', a backslash or NUL");
  if (scheme === 'mlflow-artifacts') {
    if (rest.startsWith('//') && !rest.startsWith('///')) return refuse('it names another host');
    if (!rest.startsWith('/')) return refuse("the path must start with '/'");
    return location;
  }
  if (!objectStores.has(scheme)) return refuse(`the scheme '${scheme}' is not allowed`);
  return location;
}

/** Segments after undoing percent-encoding as often as it was applied. */
function decodedSegments(text: string): string[] {
  let decoded = text;
  for (let round = 0; round < 5; round++) {
    try {
      const next = decodeURIComponent(decoded);
      if (next === decoded) break;
      decoded = next;
    } catch {
      break;
    }
  }
  return decoded.split('/');
}

/** `location` with `suffix` appended to its path, before any query. */
export function within(location: string, suffix: string): string {
  const at = location.indexOf('?');
  const base = at === -1 ? location : location.slice(0, at);
  return `${base.replace(/\/+$/, '')}/${suffix}${at === -1 ? '' : location.slice(at)}`;
}
