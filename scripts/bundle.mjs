// The last step of `npm run build`: the program and what it stands on, nearly two thousand modules, become one file, which
// Node.js reads in a fraction of the time. node scripts/bundle.mjs [DIR], where DIR holds what tsc has just made: dist/.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.resolve(process.argv[2] ?? path.join(root, 'dist'), 'cli');
/** These bring machine code, or find files of their own at run time. */
const external = ['better-sqlite3', 'pino', '@duckdb/node-api', 'onnxruntime-node'];

const bundle = await rolldown({
  input: { main: path.join(folder, 'main.js') },
  platform: 'node',
  external: [/^node:/, ...external.map((name) => new RegExp(`^${name}(/|$)`))],
  plugins: [
    {
      // A module that stands elsewhere goes on finding what stands beside its source.
      name: 'place of modules',
      transform(code, id) {
        const place = path.relative(folder, id).split(path.sep).join('/');
        return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`);
      },
    },
  ],
});
const { output } = await bundle.write({
  dir: folder,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'part-[hash].js',
});

/** The folder of the package that a module is of; undefined for our own. */
const packageOf = (/** @type {string} */ module) =>
  /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(module)?.[0];

// What is copied must keep its licence beside it.
const modules = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
const packages = new Set(modules.flatMap((module) => packageOf(module) ?? []));
const licences = [...packages].sort().map((place) => {
  const { name, version, license } = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8'));
  const file = readdirSync(place).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : `\n${readFileSync(path.join(place, file), 'utf8').trim()}\n`;
  return `## ${name} ${version} (${license})\n${text}`;
});
writeFileSync(path.join(folder, 'licenses.md'), `# Packages in this program\n\n${licences.join('\n')}`);
