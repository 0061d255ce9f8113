/**
 * Who is to go on in another zone: everybody, one after another, when this one is drained; and people of meetings that policies do not
 * let be here any more. Each client is told where, makes its stay go on there, and leaves here when its media has moved.
 * From a drained zone nobody is turned out: who does not go, or cannot, stays. The stay of who may not be here ends.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import type { World } from '../world/world.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { Session } from './session.ts';
import { rulesOf, type WhichZone } from './which-zone.ts';

const PERIOD_MS = 1_000;
/** By each controller: those who take them place, negotiate and connect as many, and open trunks for their meetings. */
export const TRANSFERS_PER_PERIOD = 20;
/** A client has given up by then, or never heard of it. */
export const REPEAT_MS = 30_000;
/** Who may not be here, and nowhere else either, has so long: policies that belong together are not changed all at once. */
export const NOWHERE_MS = 10_000;
/** Who may not be here and does not go has been told twice by then. */
export const FORBIDDEN_MS = 60_000;

export interface TransfersOptions {
  readonly world: Pick<World, 'isDrained' | 'own' | 'zone' | 'mayBeIn'>;
  readonly whichZone: Pick<WhichZone, 'ofTransfer'>;
  readonly meetings: Pick<LiveMeetings, 'all'>;
  readonly definitionOf: (meeting: MeetingId) => Promise<MeetingDefinition | undefined>;
  /** The same as far as this zone has it; asks nobody. */
  readonly known: (meeting: MeetingId) => MeetingDefinition | undefined;
  /** Ends a stay, and tells the client why. */
  readonly dismiss: (session: Session, reason: 'notAllowedHere') => void;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class Transfers {
  readonly #options: TransfersOptions;
  readonly #toldMs = new WeakMap<Session, number>();
  /** Meetings that may not be here, since when. */
  readonly #forbiddenMs = new Map<MeetingId, number>();
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
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#lookAtPolicies();
    const definitions = new Map<MeetingId, MeetingDefinition | undefined>();
    let told = 0;
    for (const session of this.#due()) {
      const { id } = session.meeting;
      if (!definitions.has(id)) definitions.set(id, await this.#definitionOf(id));
      const definition = definitions.get(id);
      if (definition !== undefined && !session.isOver && this.#see(session, definition)) told++;
      if (told >= TRANSFERS_PER_PERIOD) break;
    }
    this.#isBusy = false;
  }

  #lookAtPolicies(): void {
    const { world, meetings, known, now } = this.#options;
    const forbidden = new Map<MeetingId, number>();
    for (const { id } of meetings.all) {
      const definition = known(id);
      if (definition === undefined || world.mayBeIn(world.own, id, rulesOf(definition))) continue;
      forbidden.set(id, this.#forbiddenMs.get(id) ?? now());
    }
    this.#forbiddenMs.clear();
    for (const [id, sinceMs] of forbidden) this.#forbiddenMs.set(id, sinceMs);
  }

  /** By an operator of the world, or because all its routers are to be empty. */
  get #isDrained(): boolean {
    const { world } = this.#options;
    return world.isDrained || world.zone(world.own)?.drained === true;
  }

  #due(): Session[] {
    const isDrained = this.#isDrained;
    const concerned = [...this.#options.meetings.all].filter(({ id }) => isDrained || this.#forbiddenMs.has(id));
    const sessions = concerned.flatMap((meeting) => [...meeting.sessions.values()]);
    return sessions.filter((session) => !session.isMoving && (this.#isUnheard(session) || this.#isOverdue(session)));
  }

  #isUnheard(session: Session): boolean {
    return this.#options.now() - (this.#toldMs.get(session) ?? Number.NEGATIVE_INFINITY) >= REPEAT_MS;
  }

  #isOverdue({ meeting }: Session): boolean {
    return this.#forbiddenForMs(meeting.id) >= FORBIDDEN_MS;
  }

  /** Milliseconds; 0: it may be here, or has only just been forbidden. */
  #forbiddenForMs(meeting: MeetingId): number {
    const nowMs = this.#options.now();
    return nowMs - (this.#forbiddenMs.get(meeting) ?? nowMs);
  }

  /** Whether something has been said to him. */
  #see(session: Session, definition: MeetingDefinition): boolean {
    const { whichZone, now, dismiss, log } = this.#options;
    const { meeting, participant, client, roundTrips } = session;
    const onward = this.#isOverdue(session)
      ? undefined
      : whichZone.ofTransfer({ meeting: meeting.id, definition, address: client.address, roundTrips });
    if (onward === undefined) {
      if (this.#forbiddenForMs(meeting.id) < NOWHERE_MS) return false;
      log.info({ meeting: meeting.id, participant }, 'a policy does not let somebody stay');
      dismiss(session, 'notAllowedHere');
      return true;
    }
    this.#toldMs.set(session, now());
    session.send({ type: 'transfer', ...onward, reason: this.#forbiddenMs.has(meeting.id) ? 'policy' : 'zoneDrained' });
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
