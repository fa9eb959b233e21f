import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { cellar } from '../../test/support/terminal.ts';
import { terminalOf } from './kit/terminal.ts';
import { program } from './program.ts';

/** Every command that does something, with the words that lead to it. */
function leaves(command: Command, words: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[words.join(' '), command]];
  return command.commands.flatMap((inner) => leaves(inner, [...words, inner.name()]));
}

/** The words of a command line as a shell would give them. */
const words = (line: string) =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? '');

const examplesOf = (help: string) =>
  [...help.matchAll(/^ {2}(cellar .+)$/gm)].map(([, line = '']) => line.split(/ {3,}/)[0] ?? '');

describe('every command', () => {
  it.each(leaves(program(terminalOf(process))))(
    'cellar %s has a help with an example that it understands',
    async (name) => {
      const help = await cellar([...name.split(' '), '--help'], { columns: 200 });
      expect(help).toMatchObject({ err: '', exitCode: 0 });
      const examples = examplesOf(help.out);
      expect(examples).not.toEqual([]);
      for (const example of examples) {
        expect(example.startsWith(`cellar ${name}`), example).toBe(true);
        const tried = program(terminalOf(process));
        const found: string[] = [];
        for (const [leaf, command] of leaves(tried)) command.action(() => void found.push(leaf));
        await tried.parseAsync(words(example).slice(1), { from: 'user' });
        expect(found).toEqual([name]);
      }
    },
  );

  it('of a name that nobody knows is wrong usage, told on the error stream', async () => {
    const ended = await cellar(['serve']);
    expect(ended).toMatchObject({ out: '', exitCode: 2 });
    expect(ended.err).toContain("unknown command 'serve'");
    expect(ended.err).toContain('server');
  });

  it('that fails says why on the error stream and ends with 1', async () => {
    const ended = await cellar(['server', '--port', 'http']);
    expect(ended).toMatchObject({ out: '', exitCode: 1 });
    expect(ended.err).toContain('Invalid value "http" for --port');
  });
});
