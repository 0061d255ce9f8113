/**
 * Meetings whose people reach each other through this zone, whether or not any of them is here: they need a place here, which
 * the leader makes. It goes like that of every meeting that nobody is in, once nobody's way leads here any more.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { TreeRecord } from '../../global-controller/trees/zone-tree.ts';
import type { ZoneSide } from './zone-side.ts';

/** Whether what goes between other zones of the tree goes through this one. A leaf carries nothing but its own. */
export function isOnTheWay(zone: ZoneId, tree: Pick<TreeRecord, 'edges'> | undefined): boolean {
  return tree?.edges.some(({ parent }) => parent === zone) ?? false;
}

export interface PlacesOnTheWayOptions {
  readonly zone: Pick<ZoneSide, 'isLeader' | 'placements' | 'place'>;
  readonly isOnTheWay: (meeting: MeetingId) => boolean;
  readonly log: Logger;
}

export class PlacesOnTheWay {
  readonly #options: PlacesOnTheWayOptions;
  readonly #placing = new Set<MeetingId>();

  constructor(options: PlacesOnTheWayOptions) {
    this.#options = options;
  }

  /** Makes a place if there is to be one and is none; what fails is to be tried again. Never rejects. */
  async settle(meeting: MeetingId): Promise<void> {
    const { zone, log } = this.#options;
    const isPlaced = (zone.placements.get(meeting)?.root ?? null) !== null;
    if (isPlaced || this.#placing.has(meeting) || !this.#options.isOnTheWay(meeting) || !zone.isLeader()) return;
    this.#placing.add(meeting);
    try {
      await zone.place(meeting);
      log.info({ meeting }, 'a meeting has a place here for people of other zones');
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      log.warn({ meeting, err: error }, 'a meeting between other zones could not be placed here');
    } finally {
      this.#placing.delete(meeting);
    }
  }
}
