import { describe, expect, it } from 'vitest';
import type { ExperimentActivity } from '../app/api.ts';
import { type ExperimentLine, experimentLines } from './folders.ts';

const experiment = (name: string, runs = 0, lastRunTime: number | null = null): ExperimentActivity => ({
  experimentId: name,
  name,
  creationTime: 0,
  runs,
  lastRunTime,
});

const drawn = (lines: readonly ExperimentLine[]) =>
  lines.map((line) => {
    const fold = line.kind === 'folder' ? (line.isOpen ? '- ' : '+ ') : '';
    return `${'  '.repeat(line.depth)}${fold}${line.label}`;
  });

const byName = { order: 'name', descending: false, isOpen: () => true } as const;

describe('experiments fold by the slashes of their names', () => {
  const some = [
    experiment('Default'),
    experiment('/Users/me/wine', 3, 30),
    experiment('/Users/me/sherry', 2, 50),
    experiment('/Users/you/port', 1, 40),
    experiment('/Shared/deep/one', 5, 10),
  ];

  it('where at least two stand in the same folder', () => {
    expect(drawn(experimentLines(some, byName))).toEqual([
      '/Shared/deep/one',
      '- /Users/',
      '  - me/',
      '    sherry',
      '    wine',
      '  you/port',
      'Default',
    ]);
  });

  it('into folders that count what they hold', () => {
    const lines = experimentLines(some, { ...byName, isOpen: () => false });
    expect(lines[1]).toMatchObject({ path: '/Users/', counts: { runs: 6, experiments: 3, lastRunTime: 50 } });
  });

  it('joining folders that hold one folder only', () => {
    const lines = experimentLines([experiment('/a/b/x'), experiment('/a/b/y')], byName);
    expect(drawn(lines)).toEqual(['- /a/b/', '  x', '  y']);
  });

  it('closed folders hide what they hold', () => {
    const lines = experimentLines(some, { ...byName, isOpen: (path) => path !== '/Users/' });
    expect(drawn(lines)).toEqual(['/Shared/deep/one', '+ /Users/', 'Default']);
  });

  it('by the last run, folders by the youngest run within them', () => {
    const lines = experimentLines([...some, experiment('z', 1, 45)], {
      ...byName,
      order: 'last-run',
      descending: true,
    });
    expect(drawn(lines)).toEqual([
      '- /Users/',
      '  - me/',
      '    sherry',
      '    wine',
      '  you/port',
      'z',
      '/Shared/deep/one',
      'Default',
    ]);
  });

  it('a name that ends with a slash, or is empty between two, is still one experiment', () => {
    const lines = experimentLines([experiment('a//b'), experiment('a/'), experiment('//')], byName);
    expect(lines.filter(({ kind }) => kind === 'experiment')).toHaveLength(3);
  });
});
