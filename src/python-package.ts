import { fileURLToPath } from 'node:url';

/** The folder that ships `cellar_worker`, beside this one from source and when built. */
export const pythonPackage = fileURLToPath(new URL('../python', import.meta.url));
