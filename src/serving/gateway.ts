import { randomUUID } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { AppError, notFound } from '../errors.ts';
import { readBytes } from '../http/body.ts';
import type { Call } from '../http/route.ts';
import type { Champion } from './champions.ts';
import type { Deployment } from './deployment.ts';
import type { Work } from './executor.ts';
import { outputTensors, readInference, tensorMetadata } from './inference-protocol.ts';
import type { DeploymentMeter } from './metrics.ts';
import type { Reconciler } from './reconciler.ts';

export interface GatewayOptions {
  readonly reconciler: Pick<Reconciler, 'find'>;
  readonly meterOf: (deployment: Deployment) => DeploymentMeter;
}

export type Gateway = ReturnType<typeof gateway>;

/** Answers callers by the champion that is live at the moment when their request is whole. */
export function gateway({ reconciler, meterOf }: GatewayOptions) {
  /** The live deployment. Throws RESOURCE_DOES_NOT_EXIST for no such slot, TEMPORARILY_UNAVAILABLE for none yet. */
  function liveOf({ path }: Call): Deployment {
    const environment = path['environment']!;
    const service = path['service']!;
    const slot = reconciler.find(environment, service);
    if (slot?.live !== undefined) return slot.live.deployment;
    if (slot === undefined)
      throw notFound(`Nothing is served at /serve/${environment}/${service}: no model has been chosen for it.`);
    throw new AppError(
      'TEMPORARILY_UNAVAILABLE',
      slot.problem === undefined
        ? `The champion of ${service} on ${environment} is being started.`
        : `The champion of ${service} on ${environment} is not live: ${slot.problem}`,
      { retryAfterSeconds: 2 },
    );
  }

  /** Reads, predicts and counts; the answer's headers name who gave it. */
  async function answer(
    call: Call,
    read: (body: Buffer, deployment: Deployment) => Work,
    write: (predictions: string, work: Work, deployment: Deployment) => string,
  ): Promise<void> {
    const { request, reply } = call;
    const body = await readBytes(request.raw);
    // Nothing is awaited between here and the queue: a swap cannot come between.
    const deployment = liveOf(call);
    const { champion } = deployment;
    const meter = meterOf(deployment);
    const startMs = performance.now();
    const seen = (status: number) => meter.answered(status, (performance.now() - startMs) / 1000);
    name(reply, champion);
    const left = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) left.abort();
    });
    try {
      const work = read(body, deployment);
      const text = write(await deployment.predict(work, left.signal), work, deployment);
      reply.header('content-type', 'application/json').send(text);
      seen(200);
    } catch (error) {
      seen(error instanceof AppError ? error.status : 500);
      throw error;
    }
  }

  return {
    invocations: (call: Call) =>
      answer(
        call,
        (body, { model }) => model.reader.readBody(body, call.request.headers['content-type']),
        // A model that MLflow's own code reads for answers with the body whole.
        (predictions, work) => (work.kind === 'body' ? predictions : `{"predictions":${predictions}}`),
      ),

    /** As MLflow's scoring server: 200 when predictions are answered, 404 and 503 when not. */
    ping(call: Call): void {
      name(call.reply, liveOf(call).champion).type('application/json').send('\n');
    },

    /** The version of MLflow that the model was saved with. */
    version(call: Call): void {
      const { model, champion } = liveOf(call);
      name(call.reply, champion)
        .type('text/plain')
        .send(model.description.mlflowVersion ?? '');
    },

    inference: {
      live: ({ reply }: Call): void => void reply.send({ live: true }),
      ready: (call: Call): void => {
        name(call.reply, liveOf(call).champion).send({ ready: true });
      },
      server: ({ reply }: Call): void => void reply.send({ name: 'cellar', version: '2', extensions: [] }),

      metadata: inWords((call: Call): void => {
        const { model, champion } = modelOf(call);
        name(call.reply, champion).send({
          name: champion.service,
          versions: [String(champion.version)],
          platform: `${model.description.flavors.find((flavor) => flavor !== 'python_function') ?? 'python_function'}_mlflow`,
          ...tensorMetadata(model.input, model.description),
        });
      }),

      modelReady: inWords((call: Call): void => {
        const { champion } = modelOf(call);
        name(call.reply, champion).send({ name: champion.service, ready: true });
      }),

      infer: inWords((call: Call) => {
        modelOf(call);
        let asked: { id: string | undefined; outputs: readonly string[] | undefined };
        return answer(
          call,
          (body, { model }) => {
            const { id, rows, params, outputs } = readInference(body, model.input);
            asked = { id, outputs };
            return model.reader.readRows(rows, params);
          },
          (text, work, { model, champion }) => {
            const parsed: unknown = JSON.parse(text);
            const predictions = work.kind === 'body' ? (parsed as { predictions?: unknown }).predictions : parsed;
            return JSON.stringify({
              model_name: champion.service,
              model_version: String(champion.version),
              ...(asked.id !== undefined && { id: asked.id }),
              outputs: outputTensors(predictions, model.description, asked.outputs),
            });
          },
        );
      }),
    },
  };

  /** The protocol names the model and perhaps its version in the path; both must be the champion's. */
  function modelOf(call: Call): Deployment {
    const deployment = liveOf(call);
    const { champion } = deployment;
    const { model, version } = call.path;
    if (model !== champion.service) throw notFound(`There is no model '${model}' here, only '${champion.service}'.`);
    if (version !== undefined && version !== String(champion.version))
      throw notFound(`Version ${version} of '${model}' is not served, only ${champion.version}.`);
    return deployment;
  }
}

/** The Open Inference Protocol has an error format of its own. */
function inWords(handle: (call: Call) => unknown) {
  return async (call: Call): Promise<void> => {
    try {
      await handle(call);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { reply } = call;
      if (!call.request.raw.complete) reply.header('connection', 'close');
      if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
      reply.code(error.status).type('application/json').send({ error: error.message });
    }
  };
}

const headersByChampion = new WeakMap<Champion, Record<string, string>>();

/** Writes who answers into the headers, and an id for this answer. */
function name(reply: FastifyReply, champion: Champion): FastifyReply {
  let headers = headersByChampion.get(champion);
  if (headers === undefined) {
    headers = {
      'x-cellar-registered-model': encodeURIComponent(champion.registeredModel),
      'x-cellar-model-version': String(champion.version),
      ...(champion.codeVersion !== null && { 'x-cellar-code-version': encodeURIComponent(champion.codeVersion) }),
      'x-cellar-decision': champion.decisionId,
    };
    headersByChampion.set(champion, headers);
  }
  return reply.headers(headers).header('x-cellar-prediction-id', randomUUID());
}
