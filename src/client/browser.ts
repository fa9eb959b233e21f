/** What works in a browser: the verbs without the fluent layer, files and environment of Node.js. */

export type { Artifact, ArtifactOwner, ArtifactRoot, UploadOptions } from './artifacts.ts';
export { type CellarClient, createClient } from './cellar-client.ts';
export type {
  AppliedConfiguration,
  ApplyConfiguration,
  ConfigurationPlan,
  ConfigurationText,
  HeldConfiguration,
} from './configuration.ts';
export type {
  ChainReport,
  Decision,
  DecisionPage,
  DecisionReplay,
  DecisionSummary,
  ListDecisions,
  Standing,
  Subject,
  VerifyDecisions,
} from './decisions.ts';
export type { Deployment, PredictionInput, Predictions, ServedSlot, ServedSlotHistory } from './deployments.ts';
export type {
  AllowancePreview,
  Candidate,
  Epoch,
  Evidence,
  Promote,
  Promotion,
  Release,
  SelectionPreview,
  Served,
  Slot,
  SlotStatus,
  Status,
} from './environments.ts';
export { CellarError, type ErrorCode, hasCode } from './errors.ts';
export type { Evaluation, ListEvaluations, NamedModel, PostEvaluation } from './evaluations.ts';
export type { Experiment, LifecycleStage, SearchExperiments, ViewType } from './experiments.ts';
export type { HoldoutRows, HoldoutSummary, HoldoutUpload, HoldoutVersion, PutHoldout } from './holdouts.ts';
export type {
  CreateLoggedModel,
  LoggedModel,
  LoggedModelOrder,
  LoggedModelStatus,
  SearchLoggedModels,
} from './logged-models.ts';
export type { Dataset, DatasetUse, KeyValue, LogBatch, MetricOptions, RunInputs } from './logging.ts';
export type { HistoryInterval, Metric, MetricOfRun, MetricSample, MetricSummary, ValueAtStep } from './metrics.ts';
export type { CreateModelVersion, ModelVersion, SearchRegistry, Stage } from './model-versions.ts';
export type { Page, Pages } from './pages.ts';
export { registerModel } from './register-model.ts';
export type { RegisteredModel } from './registered-models.ts';
export type {
  ExperimentActivity,
  FilterProblem,
  FoundRun,
  GroupRuns,
  MetricColumn,
  RunColumn,
  RunColumns,
  RunGroup,
  RunGroups,
  RunQuery,
  RunRow,
  RunRows,
  RunSelection,
} from './run-table.ts';
export type { CreateRun, DatasetInput, ModelOutput, Run, RunInfo, RunStatus, SearchRuns, UpdateRun } from './runs.ts';
export type { CallOptions, ConnectionOptions, Content, ContentSource } from './transport.ts';
export type { Values } from './wire.ts';
