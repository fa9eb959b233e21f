import { useEffect, useState } from 'react';
import { ago, duration, exactStamp, stamp } from './format.ts';

/** The moment of rendering, renewed every half minute so that "2 minutes ago" stays true. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** "3 hours ago", exact on hover. */
export function Ago({ time }: { readonly time: number }) {
  const now = useNow();
  return (
    <time dateTime={new Date(time).toISOString()} title={exactStamp(time)}>
      {ago(time, now)}
    </time>
  );
}

/** `23 Nov 2026, 20:58`, exact on hover. */
export function Stamp({ time }: { readonly time: number }) {
  return (
    <time dateTime={new Date(time).toISOString()} title={exactStamp(time)}>
      {stamp(time)}
    </time>
  );
}

/** How long something took, or how long it has been going on. */
export function Duration({ from, to }: { readonly from: number; readonly to: number | undefined }) {
  const now = useNow();
  return to === undefined ? <>{duration(now - from)} so far</> : duration(to - from);
}
