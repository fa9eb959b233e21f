import type { Champion, ChampionSource } from '../../src/serving/champions.ts';

/** Champions as a test decides them; what is quarantined gives way to what was there before it. */
export class DecidedChampions implements ChampionSource {
  readonly quarantined: { readonly champion: Champion; readonly reason: string }[] = [];
  readonly #champions = new Map<number, Champion>();
  readonly #previous = new Map<number, Champion | undefined>();
  #listeners: (() => void)[] = [];

  list(): Promise<Champion[]> {
    return Promise.resolve([...this.#champions.values()]);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.push(listener);
    return () => {
      this.#listeners = this.#listeners.filter((each) => each !== listener);
    };
  }

  decide(champion: Champion): void {
    this.#previous.set(champion.slotNo, this.#champions.get(champion.slotNo));
    this.#champions.set(champion.slotNo, champion);
    for (const listener of this.#listeners) listener();
  }

  quarantine(champion: Champion, reason: string): Promise<void> {
    this.quarantined.push({ champion, reason });
    const previous = this.#previous.get(champion.slotNo);
    if (previous === undefined) this.#champions.delete(champion.slotNo);
    else this.#champions.set(champion.slotNo, previous);
    for (const listener of this.#listeners) listener();
    return Promise.resolve();
  }
}
