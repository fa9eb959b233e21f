import { useCallback, useLayoutEffect, useRef } from 'react';

/** The same function in every render; it does what the newest render's does. For rows that are drawn once. */
export function useStable<Args extends readonly unknown[]>(act: (...args: Args) => void): (...args: Args) => void {
  const newest = useRef(act);
  useLayoutEffect(() => {
    newest.current = act;
  });
  return useCallback((...args) => newest.current(...args), []);
}
