/** What a job may know of the server's environment: where programs and libraries are, the language, processors. No secrets. */
const handedOn = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'CUDA_VISIBLE_DEVICES',
  'OMP_NUM_THREADS',
  'SYSTEMROOT',
];

/** The variable by which the processes of a job are known, however they were started. */
export const jobVariable = 'CELLAR_JOB_ID';

/** The whole environment of a job. */
export function jobEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  job: { readonly jobId: string; readonly folder: string; readonly added: Readonly<Record<string, string>> },
): Record<string, string> {
  const environment: Record<string, string> = { LANG: 'C.UTF-8' };
  for (const name of handedOn) {
    const value = own[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...job.added, TMPDIR: job.folder, [jobVariable]: job.jobId };
}
