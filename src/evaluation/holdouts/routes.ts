import { declaredSize, receiveArtifact } from '../../artifacts/routes.ts';
import { AppError, invalid, shown } from '../../errors.ts';
import { actorOf, endpoint } from '../../http/api.ts';
import { type Call, queryOf, type Route, raw } from '../../http/route.ts';
import { maxHoldoutBytes, tasks } from './holdout.ts';
import type { HoldoutsService } from './service.ts';
import { formats } from './source.ts';
import * as wire from './wire.ts';

const rowsByDefault = 20;

export function holdoutRoutes(holdouts: HoldoutsService): Route[] {
  return [
    endpoint(
      'GET',
      '/holdouts',
      { summary: 'The newest version of every holdout.', tag: 'holdouts', reply: wire.holdoutsReply },
      async () => ({ holdouts: await holdouts.list() }),
    ),
    endpoint(
      'GET',
      '/holdouts/:name',
      {
        summary: 'The versions of a holdout, the newest first.',
        tag: 'holdouts',
        path: wire.holdoutPath,
        reply: wire.holdoutReply,
      },
      async ({ path: { name } }) => ({ name, versions: await holdouts.versions(name) }),
    ),
    endpoint(
      'GET',
      '/holdouts/:name/versions/:version',
      {
        summary: 'A version of a holdout, with what its columns hold.',
        tag: 'holdouts',
        path: wire.versionPath,
        reply: wire.versionReply,
      },
      ({ path: { name, version } }) => holdouts.get(name, version),
    ),
    endpoint(
      'GET',
      '/holdouts/:name/versions/:version/rows',
      {
        summary: 'The first rows of a version; long texts are cut to 200 characters.',
        tag: 'holdouts',
        path: wire.versionPath,
        input: wire.rowsInput,
        reply: wire.rowsReply,
      },
      ({ path: { name, version }, input }) => holdouts.preview(name, version, input.limit ?? rowsByDefault),
    ),
    raw('PUT', '/holdouts/:name/versions', receive, { prefix: 'v1' }),
  ];

  /** The body is the file: CSV or Parquet as the query says. Answers 201 for a new version, 200 for one that was there. */
  async function receive(call: Call): Promise<void> {
    const { reply, path } = call;
    const uploaded = await receiveArtifact(call, async (body) => {
      const size = declaredSize(body);
      if (size !== undefined && size > maxHoldoutBytes)
        throw new AppError(
          'INVALID_PARAMETER_VALUE',
          `The file has ${size} bytes: expected at most ${maxHoldoutBytes}.`,
          { status: 413 },
        );
      return holdouts.put(path['name']!, body, { ...uploadOf(call), actor: actorOf(call) });
    });
    reply
      .code(uploaded.created ? 201 : 200)
      .header('content-type', 'application/json')
      .send(JSON.stringify(uploaded));
  }
}

function uploadOf(call: Call) {
  const { target, task, format, types } = wire.uploadQuery.fromQuery(queryOf(call));
  return {
    target,
    types,
    format: oneOf('format', format, formats),
    task: task === undefined ? undefined : oneOf('task', task, tasks),
  };
}

function oneOf<T extends string>(parameter: string, given: string, known: readonly T[]): T {
  const found = known.find((each) => each === given);
  if (found !== undefined) return found;
  throw invalid(
    `Invalid value ${shown(given)} for parameter '${parameter}' supplied: expected one of ${known.join(', ')}.`,
  );
}
