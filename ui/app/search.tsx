import { lazy, Suspense, useEffect, useState } from 'react';
import { SearchIcon } from '../kit/icons.tsx';
import css from './search.module.css';

// Most visits never search.
const SearchDialog = lazy(() => import('./search-dialog.tsx'));

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The way to everything that has a name or an id: a button in the bar, or Ctrl-K (⌘K on a Mac) anywhere. */
export function Search() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(isApple ? event.metaKey : event.ctrlKey) || event.altKey) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <button
        type="button"
        className={css['open']}
        aria-keyshortcuts={isApple ? 'Meta+K' : 'Control+K'}
        title="Search runs, experiments, models and decisions"
        onClick={() => setOpen(true)}
      >
        <SearchIcon />
        <span className={css['words']}>Search</span>
        <kbd>{isApple ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      {isOpen && (
        <Suspense>
          <SearchDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
