import type { RunStatus } from '../app/api.ts';
import { CheckIcon, ClockIcon, CrossIcon, RunningIcon, StopIcon } from '../kit/icons.tsx';
import css from './run-status.module.css';

const looks = {
  RUNNING: { word: 'Running', Icon: RunningIcon, tone: 'wait' },
  SCHEDULED: { word: 'Scheduled', Icon: ClockIcon, tone: 'wait' },
  FINISHED: { word: 'Finished', Icon: CheckIcon, tone: 'good' },
  FAILED: { word: 'Failed', Icon: CrossIcon, tone: 'bad' },
  KILLED: { word: 'Killed', Icon: StopIcon, tone: 'bad' },
} as const;

/** A run's status in a sign and a word. */
export function Status({ status }: { readonly status: RunStatus }) {
  const { word, Icon, tone } = looks[status];
  return (
    <span className={`${css['status']} ${css[tone]} ${status === 'RUNNING' ? css['turning'] : ''}`}>
      <Icon />
      {word}
    </span>
  );
}
