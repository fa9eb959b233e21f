import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { capabilities } from './capabilities.ts';
import { startCellar } from './cellar.ts';
import { compare, fromRecording, playedOn } from './live.ts';
import { record } from './record.ts';
import { isRecorded } from './recording.ts';
import { type Running, startReference } from './reference.ts';
import { compatibility, compatibilityPath } from './report.ts';
import type { Capability, Sequence } from './sequence.ts';

const usage = `npm run conformance -- [--record | --live | --report] [--only TEXT]

Plays every sequence on Cellar and shows where it does not answer as MLflow did when it was recorded.

  --record          start MLflow's server (MLFLOW_PYTHON names its Python) and record its answers anew
  --changed         with --record: only sequences that changed since they were recorded
  --live            start MLflow's server and play both side by side
  --report          write docs/reference/compatibility.md
  --only TEXT       only sequences with TEXT in "capability: sequence"
  --reference URL   use an MLflow server that runs already
  --cellar URL      use a Cellar that runs already`;

const { values } = parseArgs({
  options: {
    record: { type: 'boolean', default: false },
    changed: { type: 'boolean', default: false },
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
  `${capability.name}: ${sequence.name}`.includes(values.only) && !(values.changed && isRecorded(capability, sequence));

if (values.help) say(usage);
else if (values.report) report();
else if (values.record) {
  await running(values.reference, startReference, (url) => record(capabilities, chosen, url, say));
  report();
} else {
  const wrong = await running(values.cellar, startCellar, (cellar) =>
    values.live
      ? running(values.reference, startReference, (url) => compare(capabilities, chosen, playedOn(url), cellar, say))
      : compare(capabilities, chosen, fromRecording(), cellar, say),
  );
  if (wrong > 0) process.exitCode = 1;
}

function report(): void {
  writeFileSync(compatibilityPath, compatibility(capabilities));
}

/** Does the work on the server at the URL, or on one that is started for it and stopped afterwards. */
async function running<T>(url: string | undefined, start: () => Promise<Running>, work: (url: string) => Promise<T>) {
  if (url !== undefined) return work(url);
  const server = await start();
  try {
    return await work(server.url);
  } finally {
    await server.stop();
  }
}
