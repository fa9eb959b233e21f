import { Cron } from 'croner';
import type { JobSetting, LoopSetting } from './configuration.ts';
import type { Found, Path } from './document.ts';
import { parseDuration } from './duration.ts';
import type { FileJob, FileLoop } from './schema.ts';

type Wrong = (path: Path, expected: string, found?: Found) => void;

const leastEveryMs = 60_000;

/** A loop block, read and checked: `models` are those that its environments admit. */
export function checkLoop(
  loop: FileLoop,
  path: Path,
  environments: readonly string[],
  models: readonly string[],
  wrong: Wrong,
): LoopSetting {
  for (const [index, name] of loop.environments.entries())
    if (!environments.includes(name))
      wrong(
        [...path, 'environments', String(index)],
        `an environment of this service's allow: ${environments.join(', ')}`,
      );
  const jobsOf = (field: 'train' | 'tune', jobs: readonly (readonly [string, FileJob])[]): Record<string, JobSetting> =>
    Object.fromEntries(
      jobs.map(([model, job]) => {
        if (!models.includes(model))
          wrong(
            [...path, field, model],
            `a registered model that the loop's environments admit: ${models.join(', ')}`,
            { isName: true },
          );
        return [model, jobOf(job)];
      }),
    );
  const { tune } = loop;
  return {
    environments: environments.filter((name) => loop.environments.includes(name)),
    schedule: scheduleOf(loop, path, wrong),
    train: jobsOf('train', Object.entries(loop.train)),
    tune:
      tune === undefined
        ? null
        : {
            jobs: jobsOf(
              'tune',
              Object.entries(tune).flatMap(([model, job]) => (typeof job === 'object' ? [[model, job] as const] : [])),
            ),
            everyNthLoop: typeof tune['everyNthLoop'] === 'number' ? tune['everyNthLoop'] : 10,
            backend: typeof tune['backend'] === 'string' ? tune['backend'] : 'tuning',
          },
    engine: loop.engine ?? 'local',
  };
}

const jobOf = ({ run, timeout }: FileJob): JobSetting => ({
  run,
  timeoutMs: timeout === undefined ? null : (parseDuration(timeout) ?? null),
});

function scheduleOf({ every, cron }: FileLoop, path: Path, wrong: Wrong): LoopSetting['schedule'] {
  if (cron === undefined) {
    if (every === undefined)
      wrong([...path, 'every'], 'a duration such as 7d, or cron beside it instead', { isMissing: true });
    const everyMs = parseDuration(every ?? '7d');
    if (everyMs === undefined || everyMs < leastEveryMs) wrong([...path, 'every'], 'a duration from 1m to ten years');
    return { everyMs: everyMs ?? leastEveryMs };
  }
  if (every !== undefined) wrong([...path, 'cron'], 'either every or cron', { isName: true });
  const text = cron.trim().replace(/\s+/g, ' ');
  if (!comes(text))
    wrong(
      [...path, 'cron'],
      'minute, hour, day of the month, month and day of the week, such as 0 3 * * 1, of a time that comes',
    );
  return { cron: text };
}

/** Whether five cron fields can be read, and name a time that there is: there is no 30 February. */
function comes(cron: string): boolean {
  if (cron.split(' ').length !== 5) return false;
  try {
    return new Cron(cron, { mode: '5-part', paused: true, timezone: 'UTC' }).nextRun(new Date(0)) !== null;
  } catch {
    return false;
  }
}
