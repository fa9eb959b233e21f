import { queryOptions } from '@tanstack/react-query';
import { stamp } from '../kit/format.ts';
import { client } from './api.ts';
import { nameFilter } from './name-filter.ts';
import { paths } from './paths.ts';

/** Something that a search finds, and the page it leads to. */
export interface Hit {
  readonly kind: 'Page' | 'Run' | 'Experiment' | 'Model' | 'Version' | 'Service' | 'Decision';
  readonly title: string;
  readonly detail: string;
  readonly to: string;
}

const mostOfAKind = 6;

/** Where to go without a word. */
export const rooms: readonly Hit[] = [
  { kind: 'Page', title: 'Overview', detail: '', to: paths.home() },
  { kind: 'Page', title: 'Experiments', detail: '', to: paths.experiments() },
  { kind: 'Page', title: 'Models', detail: '', to: paths.models() },
];

/** What has the text in its name, or an id that begins with it; decisions also by their champion. */
export const hitsQuery = (text: string) =>
  queryOptions({
    queryKey: ['search', text],
    queryFn: async ({ signal }) => {
      const found = await Promise.all([
        findServices(text, signal),
        findVersions(text, signal),
        findModels(text, signal),
        findExperiments(text, signal),
        findRuns(text, signal),
        findDecisions(text, signal),
      ]);
      return found.flatMap((hits) => hits.slice(0, mostOfAKind));
    },
    enabled: text !== '',
  });

async function findServices(text: string, signal: AbortSignal): Promise<Hit[]> {
  const { slots } = await client.getStatus({ signal });
  const names = [...new Set(slots.map(({ service }) => service))];
  return names
    .filter((name) => name.toLowerCase().includes(text.toLowerCase()))
    .map((name) => ({ kind: 'Service', title: name, detail: '', to: paths.service(name) }));
}

async function findModels(text: string, signal: AbortSignal): Promise<Hit[]> {
  const { items } = await client
    .searchRegisteredModels({ filter: nameFilter(text), pageSize: mostOfAKind, signal })
    .page();
  return items.map(({ name, description }) => ({
    kind: 'Model',
    title: name,
    detail: description,
    to: paths.model(name),
  }));
}

/** The name and number of `AImodel 3`, `AImodel v3`, `AImodel version 3`, `models:/AImodel/3`. */
export function versionIn(text: string): { name: string; version: number } | undefined {
  const found = /^(?:models:\/)?(.*?)(?:\/|\s+(?:v|version\s*)?)(\d{1,9})$/i.exec(text.trim());
  const name = found?.[1]?.trim() ?? '';
  return name === '' ? undefined : { name, version: Number(found?.[2]) };
}

async function findVersions(text: string, signal: AbortSignal): Promise<Hit[]> {
  const asked = versionIn(text);
  if (asked === undefined) return [];
  const filter = `${nameFilter(asked.name)} AND version_number = ${asked.version}`;
  const { items } = await client.searchModelVersions({ filter, pageSize: mostOfAKind, signal }).page();
  return items.map(({ name, version, currentStage }) => ({
    kind: 'Version',
    title: `${name} version ${version}`,
    detail: currentStage === 'None' ? '' : currentStage,
    to: paths.modelVersion(name, version),
  }));
}

async function findExperiments(text: string, signal: AbortSignal): Promise<Hit[]> {
  const { items } = await client.searchExperiments({ filter: nameFilter(text), pageSize: mostOfAKind, signal }).page();
  return items.map(({ name, experimentId }) => ({
    kind: 'Experiment',
    title: name,
    detail: '',
    to: paths.experiment(experimentId),
  }));
}

async function findRuns(text: string, signal: AbortSignal): Promise<Hit[]> {
  const runs = await client.findRuns(text, { signal });
  return runs.map(({ name, runId, experimentName, startTime }) => ({
    kind: 'Run',
    title: name,
    detail: [experimentName, startTime === null ? '' : stamp(startTime), runId].filter(Boolean).join(' · '),
    to: paths.run(runId),
  }));
}

async function findDecisions(text: string, signal: AbortSignal): Promise<Hit[]> {
  const decisions = await client.findDecisions(text, { signal });
  return decisions.map(({ id, service, environment, outcome, after, time }) => ({
    kind: 'Decision',
    title: `${service} on ${environment.toUpperCase()}: ${outcome.replaceAll('_', ' ')}`,
    detail: [after === null ? '' : `${after.registeredModel} v${after.version}`, stamp(time), id]
      .filter(Boolean)
      .join(' · '),
    to: paths.decision(id),
  }));
}
