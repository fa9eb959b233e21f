import { usePrefetchQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { useChampions } from '../../environments/use-champions.ts';
import { ExperimentPage } from '../../experiments/experiment-page.tsx';
import { RegisterDialog } from '../../models/register-dialog.tsx';
import { RunsView } from '../../runs/runs-view.tsx';
import { columnsQuery, countQuery } from '../../runs/table-queries.ts';

export function Component() {
  const id = useParams()['id'] ?? '';
  const champions = useChampions();
  // Asked for together with the experiment, not after it.
  usePrefetchQuery(columnsQuery(id));
  usePrefetchQuery(countQuery({ experimentId: id, filter: '', deleted: false }, false));
  return (
    <ExperimentPage
      key={id}
      id={id}
      runs={(experiment) => (
        <RunsView
          experiment={experiment}
          champions={champions.ofRun}
          register={(models, onClose) => <RegisterDialog models={models} onClose={onClose} />}
        />
      )}
    />
  );
}
