import { useSearchParams } from 'react-router';

/**
 * One piece of view state in the URL; '' is absent. `push` makes a step that Back undoes, otherwise the address is
 * replaced. Several pieces may be set in one event.
 */
export function useUrlState(): readonly [URLSearchParams, (change: Record<string, string>, push?: boolean) => void] {
  const [params, setParams] = useSearchParams();
  const change = (pieces: Record<string, string>, push = true) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [key, value] of Object.entries(pieces)) {
          if (value === '') after.delete(key);
          else after.set(key, value);
        }
        return after;
      },
      // At once, not as a transition: a control shows its new state in the moment in which it is used.
      { replace: !push, preventScrollReset: true, flushSync: true },
    );
  return [params, change];
}
