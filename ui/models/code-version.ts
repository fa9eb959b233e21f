import type { ModelVersion, Run } from '../app/api.ts';

/** The version of the training code behind a model version: its own tag, else that of its run. */
export const codeVersion = (version: ModelVersion, run: Run | undefined): string | undefined =>
  version.tags.get('code_version') ?? run?.tags.get('code_version');
