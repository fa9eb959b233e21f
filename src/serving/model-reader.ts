import { casterOf } from './cast.ts';
import type { Work } from './executor.ts';
import { castParams } from './params.ts';
import type { JsonRecord, Rows } from './rows.ts';
import { readScoringBody, scoringMediaType } from './scoring-body.ts';
import type { ModelInput } from './signature.ts';

/** Turns what callers send into work for a model. */
export interface ModelReader {
  /** A body of MLflow's scoring protocol. Throws what is wrong with it, as `casterOf` and `readScoringBody` do. */
  readBody(body: Buffer, contentType: string | undefined): Work;
  /** Rows that came in another form. */
  readRows(rows: Rows, params: JsonRecord | undefined): Work;
}

export function modelReader(input: ModelInput): ModelReader {
  if (input.kind === 'anything')
    return {
      readBody: (body, contentType) => {
        scoringMediaType(contentType);
        return { kind: 'body', body, contentType: contentType! };
      },
      readRows: (rows, params) => ({
        kind: 'body',
        body: Buffer.from(JSON.stringify({ dataframe_split: splitOf(rows), ...(params !== undefined && { params }) })),
        contentType: 'application/json',
      }),
    };
  const cast = casterOf(input);
  const work = (rows: Rows, given: JsonRecord | undefined, isText: boolean): Work => {
    const table = cast(rows, isText);
    const params = castParams(given, input.params);
    return { kind: 'table', table, params, paramsKey: params === undefined ? '' : JSON.stringify(params) };
  };
  return {
    readBody(body, contentType) {
      const { rows, params, isText } = readScoringBody(body, scoringMediaType(contentType));
      return work(rows, params, isText);
    },
    readRows: (rows, params) => work(rows, params, false),
  };
}

function splitOf(rows: Rows) {
  const data = Array.from({ length: rows.count }, (_, row) =>
    Array.from({ length: rows.width }, (_, column) => rows.at(row, column) ?? null),
  );
  return { ...(rows.names !== undefined && { columns: rows.names }), data };
}
