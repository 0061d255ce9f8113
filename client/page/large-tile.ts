/**
 * Who stands large in the speaker view: what is pinned, else a shared screen, else whom a host has put in the spotlight,
 * else whoever speaks. Nobody is put away
 * again before they could be recognised. Pure.
 */

export interface LargeCandidates {
  /** All tiles, in the order of the gallery: `participant/kind`, one's own as `self/kind`. */
  readonly keys: readonly string[];
  /** Participants who speak, the dominant one first. */
  readonly speakers: readonly string[];
  /** Participants whom a host has put in the spotlight. */
  readonly spotlight: readonly string[];
}

/** Two people who talk to each other would otherwise take turns on the stage with each word. */
const LEAST_STAY_MS = 1_500;

export class LargeTile {
  #key = '';
  #sinceMs = Number.NEGATIVE_INFINITY;
  #pinned: string | undefined;

  get pinned(): string | undefined {
    return this.#pinned;
  }

  /** Pins a tile, or takes the pin off it when it has one. */
  togglePin(key: string): void {
    this.#pinned = this.#pinned === key ? undefined : key;
  }

  unpin(): void {
    this.#pinned = undefined;
  }

  /**
   * The tile to show large; '' when there is none.
   *
   * @param nowMs Of any clock that does not go back.
   */
  choose(nowMs: number, candidates: LargeCandidates): string {
    const { keys, spotlight } = candidates;
    const wanted = this.#wanted(candidates);
    const isPutThere = wanted === this.#pinned || (isLit(wanted, spotlight) && !isLit(this.#key, spotlight));
    const isSpeakerChange = keys.includes(this.#key) && wanted.endsWith('/camera') && !isPutThere;
    if (wanted === this.#key || (isSpeakerChange && nowMs < this.#sinceMs + LEAST_STAY_MS)) return this.#key;
    this.#key = wanted;
    this.#sinceMs = nowMs;
    return wanted;
  }

  /** How long until `choose` may say something else although nothing has changed; 0 when it will not. */
  waitMs(nowMs: number, candidates: LargeCandidates): number {
    return this.#wanted(candidates) === this.#key ? 0 : Math.max(1, this.#sinceMs + LEAST_STAY_MS - nowMs);
  }

  /** Silence keeps who was large before. Oneself is shown large only when there is nobody else. */
  #wanted({ keys, speakers, spotlight }: LargeCandidates): string {
    if (this.#pinned !== undefined && keys.includes(this.#pinned)) return this.#pinned;
    const screens = keys.filter((key) => key.endsWith('/screen') && !key.startsWith('self/'));
    if (screens.length > 0) return screens.includes(this.#key) ? this.#key : (screens[0] ?? '');
    const isOther = (key: string) => key.endsWith('/camera') && !key.startsWith('self/');
    const others = keys.filter(isOther);
    const lit = others.filter((key) => isLit(key, spotlight));
    const cameras = lit.length > 0 ? lit : others;
    const speaker = speakers.map((participant) => `${participant}/camera`).find((key) => cameras.includes(key));
    if (speaker !== undefined) return speaker;
    if (cameras.includes(this.#key)) return this.#key;
    return cameras[0] ?? keys[0] ?? '';
  }
}

function isLit(key: string, spotlight: readonly string[]): boolean {
  return spotlight.some((participant) => key === `${participant}/camera`);
}
