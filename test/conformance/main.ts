import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { capabilities } from './capabilities.ts';
import { startCellar } from './cellar.ts';
import { live } from './live.ts';
import { record } from './record.ts';
import { startReference } from './reference.ts';
import { compatibility, compatibilityPath } from './report.ts';
import type { Capability, Sequence } from './sequence.ts';

const usage = `npm run conformance -- [--record | --live | --report] [--only TEXT]

  --record          start MLflow's server (MLFLOW_PYTHON names its Python) and record its answers
  --live            play MLflow's server and Cellar side by side and show where they disagree
  --report          write docs/reference/compatibility.md
  --only TEXT       only capabilities and sequences with TEXT in their name
  --reference URL   use an MLflow server that runs already
  --cellar URL      use a Cellar that runs already

Without one of the first three: --live.`;

const { values } = parseArgs({
  options: {
    record: { type: 'boolean', default: false },
    live: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    reference: { type: 'string' },
    cellar: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string) => process.stdout.write(`${line}\n`);
const chosen = (capability: Capability, sequence: Sequence) =>
  `${capability.name}: ${sequence.name}`.includes(values.only);
const already = (url: string) => ({ url, stop: async () => {} });

if (values.help) say(usage);
else if (values.report) report();
else if (values.record) await recorded();
else await sideBySide();

function report() {
  writeFileSync(compatibilityPath, compatibility(capabilities));
  say(`${compatibilityPath} written`);
}

async function recorded() {
  const reference = values.reference === undefined ? await startReference() : already(values.reference);
  try {
    await record(capabilities, chosen, reference.url, say);
    report();
  } finally {
    await reference.stop();
  }
}

async function sideBySide() {
  const reference = values.reference === undefined ? await startReference() : already(values.reference);
  const cellar = values.cellar === undefined ? await startCellar() : already(values.cellar);
  try {
    const wrong = await live(capabilities, chosen, { reference: reference.url, cellar: cellar.url }, say);
    if (wrong > 0) process.exitCode = 1;
  } finally {
    await cellar.stop();
    await reference.stop();
  }
}
