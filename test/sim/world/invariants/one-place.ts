/**
 * Nobody is in two zones at once, but for the moment of a move: his media goes to both for at most MOVE_MS, and the zone that he has
 * left takes him for somebody of its own until consent is over.
 */
import type { ZoneId } from '../../../../common/ids.ts';
import { Violation } from '../../common/violation.ts';
import { MOVE_MS, type Person } from '../person.ts';
import type { WorldSimulation } from '../world-simulation.ts';
import { CONSENT_MS } from '../zone-site.ts';
import type { Invariant } from './invariant.ts';

/** Of what looks four times a second, and of clients that look twice. */
const SLACK_MS = 2_000;
/** A join that arrives when its client has gone on begins consent anew. */
const LATE_MS = 12_000;

export class OnePlace implements Invariant {
  /** Since when there has been more than one, without a break. */
  readonly #sending = new Map<Person, number>();
  readonly #listed = new Map<string, number>();

  check({ clock, attendance, sites }: WorldSimulation): void {
    for (const person of attendance.people) {
      const zones = [...sites.values()].filter(({ zone }) => person.sendsTo(zone)).map(({ zone }) => zone);
      if (zones.length < 2) this.#sending.delete(person);
      else this.#lasts(this.#sending, person, `${person.name} sends to ${zones.join(' and ')}`, MOVE_MS, clock.nowMs);
      for (const site of sites.values()) {
        const key = `${person.name} ${site.zone}`;
        const isGhost =
          site.has(person.meeting, person) && !person.sendsTo(site.zone) && isElsewhere(person, site.zone);
        if (!isGhost) this.#listed.delete(key);
        else
          this.#lasts(
            this.#listed,
            key,
            `${person.name} is still listed in ${site.zone}`,
            CONSENT_MS + LATE_MS,
            clock.nowMs,
          );
      }
    }
  }

  #lasts<Key>(since: Map<Key, number>, key: Key, about: string, mostMs: number, nowMs: number): void {
    const sinceMs = since.get(key) ?? nowMs;
    since.set(key, sinceMs);
    if (nowMs - sinceMs > mostMs + SLACK_MS) throw new Violation(`${about} for ${nowMs - sinceMs} ms`);
  }
}

function isElsewhere({ place }: Person, zone: ZoneId): boolean {
  return place !== undefined && place !== zone;
}
