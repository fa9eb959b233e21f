// Runs before the first paint, so that a chosen theme does not flash the other one. See app/theme.ts.
try {
  const theme = localStorage.getItem('cellar.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system decides.
}
