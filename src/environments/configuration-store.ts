import { nextId } from '../storage/ids.ts';
import { all, get, run, type Tx } from '../storage/storage.ts';
import { canonicalJson } from './canonical-json.ts';
import {
  type Configuration,
  configurationDigest,
  emptyConfiguration,
  serviceOfModels,
} from './configuration/configuration.ts';

/** The configuration that holds, and where it came from. */
export interface HeldConfiguration {
  /** 0 before the first. */
  readonly no: number;
  readonly configuration: Configuration;
  readonly digest: string;
  /** `file` where Git's cellar.yaml says what should be; then a page shows it and does not edit it. */
  readonly managed: 'file' | 'api';
  readonly cause: string;
  readonly actor: string;
  readonly time: number;
}

interface ConfigurationRow {
  readonly no: number;
  readonly digest: string;
  readonly document: string;
  readonly managed: 'file' | 'api';
  readonly cause: string;
  readonly actor: string;
  readonly time: number;
}

const columns = `configuration_no as "no", digest, document, managed, cause, actor, applied_time as "time"`;

export function* currentConfiguration(): Tx<HeldConfiguration> {
  const row = yield* get<ConfigurationRow>(
    `select ${columns} from configurations order by configuration_no desc limit 1`,
  );
  if (row === undefined)
    return {
      no: 0,
      configuration: emptyConfiguration,
      digest: configurationDigest(emptyConfiguration),
      managed: 'api',
      cause: 'none',
      actor: '',
      time: 0,
    };
  const { document, ...rest } = row;
  return { ...rest, configuration: JSON.parse(document) };
}

export function* currentNo(): Tx<number> {
  return (yield* get<{ no: number | null }>('select max(configuration_no) as "no" from configurations'))?.no ?? 0;
}

export interface Change {
  readonly configuration: Configuration;
  readonly managed: 'file' | 'api';
  /** What changed it: apply, promotion, rename. */
  readonly cause: string;
  readonly actor: string;
  readonly now: number;
}

/** Makes another configuration hold, and with it who competes where. Returns its number. */
export function* holdConfiguration({ configuration, managed, cause, actor, now }: Change): Tx<number> {
  const no = yield* nextId('configuration');
  yield* run(
    `insert into configurations(configuration_no, digest, document, managed, cause, actor, applied_time)
     values (?, ?, ?, ?, ?, ?, ?)`,
    [no, configurationDigest(configuration), canonicalJson(configuration), managed, cause, actor, now],
  );
  yield* run('delete from service_models');
  for (const [model, service] of serviceOfModels(configuration))
    yield* run('insert into service_models(model, service) values (?, ?)', [model, service]);
  return no;
}

/** The service that a registered model competes in. */
export function* serviceOfModel(model: string): Tx<string | undefined> {
  return (yield* get<{ service: string }>('select service from service_models where model = ?', [model]))?.service;
}

export const configurationHistory = (limit: number): Tx<Omit<ConfigurationRow, 'document'>[]> =>
  all<Omit<ConfigurationRow, 'document'>>(
    `select configuration_no as "no", digest, managed, cause, actor, applied_time as "time" from configurations
     order by configuration_no desc limit ?`,
    [limit],
  );
