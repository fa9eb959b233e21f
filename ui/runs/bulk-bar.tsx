import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { client, type RunQuery, type RunRow, type RunSelection, runsCsvUrl } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import buttonCss from '../kit/button.module.css';
import { Button } from '../kit/button.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { Form, TextField } from '../kit/form.tsx';
import { count } from '../kit/format.ts';
import { DownloadIcon } from '../kit/icons.tsx';
import css from './bulk-bar.module.css';
import type { Picks } from './picks.ts';

/** A model that could be registered. */
export interface ModelChoice {
  readonly uri: string;
  readonly name: string;
}

/** Draws the window that registers one of these models. */
export type RegisterModel = (models: readonly ModelChoice[], onClose: () => void) => ReactNode;

interface BulkBarProps {
  readonly picks: Picks;
  readonly query: RunQuery;
  /** All runs that the query finds. */
  readonly total: number | undefined;
  readonly rows: readonly RunRow[];
  /** Columns of the CSV: `metrics.F1`. */
  readonly columns: readonly string[];
  readonly register: RegisterModel;
  readonly onClear: () => void;
  readonly onAll: () => void;
}

const mostCompared = 100;
type Window = 'tag' | 'delete' | 'restore' | 'register';

/** What can be done with the runs that are picked. */
export function BulkBar({ picks, query, total, rows, columns, register, onClear, onAll }: BulkBarProps) {
  const [open, setOpen] = useState<Window>();
  const ids = picks === 'all' ? [] : [...picks];
  const number = picks === 'all' ? total : ids.length;
  const words = number === undefined ? 'all runs' : `${count(number)} ${number === 1 ? 'run' : 'runs'}`;
  const selection: RunSelection = picks === 'all' ? { query } : { runIds: ids };
  const models = ids.length === 1 ? modelsOf(rows.find(({ runId }) => runId === ids[0])) : [];
  const found = picks === 'all' ? query : { ...query, filter: `run_id IN (${ids.map((id) => `'${id}'`).join(', ')})` };
  const comparable = ids.length > 1 && ids.length <= mostCompared;
  const close = () => setOpen(undefined);
  const done = () => {
    close();
    onClear();
  };
  return (
    <section className={css['bar']} aria-label="Selected runs">
      <p className={css['count']} role="status">
        {words} selected
      </p>
      {picks !== 'all' && total !== undefined && total > ids.length && (
        <Button look="quiet" onClick={onAll}>
          Select all {count(total)}
        </Button>
      )}
      <span className={css['actions']}>
        {comparable ? (
          <Link className={`${buttonCss['button']} ${buttonCss['main']}`} to={paths.compare(ids)}>
            Compare
          </Link>
        ) : (
          <Button disabled title={`Select between 2 and ${mostCompared} runs to compare them`}>
            Compare
          </Button>
        )}
        <Button onClick={() => setOpen('tag')}>Tag</Button>
        {models.length > 0 && <Button onClick={() => setOpen('register')}>Register model</Button>}
        <a className={buttonCss['button']} href={runsCsvUrl(found, columns)} download>
          <DownloadIcon />
          CSV
        </a>
        <Button onClick={() => setOpen(query.deleted === true ? 'restore' : 'delete')}>
          {query.deleted === true ? 'Restore' : 'Delete'}
        </Button>
        <Button look="quiet" onClick={onClear}>
          Clear
        </Button>
      </span>
      {open === 'tag' && <TagRuns words={words} selection={selection} onClose={close} onDone={done} />}
      {(open === 'delete' || open === 'restore') && (
        <DeleteRuns words={words} verb={open} selection={selection} onClose={close} onDone={done} />
      )}
      {open === 'register' && register(models, close)}
    </section>
  );
}

const modelsOf = (run: RunRow | undefined): ModelChoice[] =>
  run?.models.map(({ modelId, name }) => ({
    name,
    uri: modelId === null ? `runs:/${run.runId}/${name}` : `models:/${modelId}`,
  })) ?? [];

interface ChangeProps {
  readonly words: string;
  readonly selection: RunSelection;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function useChange<Given>(mutationFn: (given: Given) => Promise<number>, onDone: () => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: async () => {
      onDone();
      await cache.invalidateQueries({ queryKey: ['runs'] });
    },
  });
}

function TagRuns({ words, selection, onClose, onDone }: ChangeProps) {
  const change = useChange(
    ({ key, value }: { key: string; value: string }) => client.tagRuns(selection, key, value),
    onDone,
  );
  return (
    <Dialog title={`Tag ${words}`} onClose={onClose}>
      <Form
        action="Set tag"
        busy={change.isPending}
        error={change.error}
        onCancel={onClose}
        onSubmit={(values) => change.mutate({ key: values.text('key'), value: values.text('value') })}
      >
        <TextField name="key" label="Tag" required hint="A tag of this name that a run already has is replaced." />
        <TextField name="value" label="Value" />
      </Form>
    </Dialog>
  );
}

function DeleteRuns({ words, verb, selection, onClose, onDone }: ChangeProps & { verb: 'delete' | 'restore' }) {
  const isDelete = verb === 'delete';
  const change = useChange(() => (isDelete ? client.deleteRuns(selection) : client.restoreRuns(selection)), onDone);
  return (
    <Dialog title={`${isDelete ? 'Delete' : 'Restore'} ${words}?`} onClose={onClose}>
      <Form
        action={isDelete ? 'Delete' : 'Restore'}
        danger={isDelete}
        busy={change.isPending}
        error={change.error}
        onCancel={onClose}
        onSubmit={() => change.mutate(undefined)}
      >
        <p>
          {isDelete
            ? 'They leave the table and every search. Show deleted runs to restore them.'
            : 'They return to the table with everything that was logged.'}
        </p>
      </Form>
    </Dialog>
  );
}
