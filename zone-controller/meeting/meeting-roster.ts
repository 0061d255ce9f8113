/**
 * Who is in a meeting, as the clients of this controller are told: what each router of it says, put together. During a
 * move somebody is on two routers and shown once. Who was on a router that is lost is shown as away for a while, and not
 * as gone: he is on his way to another. Changes are collected. Pure: time is an argument.
 */
import { isDeepStrictEqual } from 'node:util';
import type { RouterId } from '../../common/ids.ts';
import type { QualityEntry, RosterEntry, SourceKind } from '../../proto/signalling.ts';

/** Somebody, and the router that carries his media. */
export interface Carried {
  readonly entry: RosterEntry;
  readonly router: RouterId;
}

interface Shown extends Carried {
  /** The router that said so last; undefined when none says anything of him any more. */
  readonly by: RouterId | undefined;
}

export class MeetingRoster {
  /** What each router says. */
  readonly #told = new Map<RouterId, Map<string, Carried>>();
  /** In the order of arrival. */
  readonly #shown = new Map<string, Shown>();
  /** Who stays for a while when no router speaks of him, and until when. */
  readonly #kept = new Map<string, number>();
  readonly #qualities = new Map<string, QualityEntry>();
  readonly #changed = new Set<string>();
  readonly #left = new Set<string>();
  readonly #qualityChanged = new Set<string>();

  get size(): number {
    return this.#shown.size;
  }

