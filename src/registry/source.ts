import { invalid, notFound, shown } from '../errors.ts';
import { checkLength } from '../names.ts';
import type { SourceModel, SourceRun } from './lookups.ts';
import { versionNumber } from './version-number.ts';

/** What an operator lets a version's source name. Cellar never fetches from a source, so schemes are about clients. */
export interface AllowedSources {
  /** Schemes kept as opaque text, in lower case. */
  readonly schemes: readonly string[];
  /** Absolute folders of this machine in which a run's own artifact folder may be a source. */
  readonly localRoots: readonly string[];
}

/** The object stores that an experiment may name too. Schemes that name a host (hdfs, abfss) are for an operator to add. */
export const defaultAllowedSources: AllowedSources = {
  schemes: ['s3', 'gs', 'wasb', 'wasbs', 'dbfs'],
  localRoots: [],
};

export type VersionReference =
  | { readonly by: 'version'; readonly version: number }
  | { readonly by: 'stage'; readonly stage: string }
  | { readonly by: 'alias'; readonly alias: string }
  | { readonly by: 'latest' };

/** A source, taken apart. */
export type Source =
  | { readonly kind: 'opaque' }
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'loggedModel'; readonly modelId: string }
  | { readonly kind: 'modelVersion'; readonly name: string; readonly reference: VersionReference }
  | { readonly kind: 'proxied'; readonly segments: readonly string[]; readonly location: string };

const maxSourceLength = 2048;
const maxEncodings = 4;
const proxyRoute = '/api/2.0/mlflow-artifacts/artifacts/';

const refused = (source: string, right: string) =>
  invalid(`Invalid model version source ${shown(source)}: expected ${right}.`);

/**
 * Takes a source apart and refuses what no run or model could justify: relative segments in any encoding, schemes
 * outside the allow-list, URLs of other hosts. `ownHost` is the host that the caller reached this server by.
 * Throws INVALID_PARAMETER_VALUE.
 */
export function parseSource(text: string, allowed: AllowedSources, ownHost: string | undefined): Source {
  checkLength("Parameter 'source'", text, maxSourceLength);
  const [scheme, rest] = splitScheme(text);
  if (/[\0\\]/.test(text)) throw refused(text, 'no NUL and no backslash');
  if (hasRelativeSegment(rest)) throw refused(text, "a path without '.' and '..', also when percent-encoded");
  if (scheme === 'models') return parseModelsUri(text, rest);
  if (/[#;]/.test(rest)) throw refused(text, "no '#' and no ';'");
  switch (scheme) {
    case 'file':
      return { kind: 'local', path: localPath(text, rest) };
    case 'runs':
      return parseRunsUri(text, rest);
    case 'mlflow-artifacts':
      return { kind: 'proxied', segments: proxiedSegments(text, rest), location: text };
    case 'http':
    case 'https':
      return parseProxyUrl(text, ownHost);
  }
  if (!allowed.schemes.includes(scheme))
    throw refused(text, `a scheme that this server allows (${[...allowed.schemes, 'runs', 'models'].join(', ')})`);
  if (!/^\/+[^/?]/.test(rest.replace(/^\/\/[^/?]*/, ''))) throw refused(text, 'an absolute path after the scheme');
  return { kind: 'opaque' };
}

/** The scheme in lower case and what follows it; a text without one (also `C:…`) is a path on this machine. */
function splitScheme(text: string): [scheme: string, rest: string] {
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]+):(.*)$/s.exec(text);
  return match === null ? ['file', text] : [match[1]!.toLowerCase(), match[2]!];
}

/** True when undoing percent-encoding, as often as it may have been applied, shows `.` or `..` as a segment. */
function hasRelativeSegment(text: string): boolean {
  let decoded = text;
  for (let layer = 0; layer <= maxEncodings; layer++) {
    if (decoded.split(/[/\\?&=\0]/).some((segment) => segment === '.' || segment === '..')) return true;
    if (/[\0\\]/.test(decoded)) return true;
    const next = decodeKnown(decoded);
    if (next === decoded) return false;
    decoded = next;
  }
  return true;
}

/** Undoes percent-encoding where it is well-formed ASCII, which is all that matters to a segment's meaning. */
const decodeKnown = (text: string) =>
  text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

