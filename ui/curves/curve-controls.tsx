import { Button } from '../kit/button.tsx';
import { ChoiceField, Tick } from '../kit/form.tsx';
import { PauseIcon, PlayIcon } from '../kit/icons.tsx';
import css from './curve-controls.module.css';
import { axes, type CurveSettings } from './settings.ts';

const axisNames = { step: 'Step', time: 'Wall time', relative: 'Relative time' } as const;

interface CurveControlsProps {
  readonly settings: CurveSettings;
  readonly onSettings: (change: Partial<CurveSettings>, push?: boolean) => void;
  /** Some of the runs go on. */
  readonly running: boolean;
}

/** How all curves of a page are drawn. */
export function CurveControls({ settings, onSettings, running }: CurveControlsProps) {
  const { axis, log, smoothing, live, range } = settings;
  return (
    <>
      <div className={css['axis']}>
        <ChoiceField
          label="x axis"
          value={axis}
          onChange={(event) => onSettings({ axis: axes.find((each) => each === event.target.value) ?? 'step' })}
        >
          {axes.map((each) => (
            <option key={each} value={each}>
              {axisNames[each]}
            </option>
          ))}
        </ChoiceField>
      </div>
      <label className={css['smoothing']}>
        Smoothing
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={smoothing}
          onChange={(event) => onSettings({ smoothing: Number(event.target.value) }, false)}
        />
        <output>{smoothing.toFixed(2)}</output>
      </label>
      <Tick label="Logarithmic y" checked={log} onChange={(event) => onSettings({ log: event.target.checked })} />
      {range !== undefined && <Button onClick={() => onSettings({ range: undefined })}>Show all of x</Button>}
      {running && (
        <Button onClick={() => onSettings({ live: !live })}>
          {live ? <PauseIcon /> : <PlayIcon />}
          {live ? 'Pause' : 'Go on live'}
        </Button>
      )}
    </>
  );
}
