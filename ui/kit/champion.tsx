import { Badge } from './badge.tsx';
import { CrownIcon } from './icons.tsx';

/** A slot that a model is the champion of. */
export interface Championship {
  readonly service: string;
  readonly environment: string;
  readonly version: string;
}

/** A crown for each slot that something is the champion of. `versioned` also tells which version of a model it is. */
export function Crowns({
  of,
  versioned = false,
}: {
  readonly of: readonly Championship[];
  readonly versioned?: boolean;
}) {
  return of.map(({ service, environment, version }) => (
    <Badge
      key={`${service} ${environment}`}
      tone="champion"
      title={`Champion of ${service} on ${environment.toUpperCase()}`}
    >
      <CrownIcon />
      {environment.toUpperCase()}
      {versioned && ` v${version}`}
    </Badge>
  ));
}
