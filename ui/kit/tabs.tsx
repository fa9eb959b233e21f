import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import css from './tabs.module.css';

export interface Tab {
  /** What the URL calls it; '' is the first one. */
  readonly id: string;
  readonly title: string;
  /** How many things are behind it. */
  readonly count?: ReactNode;
}

/** Parts of one page, each at an address of its own: `?tab=`. The rest of the query stays as it is. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const [params] = useSearchParams();
  const open = useTab(tabs);
  const address = (id: string) => {
    const next = new URLSearchParams(params);
    if (id === '') next.delete('tab');
    else next.set('tab', id);
    return { search: next.toString() };
  };
  return (
    <nav aria-label={label} className={css['tabs']}>
      {tabs.map(({ id, title, count }) => (
        <Link key={id} to={address(id)} preventScrollReset aria-current={id === open ? 'page' : undefined}>
          {title}
          {count !== undefined && <span className={css['count']}>{count}</span>}
        </Link>
      ))}
    </nav>
  );
}

/** The tab that the URL asks for; the first one where it asks for none that is there. */
export function useTab(tabs: readonly Tab[]): string {
  const [params] = useSearchParams();
  const asked = params.get('tab') ?? '';
  return tabs.some(({ id }) => id === asked) ? asked : '';
}
