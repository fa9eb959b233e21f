/** What serving asks of whoever decides: which champions should be served, and where a failure is reported to. */
export interface ChampionSource {
  /** The champions that should be served now. */
  list(): Promise<Champion[]>;
  /** Calls back (coalesced) after any slot's champion or serve settings changed; returns the unsubscribe. */
  onChange(listener: () => void): () => void;
  /** The new champion failed to load or warm up: a quarantine is decided, and the previous champion is desired again. */
  quarantine(champion: Champion, reason: string): Promise<void>;
}

export interface Champion {
  readonly slotNo: number;
  readonly service: string;
  readonly environment: string;
  readonly decisionId: string;
  readonly versionNo: number;
  readonly registeredModel: string;
  readonly version: number;
  readonly codeVersion: string | null;
  readonly runId: string | null;
  readonly modelId: string | null;
  /** Hex SHA-256 over the model's folder, as it was when the version was evaluated. */
  readonly artifactDigest: string;
  /** An artifact URI: `mlflow-artifacts:/…`. */
  readonly storageLocation: string;
  readonly serve: ServeSettings;
  readonly holdout: { readonly path: string; readonly target: string; readonly task: string } | null;
  /** Parquet of the evaluation's recorded predictions: row, label, prediction, p_0… */
  readonly predictionsPath: string | null;
}

export interface ServeSettings {
  readonly replicas: number;
  readonly runtime: 'auto' | 'python' | 'onnx';
}
