import { Suspense, useEffect, useRef } from 'react';
import { Link, NavLink, Outlet, ScrollRestoration, useLocation } from 'react-router';
import { MoonIcon, SunIcon, SystemIcon } from '../kit/icons.tsx';
import { Loading } from '../kit/states.tsx';
import { paths } from './paths.ts';
import { Search } from './search.tsx';
import css from './shell.module.css';
import { setTheme, type Theme, themes, useTheme } from './theme.ts';

/** What stands around every page. */
export function Shell() {
  const main = useFocusOnArrival();
  return (
    <>
      <a href="#content" className={css['skip']}>
        Skip to content
      </a>
      <header className={css['bar']}>
        <Link to={paths.home()} className={css['brand']}>
          <Mark />
          Cellar
        </Link>
        <nav aria-label="Rooms" className={css['rooms']}>
          <NavLink to={paths.experiments()}>Experiments</NavLink>
          <NavLink to={paths.models()}>Models</NavLink>
        </nav>
        <Search />
        <ThemeSwitch />
      </header>
      <main id="content" ref={main} tabIndex={-1} className={css['content']}>
        <Suspense fallback={<Loading what="the page" />}>
          <Outlet />
        </Suspense>
      </main>
      <ScrollRestoration />
    </>
  );
}

/** Moves the keyboard to the content when another page opens; a change of the query string is the same page. */
function useFocusOnArrival() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current !== pathname) main.current?.focus({ preventScroll: true });
    before.current = pathname;
  }, [pathname]);
  return main;
}

const icons = { system: SystemIcon, light: SunIcon, dark: MoonIcon };

function ThemeSwitch() {
  const theme = useTheme();
  const next: Theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  const Icon = icons[theme];
  const says = `Colours: ${theme}. Change to ${next}.`;
  return (
    <button type="button" className={css['theme']} aria-label={says} title={says} onClick={() => setTheme(next)}>
      <Icon />
    </button>
  );
}

/** A vault with three bottles. */
function Mark() {
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <path className={css['vault']} d="M3 30V15a13 13 0 0 1 26 0v15z" />
      <g className={css['bottles']}>
        <circle cx="16" cy="13" r="3.6" />
        <circle cx="11.2" cy="21.4" r="3.6" />
        <circle cx="20.8" cy="21.4" r="3.6" />
      </g>
    </svg>
  );
}
