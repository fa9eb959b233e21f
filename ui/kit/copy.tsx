import { useEffect, useState } from 'react';
import css from './copy.module.css';
import { CheckIcon, CopyIcon } from './icons.tsx';

/** True for a moment after `copy` was called. Without a clipboard (plain http to another machine) a selection does it. */
function useCopy(text: string): readonly [boolean, () => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    if (navigator.clipboard === undefined) copyBySelection(text);
    else navigator.clipboard.writeText(text).catch(() => copyBySelection(text));
    setCopied(true);
  };
  return [copied, copy];
}

function copyBySelection(text: string): void {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

interface CopyableProps {
  readonly text: string;
  /** What is copied, for the label: "run id". */
  readonly what: string;
  /** Shows the first characters only; the whole is copied. */
  readonly short?: number;
}

/** An id that copies on click. */
export function Copyable({ text, what, short }: CopyableProps) {
  const [copied, copy] = useCopy(text);
  const shown = short === undefined ? text : text.slice(0, short);
  return (
    <button type="button" className={css['copyable']} title={text} onClick={copy}>
      <code>{shown}</code>
      {copied ? <CheckIcon /> : <CopyIcon />}
      <span className={css['unseen']} aria-live="polite">
        {copied ? 'Copied' : `Copy ${what}`}
      </span>
    </button>
  );
}

/** Lines of code with a button that copies them. */
export function Code({ lines, label }: { readonly lines: readonly string[]; readonly label: string }) {
  const text = lines.join('\n');
  const [copied, copy] = useCopy(text);
  return (
    <figure className={css['code']} aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <button type="button" className={css['copyCode']} title="Copy" onClick={copy}>
        {copied ? <CheckIcon /> : <CopyIcon />}
        <span className={css['unseen']} aria-live="polite">
          {copied ? 'Copied' : 'Copy'}
        </span>
      </button>
    </figure>
  );
}
