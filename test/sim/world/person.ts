/**
 * Somebody who wants to be in a meeting: he asks the nearest zone that answers, goes where he is sent, and on to the next one when his
 * zone is gone. Between two zones he keeps the old place until he has the new one.
 */
import type { MeetingId, ZoneId } from '../../../common/ids.ts';
import type { SimClock } from '../common/sim-clock.ts';
import type { Chance } from '../network/chance.ts';
import type { WideArea } from './wide-area.ts';
import type { ZoneDaemon } from './zone-daemon.ts';
import type { ZoneSite } from './zone-site.ts';

const LOOK_MS = 500;
/** Without media, until the client takes the connection for lost. */
const MEDIA_LOST_MS = 3_000;
/** Without signalling. */
const SIGNALLING_LOST_MS = 8_000;
const ANSWER_MS = 2_000;
export const MAX_REDIRECTS = 3;
const AGAIN_MS: readonly [number, number] = [1_000, 4_000];
/** Make before break: the old place is given up at the latest. */
export const MOVE_MS = 10_000;

export interface PersonWorld {
  readonly clock: SimClock;
  readonly area: WideArea;
  readonly chance: Chance;
  readonly sites: ReadonlyMap<ZoneId, ZoneSite>;
  readonly onPrem: ZoneId | undefined;
  readonly daemonOf: (zone: ZoneId) => ZoneDaemon | undefined;
  readonly keepsOldPlace: boolean;
  readonly tell: (line: string) => void;
}

export class Person {
  readonly name: string;
  readonly meeting: MeetingId;
  /** Where he is: a site. */
  readonly site: string;
  /** The zone whose own he is. */
  readonly own: ZoneId | undefined;
  wants = false;
  place: ZoneId | undefined;
  #old: { readonly zone: ZoneId; readonly sinceMs: number } | undefined;
  readonly #world: PersonWorld;
  #isBusy = false;
  #isDrained = false;
  #mediaMs = 0;
  #signallingMs = 0;
  /** Of the last refusal. */
  why = '';

  constructor(name: string, meeting: MeetingId, site: string, own: ZoneId | undefined, world: PersonWorld) {
    this.name = name;
    this.meeting = meeting;
    this.site = site;
    this.own = own;
    this.#world = world;
    this.#next();
  }

  /** The nearest first. Who is of a company's own zone knows that one only, and nobody else does (zone-controller/world/zone-list.ts). */
  zonesToAsk(rttMs: ReadonlyMap<ZoneId, number>): ZoneId[] {
    const { own } = this;
    if (own !== undefined) return [own];
    const known = [...rttMs].filter(([zone]) => zone !== this.#world.onPrem);
    return known.sort(([, a], [, b]) => a - b).map(([zone]) => zone);
  }

  /** His media goes there. */
  sendsTo(zone: ZoneId): boolean {
    return this.#world.sites.get(zone)?.isAlive === true && (this.place === zone || this.#old?.zone === zone);
  }

  isHeardAt(zone: ZoneId): boolean {
    return this.sendsTo(zone) && !this.#world.area.isCut(this.site, zone);
  }

  /** His controller there has something to say. */
  told(zone: ZoneId, _what: 'drained'): void {
    if (this.place === zone) this.#isDrained = true;
  }

  #next(): void {
    const { clock, chance } = this.#world;
    clock.after(LOOK_MS + Math.floor(chance.uniform() * 50), () => {
      this.#look();
      this.#next();
      clock.stir();
    });
  }

