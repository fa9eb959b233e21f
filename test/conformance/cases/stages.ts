import { aRegisteredModel, aVersion, given, inStage } from '../givens.ts';
import type { Json } from '../json.ts';
import { capability, del, get, post, type Step, sequence } from '../sequence.ts';

const wine = 'wine-{{unique}}';
const move = (version: string, stage: Json, archive?: Json) =>
  post(
    'model-versions/transition-stage',
    { name: wine, version, stage, ...(archive === undefined ? {} : { archive_existing_versions: archive }) },
    { see: 'model_version.version,current_stage' },
  );
const latest = (stages?: Json) =>
  post(
    'registered-models/get-latest-versions',
    { name: wine, ...(stages === undefined ? {} : { stages }) },
    { see: 'model_versions.*.version,current_stage' },
  );
const stages = () =>
  get(
    'model-versions/search',
    { filter: "name = 'wine-{{unique}}'", order_by: 'version_number ASC' },
    { see: 'model_versions.*.version,current_stage' },
  );
const three = (): Step[] => [aRegisteredModel(), aVersion(), aVersion(), aVersion()];

export const modelStages = capability('stages', [
  sequence(
    'starts without a stage',
    aRegisteredModel(),
    post('model-versions/create', { name: wine, source: 's3://b/m' }, { see: 'model_version.current_stage' }),
  ),
  sequence(
    'moves a version and shows all of it',
    aRegisteredModel(),
    aVersion(),
    post('model-versions/transition-stage', { name: wine, version: '1', stage: 'Production' }),
  ),
  ...['Staging', 'Production', 'Archived', 'None'].map((stage) =>
    sequence(
      `moves a version to ${stage} in any spelling`,
      aRegisteredModel(),
      aVersion(),
      move('1', stage.toLowerCase()),
      move('1', stage.toUpperCase()),
      move('1', stage),
    ),
  ),
  sequence(
    'refuses a stage that does not exist',
    aRegisteredModel(),
    aVersion(),
    move('1', 'Live'),
    move('1', ''),
    move('1', 'Deleted_Internal'),
    move('1', ' Production'),
    move('1', 5),
    stages(),
  ),
  sequence(
    'asks for what it needs',
    aRegisteredModel(),
    aVersion(),
    post('model-versions/transition-stage', { name: wine, version: '1' }),
    post('model-versions/transition-stage', { name: wine, stage: 'Staging' }),
    post('model-versions/transition-stage', { version: '1', stage: 'Staging' }),
  ),
  sequence(
    'does not move what is not there',
    aRegisteredModel(),
    move('1', 'Staging'),
    post('model-versions/transition-stage', { name: 'never-{{unique}}', version: '1', stage: 'Staging' }),
  ),
  sequence(
    'lets several versions share a stage',
    ...three(),
    move('1', 'Production'),
    move('2', 'Production'),
    stages(),
    latest(['Production']),
  ),
  sequence(
    'archives the others in the stage when asked',
    ...three(),
    inStage('1', 'Production'),
    inStage('2', 'Production'),
    move('3', 'Production', true),
    stages(),
  ),
  sequence(
    'archives the others in Staging and leaves Production alone',
    ...three(),
    inStage('1', 'Production'),
    inStage('2', 'Staging'),
    move('3', 'Staging', true),
    stages(),
  ),
  sequence(
    'archives no other when told not to',
    ...three(),
    inStage('1', 'Production'),
    move('3', 'Production', false),
    stages(),
  ),
  sequence(
    'moves a version to the stage it is in and archives the others',
    ...three(),
    inStage('1', 'Production'),
    inStage('2', 'Production'),
    move('2', 'Production', true),
    stages(),
  ),
  ...['None', 'Archived'].map((stage) =>
    sequence(
      `is asked to archive those in ${stage}`,
      ...three(),
      {
        ...move('1', stage, true),
        differs: { why: 'no 500 for a mistake', status: 400, errorCode: 'INVALID_PARAMETER_VALUE' },
      },
      stages(),
    ),
  ),
  sequence(
    'moves the times of the archived versions too',
    ...three(),
    inStage('1', 'Staging'),
    { ...given(move('2', 'Staging', true)), later: true },
    get(
      'model-versions/get',
      { name: wine, version: '1' },
      { see: 'model_version.last_updated_timestamp', keep: { archived: 'model_version.last_updated_timestamp' } },
    ),
    get(
      'model-versions/get',
      { name: wine, version: '2' },
      {
        see: (body, seen) =>
          String(JSON.parse(JSON.stringify(body)).model_version.last_updated_timestamp) === seen['archived'],
      },
    ),
  ),
  sequence(
    'gives the highest version of each stage',
    ...three(),
    aVersion(),
    inStage('1', 'Production'),
    inStage('2', 'Staging'),
    inStage('3', 'Staging'),
    post('registered-models/get-latest-versions', { name: wine }, { see: (body) => latestOf(body) }),
    latest(['Staging']),
    latest(['Production', 'Archived']),
    latest(['Archived']),
  ),
  sequence(
    'knows stages in any spelling when it gives the latest',
    ...three(),
    inStage('1', 'Production'),
    latest(['production']),
    latest(['PRODUCTION']),
  ),
  sequence(
    'refuses to give the latest of a stage that does not exist',
    ...three(),
    latest(['Live']),
    latest(['Production', 'Live']),
    latest('Production'),
  ),
  sequence(
    'gives the latest by GET too',
    ...three(),
    inStage('1', 'Production'),
    get(
      'registered-models/get-latest-versions',
      { name: wine, stages: ['Production', 'None'] },
      { see: (body) => latestOf(body) },
    ),
    get('registered-models/get-latest-versions', { name: wine, stages: 'Production' }),
  ),
  sequence('gives no latest of a model without versions', aRegisteredModel(), latest(), latest(['Production'])),
  sequence(
    'gives with a model the latest of each stage',
    ...three(),
    inStage('1', 'Production'),
    get('registered-models/get', { name: wine }, { see: 'registered_model.latest_versions.*.version,current_stage' }),
  ),
  sequence(
    'forgets a deleted version among the latest',
    ...three(),
    given(del('model-versions/delete', { name: wine, version: '3' })),
    latest(),
  ),
]);

/** Version and stage, ordered by version: the order among stages is left open. */
function latestOf(body: Json): Json {
  const { model_versions: versions } = JSON.parse(JSON.stringify(body));
  return versions
    .map((each: { version: string; current_stage: string }) => `${each.version} ${each.current_stage}`)
    .sort();
}
