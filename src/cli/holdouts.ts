import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { HoldoutSummary, HoldoutUpload, HoldoutVersion } from '../client/holdouts.ts';
import { asking, group, remoteCommand, repeated } from './kit/command.ts';
import { type Cell, facts, table } from './kit/table.ts';
import type { Terminal } from './kit/terminal.ts';
import { bytes, count, exactTime, figure, relativeTime } from './kit/words.ts';

interface PutOptions {
  readonly target: string;
  readonly task?: 'classification' | 'regression';
  readonly format?: 'csv' | 'parquet';
  readonly types?: readonly string[];
}

/** `cellar holdout`: the data sets that models are measured on. */
export function holdoutCommand(terminal: Terminal): Command {
  return group(terminal, 'holdout', 'External data sets that models are measured on.')
    .addCommand(
      remoteCommand(terminal, 'put', {
        summary: 'Upload a CSV or Parquet file as the next version of a holdout.',
        notes:
          'Versions never change. A file with the rows, target and types of an earlier version is that version again.\n' +
          'Types are inferred from all rows of a CSV file, and are those of a Parquet file, unless given with --types.',
        examples: [
          'cellar holdout put wine-holdout holdout.csv --target class',
          ['cellar holdout put prices houses.parquet --target price --task regression', 'numbers to predict'],
          ['cellar holdout put wine-holdout holdout.csv --target class --types zip=string', 'keep 01234 as text'],
        ],
      })
        .argument('<NAME>', 'of the holdout')
        .argument('<FILE>', 'CSV with a header, or Parquet')
        .requiredOption('--target <COLUMN>', 'the column to predict')
        .addOption(
          new Option('--task <TASK>', 'what models do; default: what the target suggests').choices([
            'classification',
            'regression',
          ]),
        )
        .addOption(new Option('--format <FORMAT>', 'default: by the name of the file').choices(['csv', 'parquet']))
        .option(
          '--types <COLUMN=TYPE>',
          'int64, double, string, boolean or timestamp; may be repeated, or name a JSON file of columns and types',
          repeated,
        )
        .action(
          asking<[string, string, PutOptions]>(terminal, async (client, name, file, options) => {
            const { size } = await stat(file);
            const types = await typesOf(options.types ?? []);
            const progress = progressOf(terminal, size);
            const content = () => {
              progress.restart();
              return Readable.toWeb(Readable.from(progress.of(createReadStream(file)))) as ReadableStream<Uint8Array>;
            };
            const format = options.format ?? formatOf(file);
            const { target, task } = options;
            const put = client.putHoldout(name, content, { target, task, format, types }).finally(progress.end);
            const uploaded = await put;
            return { value: uploaded, text: () => told(uploaded, terminal) };
          }),
        ),
    )
    .addCommand(
      remoteCommand(terminal, 'list', {
        summary: 'List holdouts, or the versions of one.',
        examples: ['cellar holdout list', ['cellar holdout list wine-holdout', 'its versions, the newest first']],
      })
        .argument('[NAME]', 'of a holdout')
        .action(
          asking<[string | undefined]>(terminal, async (client, name) => {
            const found = await (name === undefined ? client.listHoldouts() : client.listHoldoutVersions(name));
            return { value: found, text: () => listed(found, terminal) };
          }),
        ),
    )
    .addCommand(
      remoteCommand(terminal, 'show', {
        summary: 'Show a version of a holdout: its columns, what they hold, and its classes.',
        examples: ['cellar holdout show wine-holdout', 'cellar holdout show wine-holdout@1'],
      })
        .argument('<NAME[@VERSION]>', 'the newest version unless one is given', reference)
        .action(
          asking<[Reference]>(terminal, async (client, { name, version }) => {
            const newest = version ?? (await client.listHoldoutVersions(name))[0]!.version;
            const found = await client.getHoldoutVersion(name, newest);
            return { value: found, text: () => described(found, terminal) };
          }),
        ),
    );
}

interface Reference {
  readonly name: string;
  readonly version: number | undefined;
}

function reference(text: string): Reference {
  const match = /^([^@]+)(?:@(\d{1,9}))?$/.exec(text);
  if (match === null)
    throw new InvalidArgumentError('Expected a name, or a name and a version such as wine-holdout@2.');
  return { name: match[1]!, version: match[2] === undefined ? undefined : Number(match[2]) };
}

function formatOf(file: string): 'csv' | 'parquet' {
  return /^\.(parquet|pq)$/i.test(extname(file)) ? 'parquet' : 'csv';
}

