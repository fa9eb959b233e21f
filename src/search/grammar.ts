export type Entity = 'metric' | 'param' | 'tag' | 'attribute' | 'dataset';

export type Comparator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'LIKE'
  | 'ILIKE'
  | 'IN'
  | 'NOT IN'
  | 'IS NULL'
  | 'IS NOT NULL';

/** How the values of a field are written, and what the tree holds for them. */
export type ValueRule =
  /** Quoted; `upperCase` fields are compared as upper-case text. */
  | { readonly type: 'text'; readonly upperCase: boolean }
  /** Unquoted. */
  | { readonly type: 'number' }
  /**
   * A whole number. Where fractions are `rounded`, an ordering against one becomes the same ordering against a whole
   * number, because integer columns of PostgreSQL cannot be compared with anything else.
   */
  | {
      readonly type: 'integer';
      readonly quotes: 'never' | 'always' | 'either';
      readonly fractions: 'rounded' | 'refused';
    }
  /** A name in any case, or its number; the tree holds the full name. */
  | { readonly type: 'enum'; readonly names: ReadonlyMap<string, string> };

export interface Field {
  readonly value: ValueRule;
  /** Empty: the field cannot be filtered by. */
  readonly comparators: readonly Comparator[];
  readonly orderable: boolean;
}

export interface NamedField extends Field {
  readonly name: string;
  readonly aliases: readonly string[];
}

/** What one kind of thing can be filtered and ordered by. Names and prefixes are case-sensitive. */
export interface Grammar {
  /** The plural in messages: "runs". */
  readonly noun: string;
  readonly prefixes: ReadonlyMap<string, Entity>;
  /** Entities that take any key. */
  readonly keyed: ReadonlyMap<Entity, Field>;
  /** Entities with a fixed set of keys, by name and alias. An identifier without prefix is an attribute. */
  readonly named: ReadonlyMap<Entity, ReadonlyMap<string, NamedField>>;
}

const equality = ['=', '!='] as const;
const ordering = ['=', '!=', '<', '<=', '>', '>='] as const;
const matching = ['=', '!=', 'LIKE', 'ILIKE'] as const;
const listing = ['IN', 'NOT IN'] as const;
const presence = ['IS NULL', 'IS NOT NULL'] as const;

const text = { type: 'text', upperCase: false } as const;
const metric: Field = { value: { type: 'number' }, comparators: ordering, orderable: true };

const textField = (comparators: readonly Comparator[], orderable = true): Field => ({
  value: text,
  comparators,
  orderable,
});

type Named = Field & { readonly aliases?: readonly string[] };

function namedFields(fields: Readonly<Record<string, Named>>): ReadonlyMap<string, NamedField> {
  const byName = new Map<string, NamedField>();
  for (const [name, field] of Object.entries(fields)) {
    const aliases = field.aliases ?? [];
    for (const known of [name, ...aliases]) byName.set(known, { ...field, name, aliases });
  }
  return byName;
}

function prefixes(names: Partial<Record<Entity, string>>): ReadonlyMap<string, Entity> {
  const byPrefix = new Map<string, Entity>();
  for (const [entity, list] of Object.entries(names) as [Entity, string][])
    for (const prefix of list.split(' ')) byPrefix.set(prefix, entity);
  return byPrefix;
}

const runTime = (aliases: readonly string[]): Named => ({
  value: { type: 'integer', quotes: 'never', fractions: 'rounded' },
  comparators: ordering,
  orderable: true,
  aliases,
});

const datasetField = textField([...matching, ...listing], false);

export const runGrammar: Grammar = {
  noun: 'runs',
  prefixes: prefixes({
    metric: 'metrics metric',
    param: 'params param parameter parameters',
    tag: 'tags tag',
    attribute: 'attributes attribute attr run',
    dataset: 'datasets dataset',
  }),
  keyed: new Map<Entity, Field>([
    ['metric', metric],
    ['param', textField([...matching, ...presence])],
    ['tag', textField([...matching, ...presence])],
  ]),
  named: new Map<Entity, ReadonlyMap<string, NamedField>>([
    [
      'attribute',
      namedFields({
        run_id: textField([...matching, ...listing]),
        run_name: { ...textField(matching), aliases: ['run name', 'Run name', 'Run Name'] },
        status: { value: { type: 'text', upperCase: true }, comparators: matching, orderable: true },
        user_id: textField(matching),
        artifact_uri: textField(matching),
        start_time: runTime(['created', 'Created']),
        end_time: runTime([]),
      }),
    ],
    ['dataset', namedFields({ name: datasetField, digest: datasetField, context: datasetField })],
  ]),
};

