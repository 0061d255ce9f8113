/** The meetings of a world, and who wants to be in them. */
import type { MeetingId, ZoneId } from '../../../common/ids.ts';
import { meetingIdOf, readBlock } from '../../../global-controller/blocks/meeting-ids.ts';
import type { SimClock } from '../common/sim-clock.ts';
import { Violation } from '../common/violation.ts';
import type { Chance } from '../network/chance.ts';
import type { DaemonsOfWorld } from './daemons-of-world.ts';
import { MAX_REDIRECTS, Person } from './person.ts';
import type { WideArea } from './wide-area.ts';
import { peopleSite } from './world-map.ts';
import type { ZoneSite } from './zone-site.ts';

const MOST_MEETINGS = 6;
export const ACCOUNT = 'acme';

export interface AttendanceOptions {
  readonly clock: SimClock;
  readonly area: WideArea;
  readonly chance: Chance;
  readonly zones: readonly ZoneId[];
  readonly onPrem: ZoneId | undefined;
  readonly sites: ReadonlyMap<ZoneId, ZoneSite>;
  readonly daemons: DaemonsOfWorld;
  /** A planted bug. */
  readonly keepsOldPlace: boolean;
  readonly tell: (line: string) => void;
}

export class Attendance {
  readonly meetings: MeetingId[] = [];
  readonly people: Person[] = [];
  readonly #options: AttendanceOptions;
  readonly #accountOf = new Map<MeetingId, string>();

  constructor(options: AttendanceOptions) {
    this.#options = options;
  }

  accountOf(meeting: MeetingId): string | undefined {
    return this.#accountOf.get(meeting);
  }

  /** Meetings with ids of the zones' own blocks, and people for each. */
  plan(): void {
    const { sites, zones, chance } = this.#options;
    const count = chance.whole(2, MOST_MEETINGS);
    for (let index = 0; index < count; index++) {
      const site = sites.get(zones[index % zones.length] as ZoneId); // an index of it
      const [block] = [...(site?.blocks ?? [])].flatMap((text) => readBlock(text) ?? []);
      if (block === undefined) throw new Violation(`${site?.zone} has no block of ids yet`);
      const meeting = meetingIdOf(block, index);
      this.meetings.push(meeting);
      if (chance.happens(0.4)) this.#accountOf.set(meeting, ACCOUNT);
      for (let person = chance.whole(1, 6); person > 0; person--) this.#addPerson(`p${index}.${person}`, meeting);
    }
  }

  /** Each wants to be in his meeting, or does not any more, until then. */
  comeAndGo(untilMs: number): void {
    const { clock, chance } = this.#options;
    for (const person of this.people) {
      const look = (): void => {
        if (clock.nowMs >= untilMs) return;
        person.wants = chance.happens(0.85);
        clock.after(Math.round(chance.between(4_000, 40_000)), look);
      };
      clock.after(Math.round(chance.between(100, 5_000)), look);
    }
  }

  /** Nobody wants to be anywhere any more. */
  end(): void {
    for (const person of this.people) person.wants = false;
  }

  /** Whether the zones that he asks, by what they know, would place him, send him round and round, or refuse him. */
  answerTo(person: Person): 'placed' | 'round' | 'refused' {
    const { zones, area } = this.#options;
    const rttMs = new Map(zones.map((zone) => [zone, area.rttMs(person.site, zone)]));
    const answers = person.zonesToAsk(rttMs).map((zone) => this.#follow(person, rttMs, zone));
    if (answers.includes('placed')) return 'placed';
    return answers.includes('round') ? 'round' : 'refused';
  }

  #follow(person: Person, rttMs: ReadonlyMap<ZoneId, number>, first: ZoneId): 'placed' | 'round' | 'refused' {
    const { meeting } = person;
    let zone = first;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const ranking = this.#options.daemons.zone(zone)?.rank(meeting, this.accountOf(meeting), rttMs);
      const best = ranking?.candidates[0];
      if (best === undefined) return 'refused';
      if (best.zone === zone) return 'placed';
      zone = best.zone;
    }
    return 'round';
  }

  #addPerson(name: string, meeting: MeetingId): void {
    const { zones, onPrem, chance, clock, area, sites, daemons, keepsOldPlace, tell } = this.#options;
    const zone = zones[chance.whole(0, zones.length - 1)] as ZoneId; // an index of it
    const isOwn = zone === onPrem;
    // Who is of the company is in its network.
    const site = isOwn ? zone : peopleSite(zone);
    const daemonOf = (of: ZoneId) => daemons.answering(of);
    const world = { clock, area, chance, sites, onPrem, daemonOf, keepsOldPlace, tell };
    this.people.push(new Person(name, meeting, site, isOwn ? zone : undefined, world));
  }
}
