import { useQuery } from '@tanstack/react-query';
import { type ArtifactOwner, fileUrl } from '../app/api.ts';
import { useUrlState } from '../app/url-state.ts';
import { fileSize } from '../kit/format.ts';
import { DownloadIcon, FileIcon, FolderIcon } from '../kit/icons.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import css from './files.module.css';
import { filesQuery } from './queries.ts';

interface FilesProps {
  readonly owner: ArtifactOwner;
  /** The URL's parameter that holds the open folder. */
  readonly urlKey: string;
  readonly empty: string;
}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** One folder of files: folders open, files download. */
export function Files({ owner, urlKey, empty }: FilesProps) {
  const [params, change] = useUrlState();
  const folder = params.get(urlKey) ?? '';
  const query = useQuery(filesQuery(owner, folder));
  const open = (path: string) => change({ [urlKey]: path });
  return (
    <div className={css['files']}>
      {folder !== '' && <Trail folder={folder} onOpen={open} />}
      {query.isPending ? (
        <div className={css['inset']}>
          <Loading what="files" rows={3} />
        </div>
      ) : query.isError ? (
        <Failure error={query.error} onRetry={query.refetch} />
      ) : query.data.length === 0 ? (
        <p className={css['empty']}>{folder === '' ? empty : 'This folder is empty.'}</p>
      ) : (
        <ul>
          {query.data.map((file) => (
            <li key={file.path}>
              {file.isDirectory ? (
                <button type="button" className={css['row']} onClick={() => open(file.path)}>
                  <FolderIcon />
                  <span className={css['name']}>{baseName(file.path)}</span>
                </button>
              ) : (
                <a className={css['row']} href={fileUrl(owner, file.path)} download={baseName(file.path)}>
                  <FileIcon />
                  <span className={css['name']}>{baseName(file.path)}</span>
                  <span className={css['size']}>{fileSize(file.sizeBytes)}</span>
                  <DownloadIcon />
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The way from the root to the open folder. */
function Trail({ folder, onOpen }: { readonly folder: string; readonly onOpen: (path: string) => void }) {
  const names = folder.split('/');
  return (
    <nav aria-label="Folders" className={css['trail']}>
      <button type="button" onClick={() => onOpen('')}>
        All files
      </button>
      {names.map((name, i) => {
        const path = names.slice(0, i + 1).join('/');
        return (
          <span key={path}>
            {' / '}
            {i === names.length - 1 ? (
              <span aria-current="location">{name}</span>
            ) : (
              <button type="button" onClick={() => onOpen(path)}>
                {name}
              </button>
            )}
          </span>
        );
      })}
    </nav>
  );
}
