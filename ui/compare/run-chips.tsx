import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { paths } from '../app/paths.ts';
import { Swatch } from '../kit/chart.tsx';
import { TextField } from '../kit/form.tsx';
import { CrossIcon } from '../kit/icons.tsx';
import { MenuItem, Popup } from '../kit/popup.tsx';
import { Failure } from '../kit/states.tsx';
import type { ComparedRun } from './compare-page.tsx';
import { findRunsQuery } from './queries.ts';
import css from './run-chips.module.css';

interface RunChipsProps {
  readonly runs: readonly ComparedRun[];
  readonly experiment: (id: string) => ReactNode;
  readonly onRemove: (runId: string) => void;
}

/** The runs that are compared, each with its colour, its experiment and a way out. */
export function RunChips({ runs, experiment, onRemove }: RunChipsProps) {
  const severalExperiments = new Set(runs.map(({ experimentId }) => experimentId)).size > 1;
  return (
    <ul className={css['chips']} aria-label="Runs">
      {runs.map((run) => (
        <li key={run.runId} className={css['chip']}>
          <Swatch look={run.look} />
          <Link to={paths.run(run.runId)}>{run.title}</Link>
          {severalExperiments && <small>in {experiment(run.experimentId)}</small>}
          <button type="button" aria-label={`Remove ${run.title}`} onClick={() => onRemove(run.runId)}>
            <CrossIcon />
          </button>
        </li>
      ))}
    </ul>
  );
}

interface AddRunProps {
  readonly chosen: readonly string[];
  readonly isFull: boolean;
  readonly onAdd: (runId: string) => void;
}

/** Finds a run of any experiment by its name or id. */
export function AddRun({ chosen, isFull, onAdd }: AddRunProps) {
  const [text, setText] = useState('');
  const query = useQuery(findRunsQuery(text.trim()));
  if (isFull) return null;
  const found = (query.data ?? []).filter(({ runId }) => !chosen.includes(runId));
  return (
    <div>
      <Popup label="Add a run" title="Add a run">
        {() => (
          <div className={css['find']}>
            <TextField label="Name or id" autoFocus value={text} onChange={(event) => setText(event.target.value)} />
            {query.isError && <Failure error={query.error} />}
            {text.trim() !== '' && query.isSuccess && found.length === 0 && <p>No other run is called so.</p>}
            <div className={css['found']}>
              {found.map((run) => (
                <MenuItem key={run.runId} onPick={() => onAdd(run.runId)}>
                  <span>
                    {run.name}
                    <small>
                      {run.experimentName} · {run.runId}
                    </small>
                  </span>
                </MenuItem>
              ))}
            </div>
          </div>
        )}
      </Popup>
    </div>
  );
}
