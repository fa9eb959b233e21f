import type { ApplyReply, ConfigurationReply, PlanReply } from '../environments/wire.ts';
import type { CallOptions, Transport } from './transport.ts';

/** What a `cellar.yaml` says, with the Python files that it names. */
export interface ConfigurationText {
  readonly yaml: string;
  /** What mistakes call the file. */
  readonly file?: string | undefined;
  /** The text of metric functions' files, by the path that the file names. */
  readonly code?: Readonly<Record<string, string>> | undefined;
}

/** The configuration that holds: what it means, and as a `cellar.yaml`. Times are milliseconds since 1970. */
export type HeldConfiguration = ConfigurationReply;
/** What an apply would change, and which model each environment would then serve. */
export type ConfigurationPlan = PlanReply;
export type AppliedConfiguration = ApplyReply;

export interface ApplyConfiguration extends CallOptions {
  /** Whether a file elsewhere (in Git) manages what it declares; `api` unless said otherwise. */
  readonly managed?: 'file' | 'api' | undefined;
  /** Take over aliases named like environments that users have set. */
  readonly adoptAliases?: boolean | undefined;
}

/** Environments, services and their policies, as one file. */
export function configurationVerbs({ own }: Pick<Transport, 'own'>) {
  return {
    getConfiguration: (options?: CallOptions) => own.get<HeldConfiguration>('configuration', {}, options),

    /** Changes nothing and evaluates nothing. INVALID_PARAMETER_VALUE names line and column of every mistake. */
    planConfiguration: ({ yaml, file, code }: ConfigurationText, options?: CallOptions) =>
      own.repeatable<ConfigurationPlan>('POST', 'configuration/plan', { yaml, file, code }, options),

    /** All of it or nothing; the same again changes nothing and says so. Selections follow by themselves. */
    applyConfiguration: (
      { yaml, file, code }: ConfigurationText,
      { managed, adoptAliases, ...options }: ApplyConfiguration = {},
    ) => own.once<AppliedConfiguration>('PUT', 'configuration', { yaml, file, code, managed, adoptAliases }, options),
  };
}
