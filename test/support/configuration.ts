/** A `cellar.yaml` with a little of everything: wine on INT and PROD. */
export const story = `apiVersion: cellar/v1
environments:
  int:  { stage: Staging,    branch: int }
  prod: { stage: Production, branch: master, protected: true, after: int }
holdouts:
  wine-holdout: { target: class, task: classification }
services:
  wine:
    experiment: /Users/me/WineClassifier
    where: "tags.model_name LIKE '%model'"
    metric: { name: f1_weighted, goal: maximize }
    holdout: { int: wine-holdout@2, prod: wine-holdout@1 }
    allow:
      int:  { AImodel: "<=2.0", MLmodel: "=1.0" }
      prod: { AImodel: "<=1.0" }
    guards:
      minImprovement: 0.002
      significance: { alpha: 0.05 }
      noWorse: { accuracy: 0.01 }
      sameSignature: true
      maxLatencyMs: 50
      maxSizeMiB: 200
    requires: { tags: [owner] }
    brakes: { minDwell: 24h, maxSwapsPerDay: 2 }
    perEnvironment:
      prod: { requires: { testedOn: int, minTestTime: 2h }, approval: newCode }
    loop:
      environments: [int, prod]
      every: 7d
      train:
        AImodel: { run: python train.py, timeout: 2h }
        MLmodel: { run: python train_ml.py }
      engine: local
      tune: { AImodel: { run: python tune.py }, everyNthLoop: 10, backend: tuning }
    serve: { replicas: 2, runtime: auto, canary: { percent: 10, for: 1h } }
`;
