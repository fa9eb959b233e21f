import { useSyncExternalStore } from 'react';

/** Colours of the page (`--ink`, `--series-0`, …) as a canvas needs them: computed for the theme that is shown. */
export function computedColors(tokens: readonly string[]): ReadonlyMap<string, string> {
  const probe = document.createElement('i');
  probe.hidden = true;
  document.body.append(probe);
  const colors = new Map<string, string>();
  for (const token of tokens) {
    probe.style.color = `var(${token})`;
    colors.set(token, getComputedStyle(probe).color);
  }
  probe.remove();
  return colors;
}

/** The theme that is shown, whoever chose it: what was drawn with computed colours is drawn anew when it changes. */
export const useShownTheme = (): string => useSyncExternalStore(listen, shownTheme);

const darkSystem = () => matchMedia('(prefers-color-scheme: dark)');

const shownTheme = () => document.documentElement.dataset['theme'] ?? (darkSystem().matches ? 'dark' : 'light');

function listen(changed: () => void): () => void {
  const system = darkSystem();
  const chosen = new MutationObserver(changed);
  system.addEventListener('change', changed);
  chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    system.removeEventListener('change', changed);
    chosen.disconnect();
  };
}
