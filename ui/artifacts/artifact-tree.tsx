import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Artifact, ArtifactOwner } from '../app/api.ts';
import { Button } from '../kit/button.tsx';
import { fileSize } from '../kit/format.ts';
import { ChevronIcon, FileIcon, FolderIcon, ModelIcon } from '../kit/icons.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import css from './artifact-tree.module.css';
import { baseName } from './kind.ts';
import { filesQuery } from './queries.ts';

/** Where files begin: those of a run, or of a model that it logged. */
export interface Root {
  /** What the URL calls it; '' is the first one. */
  readonly id: string;
  readonly name: string;
  readonly owner: ArtifactOwner;
  readonly isModel: boolean;
}

export interface Chosen {
  readonly root: string;
  /** A file or a folder; '' is the root itself. */
  readonly path: string;
}

interface ArtifactTreeProps {
  readonly roots: readonly Root[];
  readonly chosen: Chosen;
  readonly onChoose: (chosen: Chosen) => void;
}

/** So many entries of a folder are shown until more are asked for. */
const shownAtFirst = 500;

/** Folders within folders, each asked for when it is opened; the way to what is chosen is open. */
export function ArtifactTree({ roots, chosen, onChoose }: ArtifactTreeProps) {
  return (
    <nav aria-label="Files" className={css['tree']}>
      <ul>
        {roots.map((root) => (
          <Branch
            key={root.id}
            root={root}
            path=""
            startsOpen={!root.isModel || chosen.root === root.id}
            chosen={chosen.root === root.id ? chosen.path : undefined}
            onChoose={(path) => onChoose({ root: root.id, path })}
          />
        ))}
      </ul>
    </nav>
  );
}

interface BranchProps {
  readonly root: Root;
  readonly path: string;
  readonly startsOpen: boolean;
  /** The path that is chosen, when it is below this root. */
  readonly chosen: string | undefined;
  readonly onChoose: (path: string) => void;
}

function Branch({ root, path, startsOpen, chosen, onChoose }: BranchProps) {
  const [isOpen, setOpen] = useState(startsOpen);
  // Choosing a file from elsewhere opens the way to it.
  const [opened, setOpened] = useState(chosen);
  if (opened !== chosen) {
    setOpened(chosen);
    if (chosen !== undefined && isBelow(chosen, path)) setOpen(true);
  }
  const name = path === '' ? root.name : baseName(path);
  const isChosen = chosen === path;
  const Icon = path === '' && root.isModel ? ModelIcon : FolderIcon;
  return (
    <li>
      <div className={`${css['row']} ${isChosen ? css['chosen'] : ''}`}>
        <button
          type="button"
          className={`${css['fold']} ${isOpen ? css['open'] : ''}`}
          aria-expanded={isOpen}
          aria-label={`${isOpen ? 'Close' : 'Open'} ${name}`}
          onClick={() => setOpen(!isOpen)}
        >
          <ChevronIcon />
        </button>
        <button
          type="button"
          className={css['name']}
          aria-current={isChosen}
          onClick={() => {
            setOpen(true);
            onChoose(path);
          }}
        >
          <Icon />
          <span>{name}</span>
        </button>
      </div>
      {isOpen && <Leaves root={root} path={path} chosen={chosen} onChoose={onChoose} />}
    </li>
  );
}

const isBelow = (path: string, folder: string) => folder === '' || path.startsWith(`${folder}/`);

function Leaves({ root, path, chosen, onChoose }: Omit<BranchProps, 'startsOpen'>) {
  const query = useQuery(filesQuery(root.owner, path));
  const [most, setMost] = useState(shownAtFirst);
  if (query.isPending) return <Loading what="files" rows={2} />;
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  const entries = query.data.toSorted((a, b) => Number(b.isDirectory) - Number(a.isDirectory));
  if (entries.length === 0) return <p className={css['none']}>{path === '' ? 'No files' : 'Empty'}</p>;
  return (
    <ul>
      {entries
        .slice(0, most)
        .map((entry) =>
          entry.isDirectory ? (
            <Branch
              key={entry.path}
              root={root}
              path={entry.path}
              startsOpen={chosen !== undefined && (chosen === entry.path || isBelow(chosen, entry.path))}
              chosen={chosen}
              onChoose={onChoose}
            />
          ) : (
            <Leaf key={entry.path} file={entry} isChosen={chosen === entry.path} onChoose={onChoose} />
          ),
        )}
      {entries.length > most && (
        <li>
          <Button look="quiet" onClick={() => setMost(most + 5000)}>
            Show more of {entries.length} entries
          </Button>
        </li>
      )}
    </ul>
  );
}

interface LeafProps {
  readonly file: Artifact;
  readonly isChosen: boolean;
  readonly onChoose: (path: string) => void;
}

function Leaf({ file, isChosen, onChoose }: LeafProps) {
  return (
    <li>
      <button
        type="button"
        className={`${css['row']} ${css['leaf']} ${isChosen ? css['chosen'] : ''}`}
        aria-current={isChosen}
        onClick={() => onChoose(file.path)}
      >
        <FileIcon />
        <span>{baseName(file.path)}</span>
        <small>{fileSize(file.sizeBytes)}</small>
      </button>
    </li>
  );
}
