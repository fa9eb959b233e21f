import { database } from './database.ts';
import { diskFull } from './disk-full.ts';
import type { Fault } from './fault.ts';
import { firstStart } from './first-start.ts';
import { halfSent } from './half-sent.ts';
import { kill } from './kill.ts';
import { migration } from './migration.ts';
import { sigterm } from './sigterm.ts';
import { slowBodies } from './slow-bodies.ts';

export const faults: readonly Fault[] = [
  kill,
  sigterm,
  diskFull,
  halfSent,
  slowBodies,
  database,
  firstStart,
  migration,
];
