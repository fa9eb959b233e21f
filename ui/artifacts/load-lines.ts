/** The Python that loads a model by its URI. */
export const loadLines = (trackingUri: string, modelUri: string): string[] => [
  'import mlflow',
  `mlflow.set_tracking_uri(${JSON.stringify(trackingUri)})`,
  `model = mlflow.pyfunc.load_model(${JSON.stringify(modelUri)})`,
];

/** Artifact paths of the models that an MLflow 2 client logged: they are known by a tag of the run alone. */
export function modelPathsOfTag(history: string | undefined): string[] {
  if (history === undefined) return [];
  try {
    const entries: unknown = JSON.parse(history);
    if (!Array.isArray(entries)) return [];
    const found = entries.map((entry) => entry?.artifact_path).filter((path) => typeof path === 'string');
    return [...new Set<string>(found)];
  } catch {
    // Anyone may write this tag; what is not MLflow's JSON names no model.
    return [];
  }
}
