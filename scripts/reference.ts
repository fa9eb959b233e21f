import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { program } from '../src/cli/program.ts';
import { publishedSchema } from '../src/environments/configuration/service.ts';
import { expectation } from '../src/schema.ts';

/**
 * The pages of docs/reference that are made from the code, by file. `npm run reference` writes them; a test fails while
 * one is out of date.
 */
export const references = (): Record<string, string> => ({
  'cellar.schema.json': `${JSON.stringify(publishedSchema(), undefined, 2)}\n`,
  'cellar-yaml.md': fileReference(),
  'cli.md': commandsReference(),
});

const folder = new URL('../docs/reference/', import.meta.url);

/** What the file holds now; empty where it does not exist. */
export function heldReference(file: string): string {
  try {
    return readFileSync(new URL(file, folder), 'utf8');
  } catch {
    return '';
  }
}

export const example = `apiVersion: cellar/v1
environments:
  int:  { stage: Staging, branch: int }
  prod: { stage: Production, branch: main, protected: true, after: int }
holdouts:
  wine-holdout: { target: class, task: classification }
services:
  wine:
    experiment: /Shared/WineClassifier
    metric: { name: f1_weighted }
    holdout: wine-holdout@1
    allow:
      int:  { AImodel: "<=2.0", MLmodel: "=1.0" }
      prod: { AImodel: "<=1.0" }
    guards: { minImprovement: 0.002, noWorse: { accuracy: 0.01 }, maxLatencyMs: 50 }
    brakes: { minDwell: 24h, maxSwapsPerDay: 2 }
    perEnvironment:
      prod: { requires: { testedOn: int, minTestTime: 2h }, approval: newCode }
`;

function fileReference(): string {
  const sections: string[] = [];
  describe(publishedSchema(), '', sections);
  return `# cellar.yaml

One file says which environments there are, what each service is measured on, which code versions each environment
admits, and what a new model must show. \`cellar validate\` checks it, \`cellar plan\` shows what it would change and which
model each environment would then serve, \`cellar apply\` makes it hold. \`cellar export\` writes the one that holds.

\`\`\`yaml
${example}\`\`\`

Editors complete and check the file with its JSON Schema, \`docs/reference/cellar.schema.json\`, which a server also
answers at \`/api/v1/schema/cellar.json\`. With the YAML extension of VS Code, the first line of the file names it:

\`\`\`yaml
# yaml-language-server: $schema=http://127.0.0.1:5000/api/v1/schema/cellar.json
\`\`\`

## Ranges of code versions

| range | admits |
| --- | --- |
| \`<=2.0\`, \`≤2.0\` | 2.0.0 and everything before it; not 2.0.1 |
| \`=2.0\`, \`2.0\` | 2.0.0 alone |
| \`>=1.0 <=2.0\`, \`1.0<=v<=2.0\` | from 1.0.0 to 2.0.0 |
| \`2.0.x\`, \`1.x\` | 2.0.0, 2.0.1, …; 1.0.0, 1.1.0, … |
| \`~2.1\`, \`^2.0\` | 2.1.0 up to before 2.2.0; 2.0.0 up to before 3.0.0 |
| \`1.x \\|\\| 2.0\` | what either admits |
| \`*\` | every version |

Versions are completed with zeros and ordered as semantic versions; a pre-release comes before its release. A registered
model that is not named is not admitted.

## Limits

A file has at most 256 KiB and 60,000 words, 24 levels and 100 aliases; it is one YAML 1.2 document without tags. Durations
are written \`90s\`, \`30m\`, \`24h\`, \`7d\`, \`2w\` or \`1h30m\`.

${sections.join('\n')}`;
}

type Schema = Readonly<Record<string, unknown>>;
const schemaOf = (value: unknown): Schema => (typeof value === 'object' && value !== null ? (value as Schema) : {});

/** A section for an object's settings, then those for the objects inside. */
function describe(schema: Schema, path: string, sections: string[]): void {
  const settings = Object.entries(schemaOf(schema['properties'])).map(
    ([name, value]) => [name, schemaOf(value)] as const,
  );
  const required = new Set(schema['required'] as readonly string[] | undefined);
  if (settings.length > 0) {
    const rows = settings.map(([name, value]) =>
      row(
        `\`${name}\`${required.has(name) ? ' (required)' : ''}`,
        valueText(value),
        String(value['description'] ?? ''),
      ),
    );
    sections.push(
      [
        `## ${path === '' ? 'The file' : `\`${path}\``}`,
        '',
        String(schema['description'] ?? ''),
        '',
        row('setting', 'value', 'meaning'),
        row('---', '---', '---'),
        ...rows,
        '',
      ].join('\n'),
    );
  }
  for (const [name, value] of settings) describe(value, path === '' ? name : `${path}.${name}`, sections);
  for (const value of [...Object.values(schemaOf(schema['patternProperties'])), schema['additionalProperties']])
    if (typeof value === 'object' && value !== null) describe(schemaOf(value), `${path}.NAME`, sections);
}

const row = (...cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function valueText(schema: Schema): string {
  const [inner] = Object.values(schemaOf(schema['patternProperties']));
  if (inner !== undefined) return `by name: ${valueText(schemaOf(inner))}`;
  return schema['properties'] === undefined ? expectation(schema) : 'settings, see below';
}

function commandsReference(): string {
  const sections: string[] = [];
  const visit = (command: Command, words: readonly string[]): void => {
    if (command.commands.length === 0)
      sections.push(`## ${words.join(' ')}\n\n\`\`\`\n${help(words.slice(1))}\`\`\`\n`);
    for (const inner of command.commands) visit(inner, [...words, inner.name()]);
  };
  visit(program(paper(() => undefined)), ['cellar']);
  return `# Commands

Every command with a noun or a verb, as \`--help\` prints it. Commands that ask a server find it by \`--server\`, else
\`CELLAR_SERVER\`, else \`MLFLOW_TRACKING_URI\`, else http://127.0.0.1:5000. They end with 0, with 1 for a failure (told on
the error stream), with 2 for wrong usage, unless they say otherwise.

${sections.join('\n')}`;
}

function help(words: readonly string[]): string {
  let text = '';
  const cellar = program(
    paper((more) => {
      text += more;
    }),
  );
  const command = words.reduce<Command>(
    (outer, word) => outer.commands.find((each) => each.name() === word) ?? outer,
    cellar,
  );
  command.outputHelp();
  return text.replace(/[ ]+$/gm, '').replace(/\n*$/, '\n');
}

/** A terminal of a fixed width, which keeps what is written. */
const paper = (write: (text: string) => void) => ({
  write,
  complain: write,
  columns: 100,
  colours: false,
  env: {},
  user: '',
  now: () => 0,
  ask: undefined,
  exitCode: 0,
});

if (process.argv[1] === new URL(import.meta.url).pathname)
  for (const [file, text] of Object.entries(references())) writeFileSync(new URL(file, folder), text);
