import type { ServedSlot, Slot } from '../app/api.ts';
import css from './health.module.css';

interface HealthProps {
  /** Undefined where nothing was ever served. */
  readonly served: ServedSlot | undefined;
  readonly champion: Slot['champion'];
}

/** Whether the champion answers requests, in a line with a dot. */
export function Health({ served, champion }: HealthProps) {
  const { tone, words, more } = healthOf(served, champion);
  return (
    <p className={`${css['health']} ${css[tone]}`} title={more}>
      <span className={css['dot']} aria-hidden="true" />
      {words}
    </p>
  );
}

interface Told {
  readonly tone: 'good' | 'bad' | 'wait' | 'off';
  readonly words: string;
  readonly more?: string;
}

function healthOf(served: ServedSlot | undefined, champion: Slot['champion']): Told {
  const live = served?.live ?? null;
  if (live === null) {
    if (served?.problem != null) return { tone: 'bad', words: 'Not served', more: served.problem };
    if (served?.starting != null) return { tone: 'wait', words: 'Starting' };
    return { tone: 'off', words: champion === null ? 'Nothing to serve' : 'Not served' };
  }
  const workers = `${live.workers} ${live.workers === 1 ? 'worker' : 'workers'}`;
  const how = `${live.runtime === 'onnx' ? 'ONNX' : 'Python'}, ${workers}`;
  if (champion === null || live.registeredModel !== champion.registeredModel || live.version !== champion.version)
    return {
      tone: served?.problem == null ? 'wait' : 'bad',
      words: `Still ${live.registeredModel} v${live.version} · ${how}`,
      ...(served?.problem != null && { more: served.problem }),
    };
  return { tone: 'good', words: `Live · ${how}` };
}
