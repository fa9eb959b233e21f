import { useState } from 'react';
import { Button } from '../kit/button.tsx';
import { TextField, Tick } from '../kit/form.tsx';
import { Popup } from '../kit/popup.tsx';
import css from './curve-controls.module.css';

interface MetricPickerProps {
  readonly metrics: readonly string[];
  readonly chosen: readonly string[];
  readonly onChoose: (metrics: readonly string[]) => void;
}

/** So many names are listed at once; the search finds the rest. */
const mostNames = 200;

/** Which metrics are drawn. */
export function MetricPicker({ metrics, chosen, onChoose }: MetricPickerProps) {
  const [text, setText] = useState('');
  const found = metrics.filter((metric) => metric.toLowerCase().includes(text.trim().toLowerCase()));
  const set = new Set(chosen);
  return (
    <Popup label={`Metrics: ${chosen.length} of ${metrics.length}`} title="Metrics to draw">
      {() => (
        <div className={css['picker']}>
          <TextField label="Find a metric" value={text} onChange={(event) => setText(event.target.value)} />
          <div className={css['quick']}>
            <Button onClick={() => onChoose([...new Set([...chosen, ...found])])}>Add all found</Button>
            <Button onClick={() => onChoose(chosen.filter((metric) => !found.includes(metric)))}>Remove them</Button>
          </div>
          <div className={css['names']}>
            {found.slice(0, mostNames).map((metric) => (
              <Tick
                key={metric}
                label={metric}
                checked={set.has(metric)}
                onChange={(event) =>
                  onChoose(event.target.checked ? [...chosen, metric] : chosen.filter((each) => each !== metric))
                }
              />
            ))}
          </div>
          {found.length > mostNames && <p>{found.length - mostNames} more: narrow the search.</p>}
        </div>
      )}
    </Popup>
  );
}