  #look(): void {
    const { clock } = this.#world;
    if (this.#old !== undefined && clock.nowMs - this.#old.sinceMs >= MOVE_MS && !this.#world.keepsOldPlace)
      this.#giveUpOld();
    if (this.#isBusy) return;
    if (!this.wants) this.#leave();
    else if (this.place === undefined) this.#go(undefined);
    else this.#lookAt(this.place);
  }

  /** He is there. */
  #lookAt(place: ZoneId): void {
    const { clock, area, sites } = this.#world;
    const isThere = sites.get(place)?.has(this.meeting, this) === true;
    if (isThere && this.isHeardAt(place)) this.#mediaMs = clock.nowMs;
    const daemon = this.#world.daemonOf(place);
    if (daemon !== undefined && !area.isCut(this.site, place)) this.#signallingMs = clock.nowMs;
    const isLost =
      clock.nowMs - this.#mediaMs >= MEDIA_LOST_MS || clock.nowMs - this.#signallingMs >= SIGNALLING_LOST_MS;
    if (isLost || this.#isDrained) this.#go(place);
  }

  #go(from: ZoneId | undefined): void {
    this.#isBusy = true;
    void this.#seek(from).finally(() => {
      this.#isBusy = false;
    });
  }

  async #seek(from: ZoneId | undefined): Promise<void> {
    const { clock, chance, sites } = this.#world;
    const isDrained = this.#isDrained;
    this.#isDrained = false;
    const rtts = this.#measure();
    for (const zone of this.zonesToAsk(rtts)) {
      if (isDrained && zone === from) continue;
      const placed = await this.#ask(zone, rtts, from, isDrained);
      if (placed === undefined) continue;
      if (placed !== from) this.#world.tell(`${this.name} is in ${placed}`);
      return this.#arrive(placed);
    }
    // Nobody takes him, and where he was he is not any more.
    if (from !== undefined && sites.get(from)?.has(this.meeting, this) !== true && this.place === from)
      this.place = undefined;
    await clock.sleep(Math.round(chance.between(...AGAIN_MS)));
  }

  /** Follows redirects. The zone where he is placed; undefined: nowhere. */
  async #ask(
    first: ZoneId,
    rtts: Map<ZoneId, number>,
    from: ZoneId | undefined,
    isDrained: boolean,
  ): Promise<ZoneId | undefined> {
    let zone = first;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const isResuming = zone === from && !isDrained;
      const lost = zone === from ? undefined : from;
      const answer = await this.#call(zone, (daemon) => daemon.join(this, rtts, lost, isResuming));
      if (answer === undefined || answer.type === 'refused') {
        this.why = `${zone}: ${answer?.why ?? 'no answer'}`;
        // A redirect that leads nowhere is not followed again.
        rtts.delete(zone);
        return undefined;
      }
      if (answer.type === 'placed') return zone;
      zone = answer.zone;
    }
    this.why = 'sent round and round';
    return undefined;
  }

  #arrive(zone: ZoneId): void {
    const { clock } = this.#world;
    this.#mediaMs = clock.nowMs;
    this.#signallingMs = clock.nowMs;
    if (this.place !== zone) {
      if (this.#old !== undefined) this.#giveUpOld();
      if (this.place !== undefined) this.#old = { zone: this.place, sinceMs: clock.nowMs };
      this.place = zone;
      if (this.#old !== undefined) clock.after(2_000, () => this.#moved(zone));
    }
    if (!this.wants) this.#leave();
  }

  /** The new place shows everything. */
  #moved(zone: ZoneId): void {
    if (this.place === zone && this.#old !== undefined && !this.#world.keepsOldPlace) this.#giveUpOld();
  }

  #giveUpOld(): void {
    const zone = this.#old?.zone;
    this.#old = undefined;
    if (zone !== undefined && zone !== this.place) this.#tellLeave(zone);
  }

  #leave(): void {
    const { place } = this;
    this.place = undefined;
    if (place !== undefined) this.#tellLeave(place);
    if (this.#old !== undefined) this.#giveUpOld();
  }

  /** Whoever does not hear it finds that there is no media any more. */
  #tellLeave(zone: ZoneId): void {
    void this.#call(zone, (daemon) => {
      if (!this.sendsTo(zone)) daemon.leave(this);
    });
  }

  /** Round trips to the zones that answer. */
  #measure(): Map<ZoneId, number> {
    const { area, sites, chance } = this.#world;
    const reached = [...sites.values()].filter(({ zone, isAlive }) => isAlive && !area.isCut(this.site, zone));
    return new Map(reached.map(({ zone }) => [zone, area.rttMs(this.site, zone) + chance.exponential(3)]));
  }

  async #call<Reply>(zone: ZoneId, run: (daemon: ZoneDaemon) => Reply): Promise<Reply | undefined> {
    const { area, clock, daemonOf } = this.#world;
    const { promise, resolve } = Promise.withResolvers<Reply | undefined>();
    clock.after(ANSWER_MS, () => {
      clock.stir();
      resolve(undefined);
    });
    clock.after(area.delayMs(this.site, zone), () => {
      const daemon = daemonOf(zone);
      if (daemon === undefined || area.isCut(this.site, zone)) return;
      daemon.process.host.run(() => {
        const reply = run(daemon);
        clock.after(area.delayMs(this.site, zone), () => {
          clock.stir();
          if (!area.isCut(this.site, zone)) resolve(reply);
        });
      });
    });
    return promise;
  }
}
