/**
 * People of one meeting whom its state has by this router and whose media is not here: they ask to come in, wait, have been
 * let in and have not come yet, or have lost their media. Pure: time is an argument.
 */
import type { ParticipantId } from '../../common/ids.ts';
import type { Home } from './roster.ts';

/** For who is let in to come, by his controller. */
const ADMITTED_MS = 15_000;
/** For who waits by a controller that is lost to come by another one. */
const HOMELESS_MS = 15_000;

export interface Guest {
  readonly home: Home;
  /** It is being asked whether he may come in. */
  isAsking: boolean;
  /** He was told to wait. */
  isWaiting: boolean;
  /** What became of his waiting. */
  verdict: 'admitted' | 'refused' | undefined;
  /** He has left while it was being asked. */
  isGone: boolean;
  /** When he has left. */
  expiresMs: number;
}

export class Guests {
  readonly #guests = new Map<ParticipantId, Guest>();
  /** Those who come back: the state keeps them until then. */
  readonly #lost = new Map<ParticipantId, number>();

  /** Nobody but those who have lost their media. */
  get isEmpty(): boolean {
    return this.#guests.size === 0;
  }

  get size(): number {
    return this.#guests.size;
  }

  get(participant: ParticipantId): Guest | undefined {
    return this.#guests.get(participant);
  }

  get all(): Iterable<readonly [ParticipantId, Guest]> {
    return this.#guests;
  }

  /** By which somebody waits. */
  get controllers(): Set<string> {
    const waiting = [...this.#guests.values()].filter(({ isWaiting }) => isWaiting);
    return new Set(waiting.map(({ home }) => home.controller));
  }

  /** Asks, perhaps again: he waits on meanwhile. */
  ask(participant: ParticipantId, home: Home): Guest {
    const isWaiting = this.#guests.get(participant)?.isWaiting ?? false;
    const guest = {
      home,
      isAsking: true,
      isWaiting,
      verdict: undefined,
      isGone: false,
      expiresMs: Number.POSITIVE_INFINITY,
    };
    this.#guests.set(participant, guest);
    return guest;
  }

  /** The answer to his asking. */
  wait(guest: Guest): void {
    guest.isAsking = false;
    guest.isWaiting = true;
  }

  /** He may come in. */
  admit(guest: Guest, nowMs: number): void {
    guest.verdict = 'admitted';
    guest.expiresMs = nowMs + ADMITTED_MS;
  }

  /** He is in, or has left. */
  delete(participant: ParticipantId): void {
    this.#guests.delete(participant);
    this.#lost.delete(participant);
  }

  clear(): void {
    this.#guests.clear();
    this.#lost.clear();
  }

  /** His media is lost, not he. */
  lose(participant: ParticipantId, expiresMs: number): void {
    this.#lost.set(participant, expiresMs);
  }

  isLost(participant: ParticipantId): boolean {
    return this.#lost.has(participant);
  }

  /** His client's connection is lost. Nothing happens when that is not the one by which he waits. */
  detach(participant: ParticipantId, { controller, attachment }: Home, expiresMs: number): void {
    const guest = this.#guests.get(participant);
    if (guest?.home.controller !== controller || guest.home.attachment !== attachment) return;
    guest.expiresMs = Math.min(guest.expiresMs, expiresMs);
  }

  /** The controller does not hear events any more. */
  homeLost(controller: string, nowMs: number): void {
    for (const guest of this.#guests.values()) {
      if (guest.home.controller === controller) guest.expiresMs = Math.min(guest.expiresMs, nowMs + HOMELESS_MS);
    }
  }

  homeFound(controller: string): void {
    for (const guest of this.#guests.values()) {
      if (guest.home.controller === controller && guest.verdict === undefined)
        guest.expiresMs = Number.POSITIVE_INFINITY;
    }
  }

  /**
   * Those who have left by now; each is named once. Whoever asks has the answer first.
   *
   * @param isComing with media, at this moment
   */
  handleTimeout(nowMs: number, isComing: (participant: ParticipantId) => boolean): ParticipantId[] {
    const waiting = [...this.#guests].flatMap(([id, { isAsking, expiresMs }]) =>
      !isAsking && expiresMs <= nowMs ? [id] : [],
    );
    const lost = [...this.#lost].flatMap(([id, expiresMs]) => (expiresMs <= nowMs ? [id] : []));
    const gone = [...waiting, ...lost].filter((id) => !isComing(id));
    for (const id of gone) this.delete(id);
    return gone;
  }
}
