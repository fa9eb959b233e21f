import { artifactVerbs } from './artifacts.ts';
import { configurationVerbs } from './configuration.ts';
import { decisionVerbs } from './decisions.ts';
import { deploymentVerbs } from './deployments.ts';
import { environmentVerbs } from './environments.ts';
import { evaluationVerbs } from './evaluations.ts';
import { experimentVerbs } from './experiments.ts';
import { holdoutVerbs } from './holdouts.ts';
import { jobVerbs } from './jobs.ts';
import { loggedModelVerbs } from './logged-models.ts';
import { loggingVerbs } from './logging.ts';
import { metricVerbs } from './metrics.ts';
import { modelVersionVerbs } from './model-versions.ts';
import { registeredModelVerbs } from './registered-models.ts';
import { runTableVerbs } from './run-table.ts';
import { runVerbs } from './runs.ts';
import { type ConnectionOptions, connect } from './transport.ts';

/**
 * Every verb of MLflow's tracking and registry API, one call each, named as in MLflow's own client, and Cellar's own. Works in Node.js
 * and in browsers. Every verb rejects with a CellarError that carries MLflow's code.
 */
export function createClient(options: ConnectionOptions) {
  const transport = connect(options);
  return {
    trackingUri: transport.trackingUri,
    ...experimentVerbs(transport),
    ...runVerbs(transport),
    ...runTableVerbs(transport),
    ...loggingVerbs(transport),
    ...metricVerbs(transport),
    ...loggedModelVerbs(transport),
    ...registeredModelVerbs(transport),
    ...modelVersionVerbs(transport),
    ...artifactVerbs(transport),
    ...holdoutVerbs(transport),
    ...evaluationVerbs(transport),
    ...jobVerbs(transport),
    ...deploymentVerbs(transport),
    ...configurationVerbs(transport),
    ...environmentVerbs(transport),
    ...decisionVerbs(transport),
  };
}

export type CellarClient = ReturnType<typeof createClient>;
