import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { archiveUrl, fileUrl } from '../app/api.ts';
import { useUrlState } from '../app/url-state.ts';
import { fileSize } from '../kit/format.ts';
import { DownloadIcon } from '../kit/icons.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import css from './artifact-browser.module.css';
import { ArtifactTree, type Root } from './artifact-tree.tsx';
import { baseName } from './kind.ts';
import { Preview } from './preview.tsx';
import { filesQuery } from './queries.ts';

interface ArtifactBrowserProps {
  readonly roots: readonly [Root, ...Root[]];
  /** Draws what is worth knowing of a root that is chosen itself. */
  readonly about: (root: Root) => ReactNode;
}

/** A tree of files with a preview beside it; what is chosen stands in the URL, as `of` (the root) and `path`. */
export function ArtifactBrowser({ roots, about }: ArtifactBrowserProps) {
  const [params, change] = useUrlState();
  const root = roots.find(({ id }) => id === (params.get('of') ?? '')) ?? roots[0];
  const path = params.get('path') ?? '';
  return (
    <div className={css['browser']}>
      <ArtifactTree
        roots={roots}
        chosen={{ root: root.id, path }}
        onChoose={(chosen) => change({ of: chosen.root, path: chosen.path })}
      />
      <section className={css['shown']} aria-label="Preview">
        <Shown key={`${root.id} ${path}`} root={root} path={path} about={about} />
      </section>
    </div>
  );
}

interface ShownProps {
  readonly root: Root;
  readonly path: string;
  readonly about: (root: Root) => ReactNode;
}

function Shown({ root, path, about }: ShownProps) {
  const { owner } = root;
  const within = useQuery(filesQuery(owner, path.slice(0, Math.max(0, path.lastIndexOf('/')))));
  if (within.isPending) return <Loading what="the file" />;
  if (within.isError) return <Failure error={within.error} onRetry={within.refetch} />;
  const file = within.data.find((entry) => entry.path === path);
  if (path !== '' && file === undefined) return <p className={css['none']}>There is no file at {path}.</p>;
  if (file === undefined || file.isDirectory)
    return (
      <>
        <header className={css['head']}>
          <h2>{path === '' ? root.name : path}</h2>
          {within.data.length > 0 && <Download href={archiveUrl(owner, path)}>Download as zip</Download>}
        </header>
        {path === '' ? about(root) : <p className={css['none']}>Choose a file to see it here.</p>}
      </>
    );
  return (
    <>
      <header className={css['head']}>
        <h2>{path}</h2>
        <span className={css['size']}>{fileSize(file.sizeBytes)}</span>
        <Download href={fileUrl(owner, path)} name={baseName(path)}>
          Download
        </Download>
      </header>
      <Preview owner={owner} path={path} sizeBytes={file.sizeBytes} />
    </>
  );
}

interface DownloadProps {
  readonly href: string;
  /** The server names it unless given. */
  readonly name?: string;
  readonly children: ReactNode;
}

function Download({ href, name = '', children }: DownloadProps) {
  return (
    <a className={css['download']} href={href} download={name}>
      <DownloadIcon />
      {children}
    </a>
  );
}
