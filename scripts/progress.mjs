/**
 * Steps with their elapsed time, several at once, on stderr: a line that moves on a terminal; elsewhere a line when a
 * step starts and one when it ends.
 */
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const out = process.stderr;
const moving = () => out.isTTY === true && process.env['CI'] === undefined;

/** @typedef {{ title: string, note: string, start: number }} Step */

/** @type {Set<Step>} */
const running = new Set();
/** @type {NodeJS.Timeout | undefined} */
let timer;
let frame = 0;

const stillMs = 20_000;

/** @param {number} start */
const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

function draw() {
  frame = (frame + 1) % frames.length;
  out.write(`\r\x1b[2K${`${frames[frame]} ${[...running].map(shown).join(' · ')}`.slice(0, (out.columns ?? 80) - 1)}`);
}

/** @param {Step} step */
const shown = ({ title, note, start }) => `${title} ${seconds(start)}${note && ` (${note})`}`;

/**
 * Writes a line above the moving one.
 * @param {string} line
 */
export function say(line) {
  out.write(`${running.size > 0 && moving() ? '\r\x1b[2K' : ''}${line}\n`);
}

function stillRunning() {
  for (const entry of running) say(`  ${shown(entry)}`);
}

/**
 * Shows `title` while `work` runs, then how long it took. `note` changes what stands behind the title
 * (undefined: leaves it).
 * @template T
 * @param {string} title
 * @param {(note: (text: string | undefined) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const entry = { title, note: '', start: performance.now() };
  running.add(entry);
  if (!moving()) say(`${title} …`);
  timer ??= moving() ? setInterval(draw, 100) : setInterval(stillRunning, stillMs);
  let mark = '✗';
  try {
    const result = await work((text) => {
      entry.note = text ?? entry.note;
    });
    mark = '✓';
    return result;
  } finally {
    say(`${mark} ${title} (${seconds(entry.start)})`);
    running.delete(entry);
    if (running.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  }
}
