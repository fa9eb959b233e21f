import { useMemo, useState } from 'react';
import type { RunColumns } from '../app/api.ts';
import { useUrlState } from '../app/url-state.ts';
import type { Sort } from '../kit/table.tsx';
import { columnsFromUrl, columnsToUrl, defaultColumns } from './columns.ts';
import { sortFromUrl, sortToUrl } from './order.ts';
import { type Picks, picksFromUrl, picksToUrl } from './picks.ts';

export interface TableState {
  readonly filter: string;
  readonly sort: Sort | undefined;
  /** Undefined until the names are known that the default is made of. */
  readonly columns: readonly string[] | undefined;
  readonly isDefaultColumns: boolean;
  /** `params.lr`, or '' for single runs. */
  readonly group: string;
  readonly deleted: boolean;
  /** Nested runs stand in the table as every other run, not folded into the run that holds them. */
  readonly flat: boolean;
  readonly live: boolean;
  readonly picks: Picks;
  /** Runs whose nested runs are shown. */
  readonly open: ReadonlySet<string>;
  readonly set: {
    readonly filter: (filter: string) => void;
    readonly sort: (sort: Sort | undefined) => void;
    /** Undefined is the default. */
    readonly columns: (columns: readonly string[] | undefined) => void;
    readonly group: (by: string) => void;
    readonly deleted: (on: boolean) => void;
    readonly flat: (on: boolean) => void;
    readonly live: (on: boolean) => void;
    readonly picks: (picks: Picks) => void;
    readonly open: (runs: ReadonlySet<string>) => void;
  };
}

/** Picks as the address says, a moment ahead of it: a box must look ticked as soon as it is clicked. */
function usePicks(text: string): readonly [Picks, (picks: Picks) => void] {
  const [known, setKnown] = useState({ text, picks: picksFromUrl(text) });
  if (known.text !== text) setKnown({ text, picks: picksFromUrl(text) });
  return [known.picks, (picks) => setKnown({ text, picks })];
}

const listOf = (text: string) => (text === '' ? [] : text.split(','));

/** How the runs table stands, kept in the address. */
export function useTableState(known: RunColumns | undefined): TableState {
  const [params, change] = useUrlState();
  const read = (name: string) => params.get(name) ?? '';
  const written = read('columns');
  const chosen = useMemo(() => columnsFromUrl(written), [written]);
  const columns = useMemo(() => chosen ?? (known && defaultColumns(known)), [chosen, known]);
  const [picks, setPicks] = usePicks(read('picked'));
  return {
    filter: read('q'),
    sort: sortFromUrl(read('sort')),
    columns,
    isDefaultColumns: chosen === undefined,
    group: read('group'),
    deleted: read('deleted') === 'true',
    flat: read('nested') === 'flat',
    live: read('live') !== 'off',
    picks,
    open: new Set(listOf(read('open'))),
    set: {
      filter: (q) => change({ q, picked: '', open: '' }),
      sort: (sort) => change({ sort: sortToUrl(sort) }),
      columns: (columns) => change({ columns: columns === undefined ? '' : columnsToUrl(columns) }, false),
      group: (group) => change({ group, picked: '' }),
      deleted: (on) => change({ deleted: on ? 'true' : '', picked: '', open: '' }),
      flat: (on) => change({ nested: on ? 'flat' : '', open: '' }),
      live: (on) => change({ live: on ? '' : 'off' }, false),
      picks: (next) => {
        setPicks(next);
        change({ picked: picksToUrl(next) }, false);
      },
      open: (runs) => change({ open: [...runs].join(',') }, false),
    },
  };
}
