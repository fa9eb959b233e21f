import { type DragEvent, useState } from 'react';
import { Button } from '../kit/button.tsx';
import { Tick } from '../kit/form.tsx';
import { Popup } from '../kit/popup.tsx';
import type { Dimension } from './dimension.ts';
import type { Mark } from './marks.ts';
import css from './plot.module.css';

interface ParallelAxisProps {
  readonly axis: Dimension;
  readonly mark: Mark | undefined;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onMark: (mark: Mark | undefined) => void;
  readonly onLog: (log: boolean) => void;
  /** To the left (-1) or to the right. */
  readonly onMove: (by: number) => void;
  /** Another axis was dropped here. */
  readonly onDrop: (id: string) => void;
  readonly onRemove: () => void;
}

const dragged = 'text/plain';

/** The head of an axis: its name in full, dragged to another place; everything that a mouse does is in its menu, too. */
export function ParallelAxis({
  axis,
  mark,
  isFirst,
  isLast,
  onMark,
  onLog,
  onMove,
  onDrop,
  onRemove,
}: ParallelAxisProps) {
  const [isOver, setOver] = useState(false);
  const { from, to } = mark ?? { from: 0, to: 1 };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onDrop(event.dataTransfer.getData(dragged));
  };
  return (
    <fieldset
      aria-label={`Axis ${axis.name}`}
      className={`${css['axisHead']} ${isOver ? css['over'] : ''}`}
      draggable
      onDragStart={(event) => event.dataTransfer.setData(dragged, axis.id)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Popup
        quiet
        label={<span className={css['axisName']}>{axis.name}</span>}
        title={`Change the axis ${axis.name}`}
        align={isLast ? 'end' : 'start'}
      >
        {(close) => (
          <div className={css['axisMenu']}>
            {axis.canLog && (
              <Tick label="Logarithmic" checked={axis.log} onChange={(event) => onLog(event.target.checked)} />
            )}
            <End
              label="From"
              axis={axis}
              place={from}
              onPlace={(place) => onMark({ from: Math.min(place, to - 0.01), to })}
            />
            <End
              label="To"
              axis={axis}
              place={to}
              onPlace={(place) => onMark({ from, to: Math.max(place, from + 0.01) })}
            />
            {mark !== undefined && <Button onClick={() => onMark(undefined)}>Clear the mark</Button>}
            <div className={css['moves']}>
              <Button disabled={isFirst} onClick={() => onMove(-1)}>
                Move left
              </Button>
              <Button disabled={isLast} onClick={() => onMove(1)}>
                Move right
              </Button>
            </div>
            <Button
              onClick={() => {
                close();
                onRemove();
              }}
            >
              Remove
            </Button>
          </div>
        )}
      </Popup>
    </fieldset>
  );
}

interface EndProps {
  readonly label: string;
  readonly axis: Dimension;
  readonly place: number;
  readonly onPlace: (place: number) => void;
}

/** One end of a mark, moved by the keyboard. */
function End({ label, axis, place, onPlace }: EndProps) {
  return (
    <label className={css['end']}>
      {label}
      <input
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={place}
        aria-valuetext={axis.at(place)}
        onChange={(event) => onPlace(Number(event.target.value))}
      />
      <output>{axis.at(place)}</output>
    </label>
  );
}
