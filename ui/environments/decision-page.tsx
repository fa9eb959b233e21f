import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { client, type Decision, recordUrl } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Badge } from '../kit/badge.tsx';
import { Button } from '../kit/button.tsx';
import { Copyable } from '../kit/copy.tsx';
import { count } from '../kit/format.ts';
import { DownloadIcon } from '../kit/icons.tsx';
import { Fact, Page, Section } from '../kit/page.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import { Ago, Stamp } from '../kit/time.tsx';
import { Margin, VersionName } from './candidate.tsx';
import { CandidatesTable } from './candidates-table.tsx';
import css from './decision-page.module.css';
import { decisionQuery } from './decision-queries.ts';
import { EvidenceTable } from './evidence-table.tsx';
import { PolicyPairs } from './policy-pairs.tsx';
import { outcomeSaid, type SelectionRecord } from './words.ts';

/** One decision: what was decided and why, every candidate, and the proof. */
export function DecisionPage({ id }: { readonly id: string }) {
  const query = useQuery(decisionQuery(id));
  if (!query.isSuccess)
    return (
      <Page title={`Decision ${id}`}>
        {query.isPending ? (
          <Loading what="the decision" rows={8} />
        ) : (
          <Failure error={query.error} onRetry={query.refetch} />
        )}
      </Page>
    );
  const { decision, candidates, metric, record } = query.data;
  const { service, environment, sequence, outcome, detail } = decision;
  const title = `Decision ${sequence} of ${service} on ${environment.toUpperCase()}`;
  const { words, tone } = outcomeSaid(outcome);
  const selection = selectionOf(record);
  return (
    <Page
      title={title}
      heading={
        <>
          {title} <Badge tone={tone}>{words}</Badge>
        </>
      }
      within={<Link to={paths.service(service, environment)}>{service}</Link>}
      about={detail}
      facts={<DecisionFacts of={query.data} />}
      actions={
        <a className={css['action']} href={recordUrl(id)} download>
          <DownloadIcon />
          Download the record
        </a>
      }
    >
      {metric !== null && candidates.length > 0 && (
        <Section
          title="Candidates"
          note={`${count(candidates.filter(({ rank }) => rank !== null).length)} eligible of ${count(candidates.length)}`}
        >
          <CandidatesTable candidates={candidates} metric={metric.name} />
        </Section>
      )}
      {selection !== undefined && (
        <>
          <Section title="Evidence" note="What each candidate showed, by itself.">
            <EvidenceTable input={selection.input} />
          </Section>
          <Section title="Policy" note="As it held then.">
            <PolicyPairs policy={selection.input.policy} />
          </Section>
        </>
      )}
      <Proof of={query.data} />
    </Page>
  );
}

const selectionOf = (record: Decision['record']): SelectionRecord | undefined =>
  'policy' in record.input ? (record as SelectionRecord) : undefined;

function DecisionFacts({ of: { decision, holdout, record } }: { readonly of: Decision }) {
  const { kind, time, actor, trigger, before, after, margin, flags, repeats, lastTime } = decision;
  const effects = effectsOf(record);
  return (
    <>
      <Fact name="Decided">
        <Stamp time={time} />
      </Fact>
      {repeats > 0 && (
        <Fact name="The same again">
          {count(repeats)} {repeats === 1 ? 'time' : 'times'}, last <Ago time={lastTime} />
        </Fact>
      )}
      <Fact name="Kind">{kind}</Fact>
      <Fact name="Set off by">
        {trigger.kind.replaceAll('_', ' ')}
        {trigger.detail !== null && `: ${trigger.detail}`}
      </Fact>
      <Fact name="By">{actor}</Fact>
      <Fact name="Champion before">{before === null ? 'none' : <VersionName of={before} />}</Fact>
      <Fact name="Champion after">{after === null ? 'none' : <VersionName of={after} />}</Fact>
      {margin !== null && (
        <Fact name="Margin">
          <Margin margin={margin} />
        </Fact>
      )}
      {holdout !== null && (
        <Fact name="Holdout">
          {holdout.name}@{holdout.version} <Copyable text={holdout.digest} what="holdout digest" short={8} />
        </Fact>
      )}
      {effects.length > 0 && <Fact name="Since then">{effects.join('; ')}</Fact>}
      {flags.length > 0 && (
        <Fact name="Marked">
          <span className={css['flags']}>
            {flags.map((flag) => (
              <Badge key={flag} tone="wait">
                {flag.replaceAll('_', ' ')}
              </Badge>
            ))}
          </span>
        </Fact>
      )}
    </>
  );
}

/** What an act by hand left behind, until it is released. */
function effectsOf({ result, before }: Decision['record']): string[] {
  if (!('pinned' in result)) return [];
  const barred = before === null ? 'a version' : `${before.registeredModel} v${before.version}`;
  return [
    ...(result.pinned ? ['the champion is pinned'] : []),
    ...(result.held === null ? [] : [`${barred} is on hold`]),
    ...(result.quarantined === null ? [] : [`${barred} is in quarantine`]),
  ];
}

/** The record's place in the chain, and whether it gives the same result again. */
function Proof({ of: { decision, record } }: { readonly of: Decision }) {
  const replay = useMutation({ mutationFn: () => client.replayDecision(decision.id) });
  return (
    <Section title="Proof">
      <dl className={css['proof']}>
        <Fact name="Decision id">
          <Copyable text={decision.id} what="decision id" />
        </Fact>
        <Fact name="Digest: the SHA-256 of the downloaded record">
          <Copyable text={decision.digest} what="digest" />
        </Fact>
        <Fact
          name={`Follows ${decision.sequence === 1 ? 'nothing' : `record ${decision.sequence - 1}, with the digest`}`}
        >
          {record.previous === null ? 'the first of its chain' : <Copyable text={record.previous} what="digest" />}
        </Fact>
      </dl>
      <p className={css['replay']}>
        <Button aria-disabled={replay.isPending} onClick={() => replay.isPending || replay.mutate()}>
          {replay.isPending ? 'Deciding…' : 'Decide again'}
        </Button>
        <span role="status">
          {replay.data === undefined
            ? 'from what was recorded, and compare the two results byte by byte.'
            : replay.data.identical
              ? 'The same result, to the byte.'
              : 'Another result than the one recorded:'}
        </span>
      </p>
      {replay.isError && <Failure error={replay.error} />}
      {replay.data?.identical === false && (
        <div className={css['texts']}>
          <Result title="Recorded" text={replay.data.recorded} />
          <Result title="Decided again" text={replay.data.recomputed} />
        </div>
      )}
    </Section>
  );
}

const Result = ({ title, text }: { readonly title: string; readonly text: string }) => (
  <figure>
    <figcaption>{title}</figcaption>
    <pre>{text}</pre>
  </figure>
);
