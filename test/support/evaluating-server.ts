import { openEvaluations } from './evaluation-room.ts';

// An evaluation room in a process of its own that ends itself, as by kill -9, while a model is being evaluated. It says
// which process evaluates.
const [dataDir = '', python = ''] = process.argv.slice(2);
const room = await openEvaluations({ dataDir, store: undefined }, python, {});
const looking = setInterval(async () => {
  const [running] = await room.evaluation.evaluations.list({ status: 'running', limit: 1 });
  if (running === undefined) return;
  clearInterval(looking);
  const { pid } = await room.jobs.get(running.jobId!);
  process.send?.({ pid }, () => process.kill(process.pid, 'SIGKILL'));
}, 5);
