import type { Migration } from '../migrate.ts';

/**
 * Environments: the configuration, one slot for each service in an environment, and the decisions about it. Champions,
 * holds and quarantines refer to `version_no`, which is never used again.
 */
export const environments: Migration = {
  number: 4,
  name: 'environments',
  statements: (d) => [
    `insert into counters(name, value) values ('configuration', 0), ('slot', 0), ('decision', 0), ('approval', 0)`,

    `create index model_versions_model on model_versions(model_id)`,

    // Every configuration that ever held, as canonical JSON; the newest holds. managed: 'file' (Git's cellar.yaml) or 'api'.
    `create table configurations(
       configuration_no ${d.primaryKeyBigint}, digest ${d.text} not null, document ${d.text} not null,
       managed ${d.text} not null, cause ${d.text} not null, actor ${d.text} not null, applied_time ${d.bigint} not null)`,
    // A registered model belongs to at most one service.
    `create table service_models(model ${d.text} primary key, service ${d.text} not null) ${d.clustered}`,

    // fence: who decides last; a commit checks it. wanted: a selection is asked for and has not been made.
    `create table slots(
       slot_no ${d.primaryKeyBigint}, service ${d.text} not null, environment ${d.text} not null,
       champion_no ${d.bigint}, champion_digest ${d.text}, champion_time ${d.bigint}, champion_decision ${d.text},
       pin_decision ${d.text}, pin_time ${d.bigint},
       pause_until ${d.bigint}, pause_reason ${d.text}, pause_actor ${d.text}, pause_time ${d.bigint},
       sequence ${d.bigint} not null default 0, head ${d.text},
       fence ${d.bigint} not null default 0, lease_owner ${d.text}, lease_until ${d.bigint} not null default 0,
       wanted ${d.text}, wish ${d.bigint} not null default 0, unique (service, environment))`,
    // Holds (after a rollback) and quarantines (failed to load), until released.
    `create table slot_bars(
       slot_no ${d.bigint} not null, kind ${d.text} not null, version_no ${d.bigint} not null, decision ${d.text} not null,
       reason ${d.text} not null, created_time ${d.bigint} not null, released_time ${d.bigint},
       primary key (slot_no, kind, version_no, decision)) ${d.clustered}`,
    // Code that somebody has signed off (kind promotion) or approved (kind approval) for a slot.
    `create table sign_offs(
       slot_no ${d.bigint} not null, rm_no ${d.bigint} not null, code_version ${d.text} not null, kind ${d.text} not null,
       decision ${d.text} not null, actor ${d.text} not null, reason ${d.text} not null, created_time ${d.bigint} not null,
       primary key (slot_no, rm_no, code_version, kind)) ${d.clustered}`,
    `create table approvals(
       approval_no ${d.primaryKeyBigint}, approval_id ${d.text} not null unique, slot_no ${d.bigint} not null,
       status ${d.text} not null, candidate ${d.text} not null, version_no ${d.bigint}, model_id ${d.text}, binding ${d.text} not null,
       decision ${d.text} not null, created_time ${d.bigint} not null,
       resolved_time ${d.bigint}, resolved_by ${d.text}, reason ${d.text})`,
    `create index approvals_of_slot on approvals(slot_no, status)`,

    // record: canonical JSON, never changed. repeats: how often the same inputs gave the same outcome again.
    `create table decisions(
       decision_no ${d.primaryKeyBigint}, decision_id ${d.text} not null unique, slot_no ${d.bigint} not null,
       sequence ${d.bigint} not null, kind ${d.text} not null, outcome ${d.text} not null, reason ${d.text} not null,
       actor ${d.text} not null, time ${d.bigint} not null, digest ${d.text} not null, inputs_digest ${d.text} not null,
       before_no ${d.bigint}, after_no ${d.bigint}, after_rm_no ${d.bigint}, after_code_version ${d.text},
       record ${d.text} not null, repeats ${d.bigint} not null default 0, last_time ${d.bigint} not null,
       unique (slot_no, sequence))`,
    `create index decisions_by_time on decisions(time desc, decision_no desc)`,
    // Who was looked at, so that a run or a version can be asked why it was not chosen.
    `create table decision_candidates(
       decision_no ${d.bigint} not null, position ${d.bigint} not null, version_no ${d.bigint}, model_id ${d.text}, run_id ${d.text},
       verdict ${d.text} not null, reason ${d.text}, primary key (decision_no, position)) ${d.clustered}`,
    `create index decision_candidates_by_version on decision_candidates(version_no, decision_no)`,
    `create index decision_candidates_by_model on decision_candidates(model_id, decision_no)`,
    `create index decision_candidates_by_run on decision_candidates(run_id, decision_no)`,

    // The version that a client gets who asks a model for its version in a stage: an environment's champion.
    `create table stage_champions(
       rm_no ${d.bigint} not null, stage ${d.text} not null, version_no ${d.bigint} not null, primary key (rm_no, stage)) ${d.clustered}`,
    // Versions that Cellar archived when it replaced them; they stay candidates.
    `create table replaced_versions(version_no ${d.primaryKeyBigint})`,
    // What the files of a version ('v12') or a logged model ('m-…') were when they were first looked at.
    `create table artifact_digests(
       subject ${d.text} primary key, location ${d.text} not null, digest ${d.text} not null, bytes ${d.bigint} not null,
       files ${d.bigint} not null, computed_time ${d.bigint} not null, changed_time ${d.bigint}) ${d.clustered}`,
  ],
};
