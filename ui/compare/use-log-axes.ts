import { listFromUrl, listToUrl } from '../app/url-list.ts';
import { useUrlState } from '../app/url-state.ts';
import type { ComparedRun } from './compare-page.tsx';
import { dimension } from './dimension.ts';

/** Which axes are logarithmic: those that the URL names (`logs`), else those whose values span many powers of ten. */
export function useLogAxes(
  known: readonly string[],
  runs: readonly ComparedRun[],
): readonly [ReadonlySet<string>, (id: string, log: boolean) => void] {
  const [params, change] = useUrlState();
  const asked = params.get('logs');
  const logs = new Set(
    asked === null ? known.filter((id) => dimension(id, runs, false).spansDecades) : listFromUrl(asked),
  );
  const setLog = (id: string, log: boolean) => {
    const next = log ? [...logs, id] : [...logs].filter((each) => each !== id);
    // No axis at all is a choice as well; the URL says it by a comma.
    change({ logs: next.length === 0 ? ',' : listToUrl(next) });
  };
  return [logs, setLog];
}
