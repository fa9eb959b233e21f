import type { Epoch } from '../app/api.ts';

/** A version as an epoch names it. */
interface Named {
  readonly name: string;
  readonly version: string;
}

/** `f1_weighted on wine-holdout@1`: what is measured, and on what. */
export const epochName = ({ metric, holdout: { name, version } }: Epoch): string =>
  `${metric.name} on ${name}@${version}`;

/** `wine INT, PROD; beer INT`: who looks at these scores. */
export function slotsSaid({ slots }: Epoch): string {
  const services = [...new Set(slots.map(({ service }) => service))];
  return services
    .map((service) => {
      const environments = slots.filter((slot) => slot.service === service).map(({ environment }) => environment);
      return `${service} ${environments.map((name) => name.toUpperCase()).join(', ')}`;
    })
    .join('; ');
}

/** What a version scores in an epoch; undefined where it was not evaluated. */
export const scoreOf = ({ scores }: Epoch, { name, version }: Named): number | undefined =>
  scores.find((one) => one.registeredModel === name && one.version === Number(version))?.score;
