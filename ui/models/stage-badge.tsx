import type { Stage } from '../app/api.ts';
import { Badge } from '../kit/badge.tsx';

const tones = { None: 'plain', Staging: 'wait', Production: 'good', Archived: 'plain' } as const;

/** The stage of a version; one without a stage shows nothing. */
export function StageBadge({ stage, of }: { readonly stage: Stage; readonly of?: string }) {
  if (stage === 'None') return null;
  return (
    <Badge tone={tones[stage]}>
      {stage}
      {of !== undefined && ` ${of}`}
    </Badge>
  );
}