function localPath(text: string, rest: string): string {
  const path = rest.replace(/^\/\/(?:localhost)?(?=\/)/, '');
  if (!path.startsWith('/') || path.startsWith('//'))
    throw refused(text, 'a URI with a scheme, or an absolute path on this machine');
  if (path.includes('%') && rest !== text) throw refused(text, "a file: URI without '%'");
  return path;
}

function parseRunsUri(text: string, rest: string): Source {
  const match = /^\/([^/]+)\/+[^/]/.exec(rest);
  if (match === null) throw refused(text, 'runs:/<run id>/<path>');
  return { kind: 'run', runId: match[1]! };
}

function parseModelsUri(text: string, rest: string): Source {
  const form = 'models:/<logged model id>, models:/<name>/<version, stage or latest> or models:/<name>@<alias>';
  const match = /^\/([^/]*[^/\s][^/]*)(?:\/([^/]*[^/\s][^/]*))?$/.exec(rest);
  if (match === null) throw refused(text, form);
  const [, first = '', suffix] = match;
  if (suffix !== undefined) return { kind: 'modelVersion', name: first, reference: suffixReference(suffix) };
  const at = first.lastIndexOf('@');
  if (at === -1) return { kind: 'loggedModel', modelId: first };
  if (at === 0 || first.slice(at + 1).trim() === '') throw refused(text, form);
  return { kind: 'modelVersion', name: first.slice(0, at), reference: { by: 'alias', alias: first.slice(at + 1) } };
}

function suffixReference(suffix: string): VersionReference {
  if (/^\d+$/.test(suffix)) return { by: 'version', version: versionNumber(suffix) };
  return suffix.toLowerCase() === 'latest' ? { by: 'latest' } : { by: 'stage', stage: suffix };
}

function proxiedSegments(text: string, rest: string): string[] {
  if (!rest.startsWith('/') || /^\/\/[^/]/.test(rest))
    throw refused(text, "mlflow-artifacts:/<path>, which is this server's own artifact store");
  return segmentsOf(text, rest);
}

function segmentsOf(text: string, path: string): string[] {
  const decoded = decodePath(text, path);
  if (/[%?]/.test(decoded)) throw refused(text, "a path without '?' and '%'");
  return decoded.split('/').filter((segment) => segment !== '');
}

function decodePath(text: string, path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw refused(text, 'percent-encoding that is valid UTF-8');
  }
}

function parseProxyUrl(text: string, ownHost: string | undefined): Source {
  const right = `a URL of this server's artifact proxy (http://<this server>${proxyRoute}<path>): it fetches from no other host`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const own = `${url?.protocol}//${ownHost}`;
  if (url === undefined || ownHost === undefined || !URL.canParse(own) || url.host !== new URL(own).host)
    throw refused(text, right);
  const at = url.pathname.indexOf(proxyRoute);
  if (at === -1 || url.search !== '' || url.username !== '' || url.password !== '') throw refused(text, right);
  const segments = segmentsOf(text, url.pathname.slice(at + proxyRoute.length));
  // The host has no part in where the bytes are, and must not send a later client elsewhere.
  return { kind: 'proxied', segments, location: `mlflow-artifacts:/${segments.join('/')}` };
}

/** What the caller says the source belongs to; undefined where nothing (or the empty string) was given. */
export interface Claim {
  readonly runId: string | undefined;
  readonly modelId: string | undefined;
}

/** The version that a `models:/` source means, with what a copy inherits from it. */
export interface SourceVersion {
  readonly name: string;
  readonly version: number;
  readonly storageLocation: string;
  readonly runId: string;
  readonly modelId: string | null;
  readonly isPrompt: boolean;
}

/** What was found about a source. */
export interface Facts {
  readonly run?: SourceRun | undefined;
  readonly model?: SourceModel | undefined;
  readonly version?: SourceVersion | undefined;
  /** Real paths (links resolved) of a local source and of the folder it must lie in. */
  readonly local?: { readonly source: string; readonly root: string } | undefined;
}

/** What is stored of a source. */
export interface ResolvedSource {
  readonly source: string;
  readonly storageLocation: string;
  readonly runId: string;
  readonly modelId: string | null;
}

