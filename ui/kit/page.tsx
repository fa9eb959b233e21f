import { type ReactNode, useEffect } from 'react';
import css from './page.module.css';

interface PageProps {
  /** What the browser's tab and the heading say. */
  readonly title: string;
  /** The heading, where it is more than the title. */
  readonly heading?: ReactNode;
  /** Links to what this page is in. */
  readonly within?: ReactNode;
  /** A description in its author's words. */
  readonly about?: string | undefined;
  /** Facts in a line under the heading. */
  readonly facts?: ReactNode;
  /** What can be done with it, beside the heading. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The one frame of every page: where am I, what is it, the facts, then the content. */
export function Page({ title, heading, within, about, facts, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Cellar`;
  }, [title]);
  return (
    <>
      <header className={css['header']}>
        {within !== undefined && (
          <nav aria-label="Breadcrumb" className={css['within']}>
            {within}
          </nav>
        )}
        <div className={css['top']}>
          <h1 className={css['heading']}>{heading ?? title}</h1>
          {actions !== undefined && <div className={css['actions']}>{actions}</div>}
        </div>
        {about !== undefined && <p className={css['about']}>{about}</p>}
        {facts !== undefined && <dl className={css['facts']}>{facts}</dl>}
      </header>
      {children}
    </>
  );
}

/** One named fact of a page's header. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className={css['fact']}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly children: ReactNode;
}

/** A headed part of a page. */
export function Section({ title, note, children }: SectionProps) {
  return (
    <section className={css['section']}>
      <div className={css['sectionHead']}>
        <h2>{title}</h2>
        {note !== undefined && <span className={css['note']}>{note}</span>}
      </div>
      {children}
    </section>
  );
}
