import { readFileSync } from 'node:fs';

/** The version in package.json, beside the folder of this file, both in `src` and in `dist`. */
export const version: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