/**
 * Decides whether a parsed source belongs to what the caller claims, and what is stored of it.
 * Throws INVALID_PARAMETER_VALUE where it does not, RESOURCE_DOES_NOT_EXIST for a logged model that is not there.
 */
export function resolveSource(text: string, source: Source, claim: Claim, facts: Facts): ResolvedSource {
  const belonging = (storageLocation: string): ResolvedSource => ({
    source: text,
    storageLocation,
    runId: claim.runId ?? facts.model?.sourceRunId ?? '',
    modelId: claim.modelId ?? null,
  });
  switch (source.kind) {
    case 'opaque':
      if (claim.modelId !== undefined) requireModel(claim.modelId, facts);
      return belonging(text);
    case 'run':
      if (claim.modelId !== undefined) throw refused(text, "no 'model_id' together with a runs:/ source");
      if (claim.runId !== source.runId) throw refused(text, "'run_id' to be the run that the source names");
      return belonging(text);
    case 'loggedModel':
      if (claim.modelId !== source.modelId)
        throw refused(text, "'model_id' to be the logged model that the source names");
      return belonging(requireModel(source.modelId, facts).artifactUri);
    case 'modelVersion':
      return resolveCopy(text, claim, facts.version!);
    case 'proxied':
      if (!isInside(source.segments, rootOf(claim, facts)))
        throw refused(text, "a path inside the artifacts of the run 'run_id' or the logged model 'model_id'");
      return belonging(source.location);
    case 'local':
      if (facts.local === undefined || !isWithin(facts.local.source, facts.local.root)) throw localRefused(text);
      return belonging(text);
  }
}

/** A local source is refused with one answer, whatever is or is not at that path. */
export const localRefused = (text: string) =>
  refused(
    text,
    "a path that is not on the server's machine, unless it lies inside the local artifact folder of 'run_id' or 'model_id' and below a folder that the operator allows",
  );

function requireModel(modelId: string, facts: Facts): SourceModel {
  if (facts.model === undefined) throw notFound(`There is no logged model ${shown(modelId)}.`);
  return facts.model;
}

/** The artifact root that a claim stands for: the logged model's where one is named, else the run's. */
export function rootOf(claim: Claim, facts: Facts): string | undefined {
  return claim.modelId === undefined ? facts.run?.artifactUri : facts.model?.artifactUri;
}

function isInside(segments: readonly string[], root: string | undefined): boolean {
  const match = root === undefined ? null : /^mlflow-artifacts:\/(?!\/[^/])(.*)$/s.exec(root);
  if (match === null) return false;
  const rootSegments = match[1]!.split('/').filter((segment) => segment !== '');
  return rootSegments.length > 0 && rootSegments.every((segment, i) => segments[i] === segment);
}

/** True when the absolute path `inner` is `outer` or lies below it. */
export const isWithin = (inner: string, outer: string) =>
  inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`);

function resolveCopy(text: string, claim: Claim, version: SourceVersion): ResolvedSource {
  if (version.isPrompt) throw refused(text, 'a model: a prompt cannot be the source of a model version');
  if (claim.runId !== undefined && claim.runId !== version.runId)
    throw refused(text, "'run_id' to be absent or the run of the version that is copied");
  if (claim.modelId !== undefined && claim.modelId !== version.modelId)
    throw refused(text, "'model_id' to be absent or the logged model of the version that is copied");
  return {
    source: `models:/${version.name}/${version.version}`,
    storageLocation: version.storageLocation,
    runId: version.runId,
    modelId: version.modelId,
  };
}

/**
 * Checks on reading what was checked on writing, because an operator may have narrowed the allow-list since.
 * Throws INVALID_PARAMETER_VALUE.
 */
export function checkStillAllowed(location: string, allowed: AllowedSources): void {
  const [scheme, rest] = splitScheme(location);
  if (scheme === 'mlflow-artifacts' || scheme === 'runs' || allowed.schemes.includes(scheme)) return;
  const path = rest.replace(/^\/\/(?:localhost)?(?=\/)/, '');
  if (scheme === 'file' && allowed.localRoots.some((root) => isWithin(path, root))) return;
  throw invalid(
    `The location ${shown(location)} of this model version is not among those that this server now allows.`,
  );
}
