import { useQuery } from '@tanstack/react-query';
import { Badge } from '../kit/badge.tsx';
import { Code, Copyable } from '../kit/copy.tsx';
import { Section } from '../kit/page.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import { Files } from './files.tsx';
import { loadLines } from './load-lines.ts';
import { modelQuery } from './queries.ts';
import css from './run-models.module.css';

const readiness = {
  READY: { word: 'ready', tone: 'good' },
  PENDING: { word: 'being logged', tone: 'wait' },
  UPLOAD_FAILED: { word: 'upload failed', tone: 'bad' },
  UNSPECIFIED: { word: 'unknown', tone: 'wait' },
} as const;

/** A model of its own that the run logged: how to load it, and its files. */
export function RunModel({ id }: { readonly id: string }) {
  const query = useQuery(modelQuery(id));
  if (query.isPending)
    return (
      <Section title="Logged model">
        <Loading what="the model" rows={3} />
      </Section>
    );
  if (query.isError)
    return (
      <Section title="Logged model">
        <Failure error={query.error} onRetry={query.refetch} />
      </Section>
    );
  const { name, status } = query.data;
  const { word, tone } = readiness[status];
  return (
    <Section
      title="Logged model"
      note={
        <>
          {name} <Badge tone={tone}>{word}</Badge>
        </>
      }
    >
      <div className={css['model']}>
        <Copyable text={id} what="model id" />
        <Code
          label={`Python that loads the model ${name}`}
          lines={loadLines(window.location.origin, `models:/${id}`)}
        />
        <Files owner={{ modelId: id }} urlKey={`folder.${id}`} empty="The model has no files yet." />
      </div>
    </Section>
  );
}

/** A model that an MLflow 2 client left among the run's artifacts. */
export function OlderModel({ runId, path }: { readonly runId: string; readonly path: string }) {
  return (
    <Section title="Logged model" note={path}>
      <Code
        label={`Python that loads the model ${path}`}
        lines={loadLines(window.location.origin, `runs:/${runId}/${path}`)}
      />
    </Section>
  );
}
