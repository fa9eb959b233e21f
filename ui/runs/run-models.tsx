import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { Run } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { ModelCard } from '../artifacts/model-card.tsx';
import { Badge } from '../kit/badge.tsx';
import { Copyable } from '../kit/copy.tsx';
import { Section } from '../kit/page.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import type { RegisterModel } from './bulk-bar.tsx';
import { modelQuery } from './queries.ts';
import { RegisterButton } from './register-button.tsx';
import css from './run-models.module.css';

const readiness = {
  READY: { word: 'ready', tone: 'good' },
  PENDING: { word: 'being logged', tone: 'wait' },
  UPLOAD_FAILED: { word: 'upload failed', tone: 'bad' },
  UNSPECIFIED: { word: 'unknown', tone: 'wait' },
} as const;

interface RunModelsProps {
  readonly run: Run;
  /** Where an MLflow 2 client left models among the run's artifacts. */
  readonly olderModels: readonly string[];
  readonly register: RegisterModel;
}

/** The models that a run logged, and how each is used. */
export function RunModels({ run, olderModels, register }: RunModelsProps) {
  return (
    <>
      {run.modelOutputs.map(({ modelId }) => (
        <LoggedModel key={modelId} id={modelId} runId={run.runId} register={register} />
      ))}
      {run.modelOutputs.length === 0 &&
        olderModels.map((path) => (
          <Section key={path} title={path} note={<Files of={paths.runFiles(run.runId, '', path)} />}>
            <div className={css['model']}>
              <ModelCard
                owner={{ runId: run.runId }}
                folder={path}
                name={path}
                uri={`runs:/${run.runId}/${path}`}
                actions={
                  <RegisterButton model={{ uri: `runs:/${run.runId}/${path}`, name: path }} register={register} />
                }
              />
            </div>
          </Section>
        ))}
    </>
  );
}

interface LoggedModelProps {
  readonly id: string;
  readonly runId: string;
  readonly register: RegisterModel;
}

/** A model of its own, as MLflow 3 logs it. */
function LoggedModel({ id, runId, register }: LoggedModelProps) {
  const query = useQuery(modelQuery(id));
  if (!query.isSuccess)
    return (
      <Section title="Logged model">
        {query.isPending ? (
          <Loading what="the model" rows={3} />
        ) : (
          <Failure error={query.error} onRetry={query.refetch} />
        )}
      </Section>
    );
  const { name, status, statusMessage } = query.data;
  const { word, tone } = readiness[status];
  return (
    <Section
      title={name}
      note={
        <>
          <Badge tone={tone}>{word}</Badge>
          <Copyable text={id} what="model id" />
          <Files of={paths.runFiles(runId, id, '')} />
        </>
      }
    >
      <div className={css['model']}>
        {statusMessage !== undefined && statusMessage !== '' && <p>{statusMessage}</p>}
        <ModelCard
          owner={{ modelId: id }}
          folder=""
          name={name}
          uri={`models:/${id}`}
          actions={status === 'READY' && <RegisterButton model={{ uri: `models:/${id}`, name }} register={register} />}
        />
      </div>
    </Section>
  );
}

const Files = ({ of }: { readonly of: string }) => <Link to={of}>Files</Link>;