/** `column=type` each, or files of JSON such as `{"zip": "string"}`. */
async function typesOf(given: readonly string[]): Promise<Record<string, string>> {
  const types: Record<string, string> = {};
  for (const text of given) {
    const at = text.lastIndexOf('=');
    if (at > 0) types[text.slice(0, at)] = text.slice(at + 1);
    else Object.assign(types, typesIn(text, await readFile(text, 'utf8')));
  }
  return types;
}

function typesIn(file: string, text: string): Record<string, string> {
  const refused = (cause?: unknown) =>
    new Error(`${file}: expected a JSON object of columns and types, such as {"zip": "string"}.`, { cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw refused(cause);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw refused();
  for (const type of Object.values(parsed)) if (typeof type !== 'string') throw refused();
  return parsed as Record<string, string>;
}

/** How far an upload is, on a line that is written over; nothing where nobody looks. */
function progressOf({ complain, columns, now }: Terminal, size: number) {
  const showEveryMs = 200;
  let sent = 0;
  let shownAt = Number.NEGATIVE_INFINITY;
  let isShown = false;
  const show = (text: string) => {
    isShown = true;
    complain(`\r\u001b[K${text}`);
  };
  return {
    restart: () => {
      sent = 0;
    },
    async *of(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        yield chunk;
        sent += chunk.length;
        if (columns === undefined || now() - shownAt < showEveryMs) continue;
        shownAt = now();
        show(`${bytes(sent)} of ${bytes(size)}, ${Math.floor((100 * sent) / Math.max(size, 1))} %`);
      }
      if (columns !== undefined) show(`${bytes(sent)} sent; the server reads the rows…`);
    },
    end: () => {
      if (isShown) complain('\r\u001b[K');
    },
  };
}

const nameOf = ({ name, version }: HoldoutSummary) => `${name}@${version}`;

function told(uploaded: HoldoutUpload, terminal: Terminal): string {
  const { created, rows, columnCount, task, target, digest } = uploaded;
  const size = `${count(rows, 'row')}, ${count(columnCount, 'column')}`;
  const first = created
    ? `${nameOf(uploaded)} is new: ${size}, ${task} of ${target}, digest ${digest.slice(0, 12)}.\n`
    : `These rows are ${nameOf(uploaded)} already: ${size}, digest ${digest.slice(0, 12)}; nothing was added.\n`;
  return first + warned(uploaded, terminal);
}

const warned = ({ warnings }: HoldoutVersion, terminal: Terminal) =>
  warnings.length === 0
    ? ''
    : facts(
        warnings.map((text) => ['warning', { text, tone: 'warn' }]),
        terminal,
      );

function listed(found: readonly HoldoutSummary[], terminal: Terminal): string {
  if (found.length === 0) return 'There is no holdout yet. Upload one: cellar holdout put NAME FILE --target COLUMN\n';
  return table(
    ['holdout', 'rows', 'columns', 'task', 'target', 'digest', 'uploaded', 'by'],
    found.map((each) => [
      { text: nameOf(each), tone: 'strong' },
      each.rows,
      each.columnCount,
      each.task,
      each.target,
      each.digest.slice(0, 12),
      relativeTime(each.uploadedTime, terminal.now()),
      each.uploadedBy,
    ]),
    terminal,
  );
}

function described(version: HoldoutVersion, terminal: Terminal): string {
  const { classes, columns, rows, estimated } = version;
  const about = facts(
    [
      ['holdout', { text: nameOf(version), tone: 'strong' }],
      ['digest', version.digest],
      ['task', `${version.task} of ${version.target}`],
      ['rows', rows],
      ['kept as', `Parquet, ${bytes(version.sizeBytes)}`],
      ['uploaded', `${exactTime(version.uploadedTime)} by ${version.uploadedBy}`],
      ['note', estimated ? 'distinct values and quantiles are close estimates' : undefined],
    ],
    terminal,
  );
  const columnTable = table(
    ['column', 'type', 'missing', 'distinct', 'min', 'median', 'mean', 'max', 'stddev'],
    columns.map((column) => [
      column.name,
      column.type,
      column.missing,
      column.distinct,
      plain(column.min),
      plain(column.quantiles.find(({ q }) => q === 0.5)?.value),
      plain(column.mean),
      plain(column.max),
      plain(column.stddev),
    ]),
    terminal,
  );
  const classTable =
    classes === null
      ? ''
      : `\n${table(
          ['class', 'rows', 'share'],
          classes.map((each) => [plain(each.value), each.count, `${figure((100 * each.count) / rows)} %`]),
          terminal,
        )}`;
  const warnings = warned(version, terminal);
  return `${about}\n${columnTable}${classTable}${warnings === '' ? '' : `\n${warnings}`}`;
}

const plain = (value: string | number | boolean | null | undefined): Cell =>
  typeof value === 'number' ? figure(value) : typeof value === 'boolean' ? String(value) : value;
