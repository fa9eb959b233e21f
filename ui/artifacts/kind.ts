/** How a file is shown, as far as its name tells. */
export type Kind = 'text' | 'json' | 'markdown' | 'table' | 'image' | 'page' | 'none';

const kinds: Readonly<Record<string, Kind>> = {
  json: 'json',
  md: 'markdown',
  markdown: 'markdown',
  csv: 'table',
  tsv: 'table',
  html: 'page',
  htm: 'page',
};
const images: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  svg: 'image/svg+xml',
};
const texts = new Set(
  (
    'txt log err out yaml yml toml ini cfg conf properties env xml py pyi r jl sql sh js ts css java scala rs go c h ' +
    'cpp jsonl ndjson rst tex ipynb gitignore lock'
  ).split(' '),
);
const textNames = new Set(['MLmodel', 'MLproject', 'Dockerfile', 'Makefile', 'LICENSE', 'README']);

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const extensionOf = (path: string): string => /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';

export function kindOf(path: string): Kind {
  if (textNames.has(baseName(path))) return 'text';
  const extension = extensionOf(path);
  return kinds[extension] ?? (extension in images ? 'image' : texts.has(extension) ? 'text' : 'none');
}

/** The content type under which an image is drawn; undefined for what is none. */
export const imageType = (path: string): string | undefined => images[extensionOf(path)];
