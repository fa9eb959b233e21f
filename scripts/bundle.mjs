// The last step of `npm run build`: the program and what it stands on, nearly two thousand modules, become one file, which
// Node.js reads in a fraction of the time. node scripts/bundle.mjs [DIR], where DIR holds what tsc has just made: dist/.
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
await bundle.write({ dir: folder, format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'part-[hash].js' });
