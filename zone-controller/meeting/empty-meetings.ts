/**
 * Ends the placements of meetings that nobody has been in for a while. Routers say each second which are empty; the
 * leader closes each on its router, which refuses when somebody has come meanwhile, and then records that it is nowhere.
 * What fails is done again when the router says so again. A join in between finds the epoch over and places it anew.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { EmptyMeeting__Output } from '../../proto/gen/zonecast/router/v1/EmptyMeeting.ts';
import type { Placements } from '../placement/placements.ts';
import type { Definitions } from './definitions.ts';
import type { RouterCommands } from './router-commands.ts';

export interface EmptyMeetingsOptions {
  readonly commands: Pick<RouterCommands, 'closeIfEmpty'>;
  readonly placements: Pick<Placements, 'current' | 'release'>;
  readonly definitions: Pick<Definitions, 'touch'>;
  /** Meetings are kept for so long after the last one left. */
  readonly emptyMs: number;
  readonly isLeader: () => boolean;
  readonly log: Logger;
}

export class EmptyMeetings {
  readonly #options: EmptyMeetingsOptions;
  readonly #closing = new Set<string>();

  constructor(options: EmptyMeetingsOptions) {
    this.#options = options;
  }

  /** What a router says. */
  report(router: RouterId, meetings: readonly EmptyMeeting__Output[]): void {
    if (!this.#options.isLeader()) return;
    for (const { meeting, epoch, emptyMs } of meetings) {
      const key = `${router} ${meeting} ${epoch}`;
      // The cast: the router has its ids from us.
      const id = meeting as MeetingId;
      if (emptyMs < this.#options.emptyMs || this.#closing.has(key) || this.#isElsewhereToo(id)) continue;
      this.#closing.add(key);
      void this.#close(router, id, epoch).finally(() => this.#closing.delete(key));
    }
  }

  /** There may be people on other routers; without any, the meeting first becomes small again. */
  #isElsewhereToo(meeting: MeetingId): boolean {
    return (this.#options.placements.current(meeting)?.branches.length ?? 0) > 0;
  }

  async #close(router: RouterId, meeting: MeetingId, epoch: number): Promise<void> {
    const { commands, placements, definitions, log } = this.#options;
    try {
      // Before it is closed: it may have lasted longer than the life of an unused one.
      await definitions.touch(meeting);
      await commands.closeIfEmpty(router, meeting, epoch);
      await placements.release(meeting, epoch);
      log.info({ meeting, router, epoch }, 'empty meeting closed');
    } catch (error) {
      const isUsed = error instanceof ZonecastError && ['revisionConflict', 'staleEpoch'].includes(error.code);
      if (!isUsed) log.warn({ meeting, router, err: error }, 'an empty meeting could not be closed');
    }
  }
}
