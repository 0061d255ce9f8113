/** A meeting has one home: of each term there is one zone, terms grow by one, and nobody believes what was never written. */
import type { MeetingId, ZoneId } from '../../../../common/ids.ts';
import { HOMES_BUCKET } from '../../../../global-controller/buckets.ts';
import { homeRecord } from '../../../../global-controller/meetings/home-record.ts';
import type { MeetingDirectory } from '../../../../global-controller/meetings/meeting-directory.ts';
import { Violation } from '../../common/violation.ts';
import type { WorldSimulation } from '../world-simulation.ts';
import type { Invariant } from './invariant.ts';

export class OneHome implements Invariant {
  /** By meeting, the zones of its terms: that of term 1 first. */
  readonly #history = new Map<string, ZoneId[]>();

  written(bucket: string, key: string, value: unknown): void {
    if (bucket !== HOMES_BUCKET.name) return;
    const record = homeRecord.safeParse(value).data;
    if (record === undefined) throw new Violation(`the home of ${key} is forgotten`);
    const terms = this.#history.get(key) ?? [];
    this.#history.set(key, terms);
    if (record.term !== terms.length + 1) {
      throw new Violation(`the home of ${key} becomes ${record.zone} by term ${record.term}, after ${terms.join(' ')}`);
    }
    terms.push(record.zone);
  }

  check(world: WorldSimulation): void {
    for (const meeting of world.attendance.meetings) {
      for (const [name, homes] of observers(world)) this.#believes(name, homes, meeting);
    }
  }

  #believes(name: string, homes: MeetingDirectory, meeting: MeetingId): void {
    const home = homes.home(meeting);
    if (home === undefined || home.term === 0) return;
    const written = this.#history.get(meeting)?.[home.term - 1];
    if (written !== home.zone)
      throw new Violation(`${name} takes ${home.zone} for the home of ${meeting} by term ${home.term}, not ${written}`);
  }

  converged(world: WorldSimulation): void {
    for (const meeting of world.attendance.meetings) {
      const beliefs = observers(world).map(([name, homes]) => `${name}: ${homes.home(meeting)?.zone}`);
      const zones = new Set(observers(world).map(([, homes]) => homes.home(meeting)?.zone));
      if (zones.size > 1) throw new Violation(`they do not agree on the home of ${meeting}: ${beliefs.join(', ')}`);
    }
  }
}

function observers(world: WorldSimulation): [string, MeetingDirectory][] {
  return [
    ...world.daemons.globals.map(({ process, mirror }): [string, MeetingDirectory] => [
      process.name,
      mirror.meetings.homes,
    ]),
    ...world.daemons.zones.map(({ process, knowledge }): [string, MeetingDirectory] => [process.name, knowledge.homes]),
  ];
}
