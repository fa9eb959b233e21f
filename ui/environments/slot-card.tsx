import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Slot } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Badge } from '../kit/badge.tsx';
import { number } from '../kit/format.ts';
import { CrownIcon } from '../kit/icons.tsx';
import { Fact } from '../kit/page.tsx';
import { Ago, Stamp } from '../kit/time.tsx';
import css from './service-page.module.css';
import { allowanceSaid } from './words.ts';

interface SlotCardProps {
  readonly slot: Slot;
  /** Draws whether its champion answers. */
  readonly health: ReactNode;
}

/** A service in one environment: its champion, what it admits, what holds it. */
export function SlotCard({ slot, health }: SlotCardProps) {
  const { environment, stage, protected: isProtected, champion, metric, holdout, allow } = slot;
  return (
    <li className={css['slot']}>
      <header className={css['head']}>
        <h2>{environment}</h2>
        <span className={css['badges']}>
          <Badge>{stage}</Badge>
          {isProtected && <Badge>protected</Badge>}
        </span>
      </header>
      {champion === null ? (
        <p className={css['champion']}>No champion yet</p>
      ) : (
        <>
          <p className={css['champion']}>
            <CrownIcon />
            <Link to={paths.modelVersion(champion.registeredModel, String(champion.version))}>
              {champion.registeredModel} v{champion.version}
            </Link>
            {champion.codeVersion !== null && <span className={css['soft']}>code {champion.codeVersion}</span>}
          </p>
          <p className={css['since']}>
            since <Ago time={champion.since} /> by <Link to={paths.decision(champion.decision)}>a decision</Link>
            {champion.runId !== null && (
              <>
                {' '}
                from <Link to={paths.run(champion.runId)}>run {champion.runId.slice(0, 8)}</Link>
              </>
            )}
          </p>
        </>
      )}
      <dl className={css['facts']}>
        {champion !== null && (
          <Fact name={metric.name}>
            {champion.score === null ? 'not evaluated' : <b title={String(champion.score)}>{number(champion.score)}</b>}
          </Fact>
        )}
        <Fact name="Holdout">{holdout === null ? 'none is pinned' : `${holdout.name}@${holdout.version}`}</Fact>
        <Fact name="Admits">
          {Object.keys(allow).length === 0
            ? 'nothing'
            : Object.entries(allow).map(([model, range]) => (
                <span key={model} className={css['range']}>
                  {model} {allowanceSaid(range)} <code>{range}</code>
                </span>
              ))}
        </Fact>
      </dl>
      {health}
      <Holding slot={slot} />
    </li>
  );
}

/** What keeps the champion as it is, or waits for somebody. */
function Holding({ slot }: { readonly slot: Slot }) {
  const { pin, pause, openApproval, holds, quarantines } = slot;
  if (pin === null && pause === null && openApproval === null && holds.length + quarantines.length === 0) return null;
  return (
    <ul className={css['holding']}>
      {openApproval !== null && (
        <Held tone="wait" word="waits for approval">
          {openApproval.version === null ? openApproval.modelId : 'A challenger'} since{' '}
          <Ago time={openApproval.createdTime} />: <Link to={paths.decision(openApproval.decision)}>its decision</Link>
        </Held>
      )}
      {pin !== null && (
        <Held tone="wait" word="pinned">
          by <Link to={paths.decision(pin)}>a decision</Link>, until released
        </Held>
      )}
      {pause !== null && (
        <Held tone="wait" word="paused">
          {pause.until === null ? (
            'until resumed'
          ) : (
            <>
              until <Stamp time={pause.until} />
            </>
          )}
          , by {pause.by}: {pause.reason}
        </Held>
      )}
      {holds.map((bar) => (
        <Held key={bar.decision} tone="wait" word="on hold">
          <Barred bar={bar} />
        </Held>
      ))}
      {quarantines.map((bar) => (
        <Held key={bar.decision} tone="bad" word="in quarantine">
          <Barred bar={bar} />
        </Held>
      ))}
    </ul>
  );
}

interface HeldProps {
  readonly tone: 'wait' | 'bad';
  readonly word: string;
  readonly children: ReactNode;
}

const Held = ({ tone, word, children }: HeldProps) => (
  <li>
    <Badge tone={tone}>{word}</Badge> {children}
  </li>
);

const Barred = ({ bar: { registeredModel, version, decision, reason } }: { readonly bar: Slot['holds'][number] }) => (
  <>
    <Link to={paths.modelVersion(registeredModel, String(version))}>
      {registeredModel} v{version}
    </Link>{' '}
    by <Link to={paths.decision(decision)}>a decision</Link>: {reason}
  </>
);
