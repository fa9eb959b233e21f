import { useQueries, useQuery } from '@tanstack/react-query';
import type { Run } from '../app/api.ts';
import { ArtifactBrowser } from '../artifacts/artifact-browser.tsx';
import type { Root } from '../artifacts/artifact-tree.tsx';
import { ModelCard } from '../artifacts/model-card.tsx';
import { filesQuery } from '../artifacts/queries.ts';
import { Loading } from '../kit/states.tsx';
import type { RegisterModel } from './bulk-bar.tsx';
import { modelQuery } from './queries.ts';
import { RegisterButton } from './register-button.tsx';
import css from './run-page.module.css';

interface RunArtifactsProps {
  readonly run: Run;
  readonly register: RegisterModel;
}

/** The files of a run, and below them those of the models that it logged. */
export function RunArtifacts({ run, register }: RunArtifactsProps) {
  const models = useQueries({ queries: run.modelOutputs.map(({ modelId }) => modelQuery(modelId)) });
  const files: Root = { id: '', name: 'Files of the run', owner: { runId: run.runId }, isModel: false };
  const ofModels = run.modelOutputs.map(
    ({ modelId }, i): Root => ({
      id: modelId,
      name: models[i]?.data?.name ?? modelId,
      owner: { modelId },
      isModel: true,
    }),
  );
  const own = useQuery(filesQuery(files.owner, ''));
  const [first, ...others] = ofModels;
  if (first !== undefined && own.isPending) return <Loading what="the files" rows={3} />;
  // A client of MLflow 3 keeps a model's files with the model: often the run has none of its own.
  const hasNone = first !== undefined && own.data?.length === 0;
  return (
    <ArtifactBrowser
      roots={hasNone ? [first, ...others] : [files, ...ofModels]}
      about={(root) =>
        root.isModel ? (
          <ModelCard
            owner={root.owner}
            folder=""
            name={root.name}
            uri={`models:/${root.id}`}
            actions={<RegisterButton model={{ uri: `models:/${root.id}`, name: root.name }} register={register} />}
          />
        ) : (
          <p className={css['none']}>Choose a file to see it here.</p>
        )
      }
    />
  );
}
