/** The face of the configuration: what reads a `cellar.yaml`, without a server too. */
export { type Configuration, emptyConfiguration, slotsOf } from './configuration.ts';
export { diffConfigurations, type SettingChange } from './diff.ts';
export type { Mistake } from './document.ts';
export { parseDuration } from './duration.ts';
export { exportYaml } from './export.ts';
export { type ConfigurationSource, mistakeLine, namedFiles, parseConfiguration, readConfiguration } from './read.ts';
export { publishedSchema } from './schema.ts';
