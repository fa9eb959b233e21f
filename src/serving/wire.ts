import Type, { type Static } from 'typebox';
import { nullable, time } from '../http/api.ts';

const status = Type.Union([
  Type.Literal('starting'),
  Type.Literal('warming'),
  Type.Literal('live'),
  Type.Literal('draining'),
  Type.Literal('stopped'),
  Type.Literal('failed'),
]);
const runtime = () => nullable(Type.Union([Type.Literal('python'), Type.Literal('onnx')]));

/** One turn of serving a champion, live or past. */
export const deploymentReply = Type.Object({
  deploymentNo: Type.Integer(),
  environment: Type.String(),
  service: Type.String(),
  registeredModel: Type.String(),
  version: Type.Integer(),
  codeVersion: nullable(Type.String()),
  decisionId: Type.String(),
  status,
  runtime: runtime(),
  /** Why it runs that way, and what was compared before it was let at callers. */
  runtimeReason: nullable(Type.String()),
  checked: nullable(Type.String()),
  /** Why it ended or failed. */
  reason: nullable(Type.String()),
  artifactDigest: Type.String(),
  creationTime: time(),
  liveTime: nullable(time()),
  endTime: nullable(time()),
});

const championReply = Type.Object({
  registeredModel: Type.String(),
  version: Type.Integer(),
  codeVersion: nullable(Type.String()),
  decisionId: Type.String(),
});

/** A slot as it is served now. */
export const servedReply = Type.Object({
  environment: Type.String(),
  service: Type.String(),
  /** Where predictions are asked for, below the server's address. */
  path: Type.String(),
  /** Who answers; null while nobody does. */
  live: nullable(
    Type.Object({
      ...championReply.properties,
      deploymentNo: Type.Integer(),
      runtime: Type.Union([Type.Literal('python'), Type.Literal('onnx')]),
      runtimeReason: Type.String(),
      checked: Type.String(),
      sinceTime: time(),
      replicas: Type.Integer(),
      workers: Type.Integer(),
      restarts: Type.Integer(),
      pendingRequests: Type.Integer(),
      memoryBytes: Type.Integer(),
    }),
  ),
  /** Who is being started beside it. */
  starting: nullable(championReply),
  /** Why the decided champion is not live. */
  problem: nullable(Type.String()),
});

export const slotPath = Type.Object({ environment: Type.String(), service: Type.String() });
export const servedList = Type.Object({ deployments: Type.Array(servedReply) });
export const servedDetail = Type.Object({ ...servedReply.properties, history: Type.Array(deploymentReply) });
export const historyQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});
export const logQuery = Type.Object({ lines: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })) });
export const logReply = Type.Object({ lines: Type.Array(Type.String()) });

export type ServedSlotReply = Static<typeof servedReply>;
export type ServedSlotDetail = Static<typeof servedDetail>;
export type DeploymentReply = Static<typeof deploymentReply>;
