import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { startServer } from '../../src/main.ts';

// A server in a process of its own that ends itself, as by kill -9, at a step of a selection for one environment once it
// is told to. It says where it answers.
const [dataDir = '', store = ''] = process.argv.slice(2);
let last: string | undefined;
process.on('message', (step: string) => {
  last = step;
  process.send?.({ armed: step });
});
const flags = { port: '0', dataDir, python: 'no-python-here', ...(store !== '' && { store }) };
const { url } = await startServer(readConfig(flags, {}, undefined), pino({ level: 'silent' }), {
  onSelectionStep: (step, { environment }) => {
    if (step === last && environment === 'prod') process.kill(process.pid, 'SIGKILL');
  },
});
process.send?.({ url });
