import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { invalid, shown } from './errors.ts';

/** How the server runs: from flags, then the environment, then a file, then the defaults. One validated object. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Everything Cellar keeps lies below this folder. */
  readonly dataDir: string;
  /** `postgres://…`; undefined is SQLite in the data folder. */
  readonly store: string | undefined;
  readonly durability: 'normal' | 'full';
  /** The URL that clients reach the server by, where it is not the one it listens on. */
  readonly publicUrl: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly logLevel: (typeof logLevels)[number];
  /** The Python that evaluates and serves models; it must have mlflow. */
  readonly python: string;
  /** Whether `host` may be one that other machines reach although nobody is asked who they are. */
  readonly allowRemote: boolean;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
const durabilities = ['normal', 'full'] as const;

interface Setting {
  readonly key: keyof Config;
  readonly flag: string;
  readonly value: string | undefined;
  readonly env: string;
  readonly help: string;
  readonly fallback: string | undefined;
  readonly read: (text: string, from: string) => unknown;
}

const list = (text: string) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
const choice =
  (choices: readonly string[]) =>
  (text: string, from: string): string => {
    if (choices.includes(text)) return text;
    throw invalid(`Invalid value ${shown(text)} for ${from}: expected one of ${choices.join(', ')}.`);
  };

function port(text: string, from: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= 65_535) return number;
  throw invalid(`Invalid value ${shown(text)} for ${from}: expected a port from 0 (any free one) to 65535.`);
}

function flagValue(text: string, from: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw invalid(`Invalid value ${shown(text)} for ${from}: expected true or false.`);
}

/** Every setting once; flags, environment, file and `--help` are made from this list. */
export const settings: readonly Setting[] = [
  {
    key: 'host',
    flag: '--host',
    value: 'ADDRESS',
    env: 'CELLAR_HOST',
    fallback: '127.0.0.1',
    read: (text) => text,
    help: 'Address to listen on.',
  },
  {
    key: 'port',
    flag: '--port',
    value: 'PORT',
    env: 'CELLAR_PORT',
    fallback: '5000',
    read: port,
    help: 'Port to listen on; 0 takes a free one.',
  },
  {
    key: 'dataDir',
    flag: '--data',
    value: 'DIR',
    env: 'CELLAR_DATA',
    fallback: './data',
    read: (text) => path.resolve(text),
    help: 'Folder for the database and the artifacts; made if missing.',
  },
  {
    key: 'store',
    flag: '--store',
    value: 'URL',
    env: 'CELLAR_STORE',
    fallback: undefined,
    read: (text) => text,
    help: 'postgres://user:password@host/database instead of SQLite in the data folder.',
  },
  {
    key: 'durability',
    flag: '--durability',
    value: 'LEVEL',
    env: 'CELLAR_DURABILITY',
    fallback: 'normal',
    read: choice(durabilities),
    help: 'normal: an answered write survives the death of the process; full: also a power cut.',
  },
  {
    key: 'publicUrl',
    flag: '--public-url',
    value: 'URL',
    env: 'CELLAR_PUBLIC_URL',
    fallback: undefined,
    read: httpUrl,
    help: 'URL that clients reach the server by; with it, large files are uploaded in parallel parts.',
  },
  {
    key: 'allowedHosts',
    flag: '--allowed-hosts',
    value: 'NAMES',
    env: 'CELLAR_ALLOWED_HOSTS',
    fallback: '',
    read: list,
    help: 'Host names served besides loopback and private addresses, separated by commas.',
  },
  {
    key: 'allowedOrigins',
    flag: '--allowed-origins',
    value: 'ORIGINS',
    env: 'CELLAR_ALLOWED_ORIGINS',
    fallback: '',
    read: list,
    help: 'Origins whose pages may write, besides our own, separated by commas.',
  },
  {
    key: 'logLevel',
    flag: '--log-level',
    value: 'LEVEL',
    env: 'CELLAR_LOG_LEVEL',
    fallback: 'info',
    read: choice(logLevels),
    help: `One of ${logLevels.join(', ')}; debug logs every request.`,
  },
  {
    key: 'python',
    flag: '--python',
    value: 'PROGRAM',
    env: 'CELLAR_PYTHON',
    fallback: 'python3',
    read: (text) => text,
    help: 'Python that evaluates and serves models; it needs mlflow and what the models need.',
  },
  {
    key: 'allowRemote',
    flag: '--allow-remote',
    value: undefined,
    env: 'CELLAR_ALLOW_REMOTE',
    fallback: 'false',
    read: flagValue,
    help: 'Listen on an address that other machines reach, although nobody has to sign in.',
  },
];

function httpUrl(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text.replace(/\/+$/, '');
  throw invalid(`Invalid value ${shown(text)} for ${from}: expected a URL such as https://cellar.example.org.`);
}

export type Environment = Readonly<Record<string, string | undefined>>;
/** Values of flags by setting key; a flag without a value is `true`. */
export type Flags = Readonly<Partial<Record<keyof Config, string | boolean>>>;

/** Throws INVALID_PARAMETER_VALUE naming the flag, variable or line of the file that is wrong. */
export function readConfig(flags: Flags, environment: Environment, file: string | undefined): Config {
  const fromFile = file === undefined ? new Map<string, unknown>() : readFile(file);
  const entries = settings.map(({ key, flag, env, fallback, read }) => {
    const sources: [unknown, string][] = [
      [flags[key], flag],
      [environment[env], `the environment variable ${env}`],
      [fromFile.get(flag.slice(2)), `'${flag.slice(2)}' in ${file}`],
      [fallback, 'the default'],
    ];
    const [value, from] = sources.find(([candidate]) => candidate !== undefined) ?? [undefined, ''];
    const text = Array.isArray(value) ? value.join(',') : value === undefined ? undefined : String(value);
    return [key, text === undefined ? undefined : read(text, from)];
  });
  const config = Object.fromEntries(entries) as Config;
  if (!config.allowRemote && !isLoopback(config.host))
    throw invalid(
      `Refusing to listen on ${config.host}: other machines could reach it and nobody has to sign in. Give --allow-remote if the network is trusted, or listen on 127.0.0.1.`,
    );
  return config;
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

function readFile(file: string): Map<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw invalid(`The configuration file '${file}' cannot be read: ${(cause as Error).message}.`);
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw invalid(`The configuration file '${file}' is not valid YAML: ${(cause as Error).message}`);
  }
  if (value === null) return new Map();
  if (typeof value !== 'object' || Array.isArray(value))
    throw invalid(`The configuration file '${file}' holds no settings: expected lines such as 'port: 5000'.`);
  const known = new Set(settings.map((setting) => setting.flag.slice(2)));
  for (const name of Object.keys(value))
    if (!known.has(name))
      throw invalid(`Unknown setting '${name}' in '${file}': expected one of ${[...known].join(', ')}.`);
  return new Map(Object.entries(value));
}
