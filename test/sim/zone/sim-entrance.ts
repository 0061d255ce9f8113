/** How participants get to routers, and away from them: a model of zone-controller/meeting/entrance.ts. */
import { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import { isSamePlace, type WorkerPlace } from '../../../zone-controller/placement/meeting-tree.ts';
import { isSpread, placesOf } from '../../../zone-controller/placement/placement-tree.ts';
import { afterFailedJoin, type Findings, type Placements } from '../../../zone-controller/placement/placements.ts';
import type { SimCommands } from './sim-commands.ts';
import type { SimTrees } from './sim-trees.ts';

const MAX_ATTEMPTS = 3;
/** How long a stay outlives its client's connection. */
const KEEP_MS = 5_000;

export interface Entered {
  place: WorkerPlace;
  attachment: number;
}

/** Somebody who has come in. */
export interface Seated extends Entered {
  readonly meeting: MeetingId;
  readonly participant: ParticipantId;
  /** The router's process is gone. */
  isPlaceLost: boolean;
}

export interface EntranceOptions {
  readonly placements: Placements;
  readonly commands: SimCommands;
  readonly trees: SimTrees;
  /** By which routers know this run of the controller. */
  readonly home: string;
}

export class SimEntrance {
  readonly #options: EntranceOptions;
  #attachments = 0;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  async enter(meeting: MeetingId, participant: ParticipantId): Promise<Entered> {
    // The cast: only of one who has a place already it is found that he may stay there.
    return (await this.#enter(meeting, participant, undefined)) as Entered;
  }

  /** Where he goes, or undefined when he may stay after all. */
  move(seated: Seated): Promise<Entered | undefined> {
    return this.#enter(seated.meeting, seated.participant, seated);
  }

  /** `router`: that had him last; then the others of the meeting are asked. */
  async takeOver(meeting: MeetingId, participant: ParticipantId, router: RouterId): Promise<Entered> {
    const { placements, commands, home } = this.#options;
    const placement = await placements.find(meeting);
    const places = placement === undefined ? [] : placesOf(placement);
    const epoch = placement?.epoch ?? 1;
    for (const each of [...new Set([router, ...places.map((place) => place.router)])]) {
      const attachment = ++this.#attachments;
      try {
        const worker = await commands.run(each, (there) => there.attach(meeting, epoch, participant, home, attachment));
        return { place: { router: each, worker }, attachment };
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
        const isGone = error.code === 'noRouter' && (await placements.isGone(each));
        if (!isGone && error.code !== 'noSuchParticipant' && error.code !== 'staleEpoch') throw error;
      }
    }
    throw new ZonecastError('sessionExpired', 'You were away for too long.');
  }

  async detach({ meeting, participant, place, attachment }: Seated): Promise<void> {
    const { commands, home } = this.#options;
    const epoch = this.#epochOf(meeting);
    await commands
      .run(place.router, (router) => router.detach(meeting, epoch, participant, home, attachment, KEEP_MS))
      .catch(() => undefined);
  }

  async leave(meeting: MeetingId, participant: ParticipantId, router: RouterId): Promise<void> {
    const epoch = this.#epochOf(meeting);
    await this.#options.commands
      .run(router, (there) => there.leave(meeting, epoch, participant))
      .catch(() => undefined);
  }

  async #enter(
    meeting: MeetingId,
    participant: ParticipantId,
    seated: Seated | undefined,
  ): Promise<Entered | undefined> {
    const { placements, commands, trees, home } = this.#options;
    let findings: Findings = {};
    for (let attempt = 1; ; attempt++) {
      const placed = await placements.forJoin(meeting, participant, findings);
      const { placement, router, worker } = placed;
      const place = { router, worker };
      let hasCome = false;
      try {
        if (seated !== undefined && !seated.isPlaceLost && isSamePlace(place, seated.place)) return undefined;
        if (isSpread(placement)) {
          trees.send(meeting, placement);
          await trees.tell(router, meeting, placement);
        }
        // Nobody is twice on one router.
        if (seated?.place.router === router) await this.leave(meeting, participant, router);
        const attachment = ++this.#attachments;
        const order = { meeting, epoch: placement.epoch, participant, worker, home, attachment };
        await commands.run(router, (there) => there.join(order));
        hasCome = true;
        return { place, attachment };
      } catch (error) {
        const isUntouched = placements.isUntouched(meeting, placed);
        const next = attempt === MAX_ATTEMPTS ? undefined : afterFailedJoin(findings, placed, isUntouched, error);
        if (next === undefined) throw error;
        findings = next;
      } finally {
        placements.settled(meeting, participant, hasCome);
      }
    }
  }

  #epochOf(meeting: MeetingId): number {
    return this.#options.placements.current(meeting)?.epoch ?? 1;
  }
}
