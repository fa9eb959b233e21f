import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const outDir = fileURLToPath(new URL('../dist/ui', import.meta.url));
const server = process.env['CELLAR_URL'] ?? 'http://127.0.0.1:5000';

/** Leaves a `.br` and a `.gz` beside each text file, so that the server compresses nothing while it serves. */
function precompress(): Plugin {
  const encodings = { br: promisify(brotliCompress), gz: promisify(gzip) };
  return {
    name: 'precompress',
    apply: 'build',
    async closeBundle() {
      for (const entry of await readdir(outDir, { recursive: true })) {
        if (!/\.(html|js|css|svg)$/.test(entry)) continue;
        const plain = await readFile(join(outDir, entry));
        for (const [ending, compress] of Object.entries(encodings)) {
          const packed = await compress(plain);
          if (packed.length < plain.length) await writeFile(join(outDir, `${entry}.${ending}`), packed);
        }
      }
    },
  };
}

// The default export is what Vite reads.
export default defineConfig({
  root,
  plugins: [react(), precompress()],
  build: {
    outDir,
    emptyOutDir: true,
    license: { fileName: 'licenses.md' },
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
    // The page's content-security policy admits no inline code; fonts and pictures stay files, too.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // The Host header stays the page's own: the server compares it with the Origin of writing requests.
    proxy: Object.fromEntries(
      ['/ajax-api', '/api', '/get-artifact', '/version'].map((path) => [path, { target: server, changeOrigin: false }]),
    ),
  },
});
