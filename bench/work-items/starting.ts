import { setTimeout as delay } from 'node:timers/promises';
import { cpuSecondsOf, memoryOf } from '../processes.ts';
import type { Subject } from '../subject.ts';

/**
 * W6, which is woven into the others: how long the server takes from its start to its first answer, on fresh and on
 * existing data, and its memory and CPU at rest. The server is running afterwards.
 */
export async function measureStart(subject: Subject): Promise<void> {
  const { server, sizes } = subject;
  const start = async (name: string) => {
    const { result, conditions } = await subject.watch(() => server.start());
    subject.figure(name, 's', result, conditions);
  };
  await start('W6 first start');
  for (let i = 0; i < sizes.repetitions; i++) {
    await server.stop();
    await start('W6 start');
  }
}

const restSeconds = 3;

export async function measureRest(subject: Subject): Promise<void> {
  const roots = subject.server.roots();
  const cpu = cpuSecondsOf(roots);
  await delay(restSeconds * 1000);
  subject.figure('W6 at rest CPU', 'cores', (cpuSecondsOf(roots) - cpu) / restSeconds);
  measureMemory(subject, 'at rest');
}

export function measureMemory(subject: Subject, when: string): void {
  const { rssMiB, pssMiB, anonymousMiB, processes } = memoryOf(subject.server.roots());
  subject.figure(`W6 ${when} RSS`, 'MiB', rssMiB);
  subject.figure(`W6 ${when} PSS`, 'MiB', pssMiB);
  subject.figure(`W6 ${when} anonymous memory`, 'MiB', anonymousMiB);
  subject.figure(`W6 ${when} processes`, 'n', processes);
}
