import type { RunColumns } from '../app/api.ts';

/** Columns that every run can fill, in the order in which they stand; their ids sort by MLflow's terms where they can. */
export const fixedColumns = [
  { id: 'attributes.start_time', name: 'Started' },
  { id: 'attributes.run_name', name: 'Name' },
  { id: 'attributes.run_id', name: 'Run id' },
  { id: 'attributes.status', name: 'Status' },
  { id: 'duration', name: 'Duration' },
  { id: 'models', name: 'Models' },
  { id: 'attributes.user_id', name: 'User' },
  { id: 'source', name: 'Source' },
  { id: 'commit', name: 'Commit' },
  { id: 'datasets', name: 'All data sets' },
] as const;

const fixedByDefault = fixedColumns.slice(0, 6).map(({ id }) => id);
const perGroup = 8;
/** What the server gives in one answer. */
export const mostKeyColumns = 100;

const isOwn = ({ key }: { readonly key: string }) => !key.startsWith('mlflow.');

/** The columns of a table that nobody has arranged: the first few metrics, params and tags by name. */
export function defaultColumns({ params, metrics, tags }: RunColumns): string[] {
  const first = (kind: string, columns: readonly { readonly key: string }[]) =>
    columns.slice(0, perGroup).map(({ key }) => `${kind}.${key}`);
  return [
    ...fixedByDefault,
    ...first('metrics', metrics),
    ...first('params', params),
    ...first('tags', tags.filter(isOwn)),
  ];
}

/** The column that ticks and opens a run; no arrangement is without it. */
const opener: string = fixedColumns[0].id;

/** Columns as they stand in the URL; '' is the default arrangement. Any character may be in a key. */
export function columnsFromUrl(text: string): string[] | undefined {
  if (text === '') return undefined;
  return [
    opener,
    ...text
      .split(',')
      .map(decoded)
      .filter((id) => id !== opener),
  ];
}

/** An address that somebody has cut may end in half an escape. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const columnsToUrl = (columns: readonly string[]): string => columns.map(encodeURIComponent).join(',');

const order = ['attributes', 'metrics', 'params', 'tags', 'datasets'];
const placeOf = (id: string) => {
  const fixed = fixedColumns.findIndex((column) => column.id === id);
  return fixed >= 0 ? fixed : 100 + order.indexOf(id.slice(0, id.indexOf('.')));
};

/** With a column more or less; groups stay together, and within a group the order in which columns were chosen. */
export function toggled(columns: readonly string[], id: string): string[] {
  if (columns.includes(id)) return columns.filter((column) => column !== id);
  return [...columns, id].toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** The name of the data sets that a column shows; undefined for other columns. */
export const datasetOf = (id: string): string | undefined =>
  id.startsWith('datasets.') ? id.slice('datasets.'.length) : undefined;

/** The columns that the server fills by key. */
export const keyColumns = (columns: readonly string[]): string[] =>
  columns.filter((id) => /^(params|metrics|tags)\./.test(id)).slice(0, mostKeyColumns);