  /** How many are on each router. */
  get people(): Map<RouterId, number> {
    const people = new Map<RouterId, number>();
    for (const { router } of this.#shown.values()) people.set(router, (people.get(router) ?? 0) + 1);
    return people;
  }

  get(participant: string): RosterEntry | undefined {
    return this.#shown.get(participant)?.entry;
  }

  /** Whether the router says that his client is connected. */
  isConnectedAt(router: RouterId, participant: string): boolean {
    return this.#told.get(router)?.get(participant)?.entry.connected ?? false;
  }

  /** Which sources are live, as the router says; undefined: it says nothing of him. */
  liveAt(router: RouterId, participant: string): readonly SourceKind[] | undefined {
    return this.#told.get(router)?.get(participant)?.entry.live;
  }

  /** He was on a place that is lost, and may come back by another. */
  isAwaited(participant: string): boolean {
    return this.#kept.has(participant);
  }

  /** No router speaks of him any more. */
  isKept(participant: string): boolean {
    const shown = this.#shown.get(participant);
    return shown !== undefined && shown.by === undefined;
  }

  /** In the order of arrival. */
  entries(): RosterEntry[] {
    return [...this.#shown.values()].map(({ entry }) => entry);
  }

  /** Of everybody whose connection is known. */
  qualities(): QualityEntry[] {
    return [...this.#qualities.values()];
  }

  /** All that the router says from now on. Who is not in it has left, unless `isAway` says of his router otherwise. */
  reset(by: RouterId, people: readonly Carried[], isAway: (router: RouterId) => boolean, keepMs: number): void {
    const named = new Set(people.map(({ entry }) => entry.participant));
    const left = [...(this.#told.get(by)?.keys() ?? [])].filter((participant) => !named.has(participant));
    this.change(by, { changed: people, left }, isAway, keepMs);
  }

  /** What has changed there. `isAway`: whether a router is lost, so that its people are awaited, until `keepMs`. */
  change(
    by: RouterId,
    { changed, left }: { readonly changed: readonly Carried[]; readonly left: readonly string[] },
    isAway: (router: RouterId) => boolean,
    keepMs: number,
  ): void {
    const told = this.#told.get(by) ?? new Map<string, Carried>();
    this.#told.set(by, told);
    for (const participant of left) {
      const router = told.get(participant)?.router;
      if (router !== undefined && router !== by && isAway(router)) this.keep(participant, keepMs);
      told.delete(participant);
      this.#untold(by, participant, false);
    }
    for (const carried of changed) {
      const { participant } = carried.entry;
      const isNews = !isDeepStrictEqual(told.get(participant), carried);
      told.set(participant, carried);
      if (isNews || this.isKept(participant)) this.#show(participant, { ...carried, by });
      if (carried.entry.connected) this.#kept.delete(participant);
    }
  }

  /** The router says nothing of the meeting any more. What only it told is kept until `keepMs`. */
  forget(by: RouterId, keepMs: number): void {
    const told = this.#told.get(by);
    this.#told.delete(by);
    for (const participant of told?.keys() ?? []) {
      this.keep(participant, keepMs);
      this.#untold(by, participant, this.get(participant)?.connected ?? false);
    }
  }

  /** The router is lost: whom it carried is shown as away, whoever tells of them. */
  lose(router: RouterId, keepMs: number): void {
    for (const [participant, shown] of this.#shown) {
      if (shown.router !== router) continue;
      this.keep(participant, keepMs);
      this.#show(participant, { ...shown, entry: { ...shown.entry, connected: false } });
    }
    this.forget(router, keepMs);
  }

  /** When no router speaks of him any more, he is shown as away until then. */
  keep(participant: string, untilMs: number): void {
    if (this.#shown.has(participant)) this.#kept.set(participant, untilMs);
  }

  /** Somebody of whom another knew a moment ago: shown until then, or until a router speaks of him. */
  expect(carried: Carried, untilMs: number): void {
    const { participant } = carried.entry;
    if (this.#shown.has(participant)) return;
    this.#kept.set(participant, untilMs);
    this.#show(participant, { ...carried, by: undefined });
  }

  /** He is not awaited any more. */
  drop(participant: string): void {
    this.#kept.delete(participant);
    if (this.isKept(participant)) this.#remove(participant);
  }

  /** When `expire` is to be called; Infinity when nobody is awaited. */
  nextTimeoutMs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#kept.values());
  }

  /** Those whose time is over leave. */
  expire(nowMs: number): void {
    for (const [participant, untilMs] of this.#kept) if (untilMs <= nowMs) this.drop(participant);
  }

  /** Of those whose connection changed noticeably. */
  setQualities(qualities: readonly QualityEntry[]): void {
    for (const quality of qualities) {
      const { participant } = quality;
      const before = this.#qualities.get(participant);
      if (!this.#shown.has(participant)) continue;
      if (before?.uplink === quality.uplink && before?.downlink === quality.downlink) continue;
      this.#qualities.set(participant, quality);
      this.#qualityChanged.add(participant);
    }
  }

  get hasDelta(): boolean {
    return this.#changed.size > 0 || this.#left.size > 0;
  }

  /** What changed since the last call. */
  takeDelta(): { readonly changed: RosterEntry[]; readonly left: string[] } {
    const changed = [...this.#changed].flatMap((participant) => this.get(participant) ?? []);
    const left = [...this.#left];
    this.#changed.clear();
    this.#left.clear();
    return { changed, left };
  }

  get hasQualityDelta(): boolean {
    return this.#qualityChanged.size > 0;
  }

  /** The connections that changed since the last call. */
  takeQualityDelta(): QualityEntry[] {
    const changed = [...this.#qualityChanged].flatMap((participant) => this.#qualities.get(participant) ?? []);
    this.#qualityChanged.clear();
    return changed;
  }

  /** A router says nothing of him any more: what another says holds, or he is awaited, `connected` or not, or gone. */
  #untold(by: RouterId, participant: string, connected: boolean): void {
    const shown = this.#shown.get(participant);
    if (shown === undefined || (shown.by !== by && shown.by !== undefined)) return;
    for (const [other, told] of this.#told) {
      const carried = told.get(participant);
      if (carried === undefined) continue;
      this.#show(participant, { ...carried, by: other });
      return;
    }
    if (!this.#kept.has(participant)) this.#remove(participant);
    else this.#show(participant, { ...shown, entry: { ...shown.entry, connected }, by: undefined });
  }

  #show(participant: string, next: Shown): void {
    const before = this.#shown.get(participant);
    this.#shown.set(participant, next);
    if (isDeepStrictEqual(before?.entry, next.entry)) return;
    this.#changed.add(participant);
    this.#left.delete(participant);
  }

  #remove(participant: string): void {
    if (!this.#shown.delete(participant)) return;
    for (const set of [this.#qualityChanged, this.#changed]) set.delete(participant);
    this.#qualities.delete(participant);
    this.#left.add(participant);
  }
}
