import type { Json } from './json.ts';
import { patch, post, type Step } from './sequence.ts';

/** The same step as preparation: it must succeed, and its answer is compared elsewhere. */
export const given = (step: Step): Step => ({ ...step, given: true });

/** An experiment of this play's own; its id is kept as `as`. */
export function anExperiment({
  as = 'experiment',
  name = `${as}-{{unique}}`,
  ...more
}: {
  as?: string;
  name?: string;
  tags?: Json;
} = {}): Step {
  return given(post('experiments/create', { name, ...more }, { keep: { [as]: 'experiment_id' } }));
}

/** A run in the experiment kept as `in`; its id is kept as `as`, which is its name too. Without a time it started at 1000. */
export function aRun({
  as = 'run',
  in: experiment = 'experiment',
  ...more
}: {
  as?: string;
  in?: string;
  [field: string]: Json | undefined;
} = {}): Step {
  const body = { experiment_id: `{{${experiment}}}`, run_name: as, start_time: 1000, ...defined(more) };
  return given(post('runs/create', body, { keep: { [as]: 'run.info.run_id' } }));
}

/** An experiment with one run, kept as `experiment` and `run`. */
export const aRunOfItsOwn = (): Step[] => [anExperiment(), aRun()];

export function logged(batch: { run?: string; metrics?: Json; params?: Json; tags?: Json }): Step {
  const { run = 'run', ...rest } = batch;
  return given(post('runs/log-batch', { run_id: `{{${run}}}`, ...rest }));
}

/** A logged model of the experiment kept as `experiment`; its id is kept as `as`, which is its name too. */
export function aLoggedModel({ as = 'model', ...more }: { as?: string; [field: string]: Json | undefined } = {}): Step {
  const body = { experiment_id: '{{experiment}}', name: as, ...defined(more) };
  return given(post('logged-models', body, { keep: { [as]: 'model.info.model_id' } }));
}

/** A registered model named `<name>-<unique>`. */
export function aRegisteredModel(name = 'wine', more: { [field: string]: Json } = {}): Step {
  return given(post('registered-models/create', { name: `${name}-{{unique}}`, ...more }));
}

/** The next version of the registered model `<name>-<unique>`. Its source asks for no run. */
export function aVersion(name = 'wine', more: { [field: string]: Json } = {}): Step {
  return given(post('model-versions/create', { name: `${name}-{{unique}}`, source: 's3://bucket/model', ...more }));
}

export function inStage(version: string, stage: string, name = 'wine'): Step {
  return given(post('model-versions/transition-stage', { name: `${name}-{{unique}}`, version, stage }));
}

export const described = (version: string, description: string, name = 'wine'): Step =>
  given(patch('model-versions/update', { name: `${name}-{{unique}}`, version, description }));

function defined(fields: { readonly [name: string]: Json | undefined }): { [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
