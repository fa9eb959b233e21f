import type { DeploymentReply, ServedSlotDetail, ServedSlotReply } from '../serving/wire.ts';
import { type CallOptions, pathOf, type Transport } from './transport.ts';

/** What is served for a service in an environment. Times are milliseconds since 1970. */
export type ServedSlot = ServedSlotReply;
/** The same, with the deployments that there were, newest first. */
export type ServedSlotHistory = ServedSlotDetail;
export type Deployment = DeploymentReply;

/** Rows as a list of objects, as columns and rows, or as the text of a CSV file whose first line names the columns. */
export type PredictionInput =
  | { readonly records: readonly Readonly<Record<string, unknown>>[] }
  | { readonly columns: readonly string[]; readonly data: readonly (readonly unknown[])[] }
  | { readonly csv: string };

/** Predictions, and who made them. */
export interface Predictions {
  readonly predictions: unknown;
  readonly predictionId: string;
  readonly registeredModel: string;
  readonly version: number;
  readonly codeVersion: string | null;
  readonly decisionId: string;
}

/** What is served, and its predictions. */
export function deploymentVerbs({ own, ask }: Pick<Transport, 'own' | 'ask'>) {
  return {
    async listDeployments(options?: CallOptions): Promise<readonly ServedSlot[]> {
      return (await own.get<{ deployments: ServedSlot[] }>('deployments', {}, options)).deployments;
    },

    /** RESOURCE_DOES_NOT_EXIST where nothing is served. */
    getDeployment: (
      environment: string,
      service: string,
      { limit, ...options }: CallOptions & { limit?: number | undefined } = {},
    ) => own.get<ServedSlotHistory>(pathOf('deployments', environment, service), { limit }, options),

    /** The last lines that its workers printed. */
    async getDeploymentLogs(
      environment: string,
      service: string,
      { lines, ...options }: CallOptions & { lines?: number | undefined } = {},
    ): Promise<readonly string[]> {
      const path = pathOf('deployments', environment, service, 'logs');
      return (await own.get<{ lines: string[] }>(path, { lines }, options)).lines;
    },

    /** Replaces its workers by fresh ones, one after the other; requests go on being answered. */
    restartDeployment: (environment: string, service: string, options?: CallOptions) =>
      own.repeatable<ServedSlot>('POST', pathOf('deployments', environment, service, 'restart'), {}, options),

    /** Asks the champion of a service. BAD_REQUEST names the column and row of a cell that does not fit. */
    async predict(
      environment: string,
      service: string,
      input: PredictionInput,
      options?: CallOptions,
    ): Promise<Predictions> {
      const { headers, body } = await answerOf(
        await ask(`/serve/${pathOf(environment, service)}/invocations`, ...contentOf(input), options),
      );
      return {
        predictions: body.predictions,
        predictionId: headers.get('x-cellar-prediction-id') ?? '',
        registeredModel: decodeURIComponent(headers.get('x-cellar-registered-model') ?? ''),
        version: Number(headers.get('x-cellar-model-version')),
        codeVersion: named(headers.get('x-cellar-code-version')),
        decisionId: headers.get('x-cellar-decision') ?? '',
      };
    },
  };
}

function contentOf(input: PredictionInput): [content: string, contentType: string] {
  if ('csv' in input) return [input.csv, 'text/csv'];
  const body =
    'records' in input
      ? { dataframe_records: input.records }
      : { dataframe_split: { columns: input.columns, data: input.data } };
  return [JSON.stringify(body), 'application/json'];
}

const answerOf = async (response: Response) => ({
  headers: response.headers,
  body: (await response.json()) as { predictions: unknown },
});

const named = (header: string | null) => (header === null ? null : decodeURIComponent(header));
