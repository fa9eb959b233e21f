import { useRef, useState } from 'react';

/** The first and the last page of which a row is in sight. */
export type Sight = readonly [first: number, last: number];

const calmMs = 120;

/**
 * What is in sight, as it should be fetched. A step to the next page counts at once, and so does a leap; of leaps that
 * follow each other, as while the bar is dragged, only the last one: nobody reads what flies by.
 */
export function useSight(): readonly [Sight, (sight: Sight) => void] {
  const [sight, setSight] = useState<Sight>([0, 0]);
  const leap = useRef({ time: Number.NEGATIVE_INFINITY, to: -1, timer: 0 });
  const look = ([first, last]: Sight) => {
    const settle = () => setSight((before) => (before[0] === first && before[1] === last ? before : [first, last]));
    const isStep = Math.abs(first - sight[0]) <= 1;
    if (!isStep && leap.current.to === first) return;
    window.clearTimeout(leap.current.timer);
    if (isStep) {
      leap.current.to = -1;
      settle();
      return;
    }
    const now = performance.now();
    const isFirst = now - leap.current.time > calmMs;
    leap.current = { time: now, to: first, timer: isFirst ? 0 : window.setTimeout(settle, calmMs) };
    if (isFirst) settle();
  };
  return [sight, look];
}
