import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { type ArtifactOwner, framedPageUrl } from '../app/api.ts';
import { Button } from '../kit/button.tsx';
import { Code } from '../kit/copy.tsx';
import { fileSize } from '../kit/format.ts';
import { Failure, Loading } from '../kit/states.tsx';
import { indentJson } from './indent-json.ts';
import { baseName, imageType, kindOf } from './kind.ts';
import css from './preview.module.css';
import { bytesQuery, shownBytes, textQuery } from './queries.ts';
import type { Start } from './start-of.ts';

const MarkdownPreview = lazy(() => import('./markdown-preview.tsx'));
const TablePreview = lazy(() => import('./table-preview.tsx'));

interface PreviewProps {
  readonly owner: ArtifactOwner;
  readonly path: string;
  readonly sizeBytes: number;
}

const largestImage = 32 * 1024 * 1024;

/** A file as its kind is best read. */
export function Preview({ owner, path, sizeBytes }: PreviewProps) {
  const kind = kindOf(path);
  if (kind === 'none') return <p className={css['none']}>There is no preview of this kind of file.</p>;
  if (kind === 'page') return <PagePreview owner={owner} path={path} />;
  if (kind !== 'image') return <TextPreview owner={owner} path={path} sizeBytes={sizeBytes} />;
  if (sizeBytes > largestImage) return <p className={css['none']}>This image is too large to be shown here.</p>;
  return <ImagePreview owner={owner} path={path} />;
}

function TextPreview({ owner, path, sizeBytes }: PreviewProps) {
  const query = useQuery(textQuery(owner, path));
  if (query.isPending) return <Loading what={path} />;
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  const start = query.data;
  return (
    <Suspense fallback={<Loading what={path} />}>
      {!start.whole && (
        <p className={css['note']} role="status">
          The first {fileSize(shownBytes)} of {fileSize(sizeBytes)} are shown.
        </p>
      )}
      <Words path={path} start={start} />
    </Suspense>
  );
}

function Words({ path, start }: { readonly path: string; readonly start: Start }) {
  const kind = kindOf(path);
  if (start.text === '') return <p className={css['none']}>This file is empty.</p>;
  if (kind === 'markdown') return <MarkdownPreview text={start.text} />;
  if (kind === 'table') return <TablePreview name={baseName(path)} start={start} />;
  return (
    <div className={css['text']}>
      <Code label={path} lines={[kind === 'json' && start.whole ? indentJson(start.text) : start.text]} />
    </div>
  );
}

function ImagePreview({ owner, path }: Omit<PreviewProps, 'sizeBytes'>) {
  const query = useQuery(bytesQuery(owner, path));
  const [url, setUrl] = useState<string>();
  const { data } = query;
  useEffect(() => {
    if (data === undefined) return;
    const made = URL.createObjectURL(new Blob([data], { type: imageType(path) ?? '' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [data, path]);
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (url === undefined) return <Loading what={path} />;
  return <img className={css['image']} src={url} alt={path} />;
}

/** A page of the run's own: in a frame of another origin, without scripts until the reader lets them run. */
function PagePreview({ owner, path }: Omit<PreviewProps, 'sizeBytes'>) {
  const [scripts, setScripts] = useState(false);
  return (
    <>
      <p className={css['note']}>
        {scripts ? 'Its scripts run, apart from this page and without a network.' : 'Shown without its scripts.'}{' '}
        <Button onClick={() => setScripts(!scripts)}>{scripts ? 'Stop its scripts' : 'Let its scripts run'}</Button>
      </p>
      <iframe
        key={String(scripts)}
        className={css['page']}
        title={path}
        src={framedPageUrl(owner, path, scripts)}
        sandbox={scripts ? 'allow-scripts' : ''}
      />
    </>
  );
}
