import { terminalOf } from './kit/terminal.ts';
import { run } from './program.ts';

await run(process.argv.slice(2), terminalOf(process));
