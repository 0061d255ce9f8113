/**
 * When the zone is drained, its people go on in others, one after another: each client is told where, makes its stay go on there,
 * and leaves here when its media has moved. Nobody is turned out: who does not go, or cannot, stays.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import type { World } from '../world/world.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { Session } from './session.ts';
import type { WhichZone } from './which-zone.ts';

const PERIOD_MS = 1_000;
/** By each controller: those who take them place, negotiate and connect as many, and open trunks for their meetings. */
export const TRANSFERS_PER_PERIOD = 20;
/** A client has given up by then, or never heard of it. */
export const REPEAT_MS = 30_000;

export interface TransfersOptions {
  readonly world: Pick<World, 'isDrained' | 'own' | 'zone'>;
  readonly whichZone: Pick<WhichZone, 'ofTransfer'>;
  readonly meetings: Pick<LiveMeetings, 'all'>;
  readonly definitionOf: (meeting: MeetingId) => Promise<MeetingDefinition | undefined>;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class Transfers {
  readonly #options: TransfersOptions;
  readonly #toldMs = new WeakMap<Session, number>();
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;

  constructor(options: TransfersOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.step(), PERIOD_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Tells those whose turn it is. Never rejects. */
  async step(): Promise<void> {
    if (!this.#isDrained || this.#isBusy) return;
    this.#isBusy = true;
    const definitions = new Map<MeetingId, MeetingDefinition | undefined>();
    let told = 0;
    for (const session of this.#due()) {
      const { id } = session.meeting;
      if (!definitions.has(id)) definitions.set(id, await this.#definitionOf(id));
      const definition = definitions.get(id);
      if (definition !== undefined && !session.isOver && this.#tell(session, definition)) told++;
      if (told >= TRANSFERS_PER_PERIOD) break;
    }
    this.#isBusy = false;
  }

  /** By an operator of the world, or because all its routers are to be empty. */
  get #isDrained(): boolean {
    const { world } = this.#options;
    return world.isDrained || world.zone(world.own)?.drained === true;
  }

  #due(): Session[] {
    const nowMs = this.#options.now();
    const sessions = [...this.#options.meetings.all].flatMap((meeting) => [...meeting.sessions.values()]);
    return sessions.filter((session) => {
      const toldMs = this.#toldMs.get(session) ?? Number.NEGATIVE_INFINITY;
      return !session.isMoving && nowMs - toldMs >= REPEAT_MS;
    });
  }

  #tell(session: Session, definition: MeetingDefinition): boolean {
    const { whichZone, now, log } = this.#options;
    const { meeting, participant, client } = session;
    const onward = whichZone.ofTransfer({ meeting: meeting.id, definition, address: client.address });
    if (onward === undefined) return false;
    this.#toldMs.set(session, now());
    session.send({ type: 'transfer', ...onward, reason: 'zoneDrained' });
    log.info({ meeting: meeting.id, participant, to: onward.zone }, 'somebody is to go on in another zone');
    return true;
  }

  /** undefined: not now; he is told later. */
  async #definitionOf(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    try {
      return await this.#options.definitionOf(meeting);
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      this.#options.log.warn({ meeting, err: error }, 'where a meeting may be is not known now');
      return undefined;
    }
  }
}
