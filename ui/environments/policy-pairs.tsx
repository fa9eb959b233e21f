import { duration } from '../kit/format.ts';
import { Pairs } from '../kit/pairs.tsx';
import { allowanceSaid, goalSaid, guardName, guardSaid, type SelectionRecord } from './words.ts';

type Policy = SelectionRecord['input']['policy'];

/** What governed the slot, rule by rule. */
export const PolicyPairs = ({ policy }: { readonly policy: Policy }) => (
  <Pairs label="Policy" pairs={pairsOf(policy)} empty="No policy." />
);

function pairsOf(policy: Policy): (readonly [string, string])[] {
  const { metric, holdout, allow, where, experiment, requires, guards, brakes, approval, evaluateNewest } = policy;
  return [
    ['metric', `${metric.name}, ${goalSaid(metric.goal)}`],
    ['holdout', holdout === null ? 'none is pinned' : `${holdout.name}@${holdout.version}`],
    ...Object.entries(allow).map(([model, range]): readonly [string, string] => [
      `allowance of ${model}`,
      `${allowanceSaid(range)} (${range})`,
    ]),
    ...(experiment === null ? [] : [['experiment', experiment] as const]),
    ...(where === null ? [] : [['filter of the source run', where] as const]),
    ...(requires.tags.length === 0 ? [] : [['required tags', requires.tags.join(', ')] as const]),
    ...(requires.testedOn === null
      ? []
      : [['required test', `on ${requires.testedOn} for at least ${duration(requires.minTestTimeMs)}`] as const]),
    ...guards.map((guard): readonly [string, string] => [`guard: ${guardName(guard.kind)}`, guardSaid(guard)]),
    ['brakes', brakesSaid(brakes)],
    ['approval', approval === 'newCode' ? 'for code that was never champion here' : approval],
    ['evaluated', `the newest ${evaluateNewest} of each model and code version`],
  ];
}

function brakesSaid({ minDwellMs, maxSwapsPerDay }: Policy['brakes']): string {
  const said = [
    minDwellMs > 0 && `a champion stays at least ${duration(minDwellMs)}`,
    maxSwapsPerDay !== null && `at most ${maxSwapsPerDay} replacements a day`,
  ].filter((part) => part !== false);
  return said.length === 0 ? 'none' : said.join(', ');
}
