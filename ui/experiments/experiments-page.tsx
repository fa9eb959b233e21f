import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useUrlState } from '../app/url-state.ts';
import { Button } from '../kit/button.tsx';
import { count } from '../kit/format.ts';
import { PlusIcon } from '../kit/icons.tsx';
import { Page } from '../kit/page.tsx';
import { SearchBox } from '../kit/search-box.tsx';
import { Empty, Failure, Loading } from '../kit/states.tsx';
import { ExperimentsTable } from './experiments-table.tsx';
import { NewExperiment } from './new-experiment.tsx';
import { experimentsQuery } from './queries.ts';

/** All experiments, folded by the slashes of their names, with their runs counted. */
export function ExperimentsPage() {
  const [params, change] = useUrlState();
  const [isNew, setNew] = useState(false);
  const text = params.get('q') ?? '';
  const deleted = params.get('deleted') === 'true';
  const query = useQuery(experimentsQuery(deleted));
  const wanted = text.toLowerCase();
  const all = query.data?.experiments ?? [];
  const found = text === '' ? all : all.filter(({ name }) => name.toLowerCase().includes(wanted));

  return (
    <Page
      title={deleted ? 'Deleted experiments' : 'Experiments'}
      actions={
        <>
          <Button onClick={() => change({ deleted: deleted ? '' : 'true', q: '' })}>
            {deleted ? 'Show experiments' : 'Show deleted'}
          </Button>
          <Button onClick={() => setNew(true)}>
            <PlusIcon />
            New experiment
          </Button>
        </>
      }
    >
      <SearchBox
        label="Find experiments by name"
        placeholder="Find by name"
        value={text}
        onSearch={(q) => change({ q })}
      />
      {query.isPending ? (
        <Loading what="experiments" />
      ) : query.isError ? (
        <Failure error={query.error} onRetry={query.refetch} />
      ) : found.length > 0 ? (
        <ExperimentsTable experiments={found} searched={text !== ''} deleted={deleted} />
      ) : text === '' ? (
        <Empty title="No experiment was deleted" />
      ) : (
        <Empty title={`No experiment has “${text}” in its name`}>
          <Button onClick={() => change({ q: '' })}>Show all experiments</Button>
        </Empty>
      )}
      {query.data?.more === true && (
        <p>These are the first {count(all.length)} experiments; the search above all pages finds the others.</p>
      )}
      {isNew && <NewExperiment onClose={() => setNew(false)} />}
    </Page>
  );
}