const experimentTime: Field = {
  value: { type: 'integer', quotes: 'never', fractions: 'refused' },
  comparators: ordering,
  orderable: true,
};

const idNumber: Field = {
  value: { type: 'integer', quotes: 'always', fractions: 'refused' },
  comparators: [...equality, ...listing],
  orderable: true,
};

export const experimentGrammar: Grammar = {
  noun: 'experiments',
  prefixes: prefixes({ tag: 'tags tag', attribute: 'attribute' }),
  keyed: new Map<Entity, Field>([['tag', textField([...matching, ...presence], false)]]),
  named: new Map<Entity, ReadonlyMap<string, NamedField>>([
    [
      'attribute',
      namedFields({
        name: textField(matching),
        experiment_id: idNumber,
        creation_time: experimentTime,
        last_update_time: experimentTime,
      }),
    ],
  ]),
};

const orderOnly: Field = { value: { type: 'number' }, comparators: [], orderable: true };

export const registeredModelGrammar: Grammar = {
  noun: 'registered models',
  prefixes: prefixes({ tag: 'tags tag', attribute: 'attribute' }),
  keyed: new Map<Entity, Field>([['tag', textField(matching, false)]]),
  named: new Map<Entity, ReadonlyMap<string, NamedField>>([
    [
      'attribute',
      namedFields({
        name: textField([...matching, ...listing]),
        last_updated_timestamp: { ...orderOnly, aliases: ['timestamp'] },
      }),
    ],
  ]),
};

export const modelVersionGrammar: Grammar = {
  noun: 'model versions',
  prefixes: prefixes({ tag: 'tags tag', attribute: 'attribute' }),
  keyed: new Map<Entity, Field>([['tag', textField(matching, false)]]),
  named: new Map<Entity, ReadonlyMap<string, NamedField>>([
    [
      'attribute',
      namedFields({
        name: textField([...matching, ...listing]),
        run_id: textField([...matching, ...listing], false),
        source_path: textField(matching, false),
        version_number: {
          value: { type: 'integer', quotes: 'either', fractions: 'rounded' },
          comparators: ordering,
          orderable: true,
        },
        creation_timestamp: orderOnly,
        last_updated_timestamp: orderOnly,
      }),
    ],
  ]),
};

const modelStatus: Field = {
  value: {
    type: 'enum',
    names: new Map([
      ['LOGGED_MODEL_STATUS_UNSPECIFIED', 'LOGGED_MODEL_STATUS_UNSPECIFIED'],
      ['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_PENDING'],
      ['LOGGED_MODEL_READY', 'LOGGED_MODEL_READY'],
      ['LOGGED_MODEL_UPLOAD_FAILED', 'LOGGED_MODEL_UPLOAD_FAILED'],
      ['UNSPECIFIED', 'LOGGED_MODEL_STATUS_UNSPECIFIED'],
      ['PENDING', 'LOGGED_MODEL_PENDING'],
      ['READY', 'LOGGED_MODEL_READY'],
      ['UPLOAD_FAILED', 'LOGGED_MODEL_UPLOAD_FAILED'],
      ['FAILED', 'LOGGED_MODEL_UPLOAD_FAILED'],
      ['0', 'LOGGED_MODEL_STATUS_UNSPECIFIED'],
      ['1', 'LOGGED_MODEL_PENDING'],
      ['2', 'LOGGED_MODEL_READY'],
      ['3', 'LOGGED_MODEL_UPLOAD_FAILED'],
    ]),
  },
  comparators: [...equality, ...listing],
  orderable: true,
};

const modelText = textField([...matching, ...listing]);

export const loggedModelGrammar: Grammar = {
  noun: 'logged models',
  prefixes: prefixes({ metric: 'metrics', param: 'params', tag: 'tags', attribute: 'attributes' }),
  keyed: new Map<Entity, Field>([
    ['metric', metric],
    ['param', textField([...matching, ...listing], false)],
    ['tag', textField([...matching, ...listing], false)],
  ]),
  named: new Map<Entity, ReadonlyMap<string, NamedField>>([
    [
      'attribute',
      namedFields({
        name: modelText,
        model_id: modelText,
        model_type: modelText,
        source_run_id: modelText,
        artifact_location: modelText,
        experiment_id: idNumber,
        status: modelStatus,
        creation_timestamp: runTime(['creation_time']),
        last_updated_timestamp: runTime([]),
      }),
    ],
  ]),
};
