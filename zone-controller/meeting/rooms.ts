/**
 * Breakout rooms: meetings of their own, made when a host opens them. Who is to go to one, or back, is told to his client
 * with a pass; who is in another room already is told there, in the name of the zone.
 */
import { type ErrorCode, ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import { apply } from '../../mmr/control/state/apply.ts';
import type { MeetingState, Role, Room } from '../../mmr/control/state/meeting-state.ts';
import { REFUSALS, toError } from '../../mmr/control/state/refusal.ts';
import type { MeetingAct } from '../../proto/signalling.ts';
import { KeyedLimiter } from '../limits/keyed-limiter.ts';
import type { Rate } from '../limits/token-bucket.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import { tryLater } from '../registry/try-later.ts';
import type { World } from '../world/world.ts';
import type { ZoneActs } from './acts.ts';
import type { Definitions } from './definitions.ts';
import type { Session } from './session.ts';
import { onTheWay } from './session-commands.ts';
import { PASS_RENEWED_MS, type Pass, type SessionTokens } from './session-tokens.ts';

type Wish = Extract<MeetingAct, { type: 'openRooms' }>['rooms'];

/** Several routers and controllers say the same; a host who says it again later means it. */
const SAME_MS = 2_000;

export interface RoomsOptions {
  readonly definitions: Pick<Definitions, 'createRoom' | 'find'>;
  readonly tokens: Pick<SessionTokens, 'signPass'>;
  readonly zone: Pick<ZoneActs, 'act'>;
  /** A meeting and its rooms may be in different zones. */
  readonly world: Pick<World, 'act'>;
  /** Meetings of which this zone knows, with their definitions. */
  readonly known: () => Iterable<readonly [MeetingId, Pick<MeetingDefinition, 'main'>]>;
  /** Rooms that somebody at one address makes: each is a meeting. */
  readonly limit: Rate;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class Rooms {
  readonly #options: RoomsOptions;
  /** What was passed on to rooms a moment ago, and when. */
  readonly #passedOn = new Map<string, number>();
  readonly #made: KeyedLimiter;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#made = new KeyedLimiter(options.limit);
  }

  /** Makes the meetings. Refused here already when the routers would: nothing is to be made in vain. @throws ZonecastError */
  async open({ meeting, participant, place, client }: Session, wish: Wish): Promise<Room[]> {
    const state = place?.mirror.state.state;
    if (state === undefined) throw onTheWay();
    const rooms = wish.map(({ name, assigned }, index) => ({
      room: `${index}` as MeetingId,
      name,
      assigned: idsOf(assigned),
    }));
    const context = { id: 'trial', actor: { participant }, unixMs: 0, stamp: state };
    const trial = apply(state, { type: 'openRooms', rooms }, context);
    if ('refusal' in trial) throw toError(trial.refusal);
    this.#take(client.address, rooms.length);
    const made = rooms.map(async ({ name, assigned }) => ({
      room: await this.#options.definitions.createRoom(meeting.id, name),
      name,
      assigned,
    }));
    return tryLater(Promise.all(made));
  }

  /**
   * Somebody is about to come into a room by a pass: the meeting that it is a room of is told, and may know better than the
   * pass. Where that is nowhere, or cannot be asked, the pass has to do. @throws ZonecastError what its routers say
   */
  async enter(room: MeetingId, main: MeetingId, participant: ParticipantId): Promise<void> {
    const definition = await this.#options.definitions.find(main).catch(() => undefined);
    if (definition?.ended === true) throw toError(REFUSALS.ended);
    const act = { type: 'enterRoom', participant, room } as const;
    // Other zones in which it is hear of it; their word is not waited for.
    if (definition !== undefined) void this.#options.world.act(main, definition, act);
    try {
      await this.#options.zone.act(main, act);
    } catch (error) {
      if (!(error instanceof ZonecastError) || !DECIDED.includes(error.code)) {
        this.#options.log.warn({ meeting: main, participant, room, err: error }, 'not told that he goes into a room');
        return;
      }
      throw error;
    }
  }

  /** Somebody who was in a room is not, and has not come back: the meeting hears it. @throws ZonecastError */
  async left(room: MeetingId, main: MeetingId, participant: ParticipantId): Promise<void> {
    await this.#act(main, { type: 'leftRoom', room, participants: [participant] });
  }

  /** What the zone wants in a meeting, in its rooms too: its own routers may not have anybody who passes it on. */
  async everywhere(main: MeetingId, act: PersonAct): Promise<void> {
    const rooms = [...this.#options.known()].flatMap(([room, definition]) => (definition.main === main ? room : []));
    await Promise.all(
      rooms.map((room) =>
        this.#act(room, act).catch((error: unknown) =>
          this.#options.log.debug({ meeting: room, act, err: error }, 'not done in a room'),
        ),
      ),
    );
  }

  /** Has the client go to another meeting: a room, or the meeting that this one is a room of. */
  async send(session: Session, to: MeetingId, state: MeetingState): Promise<void> {
    const { now } = this.#options;
    const { meeting, errand } = session;
    if (errand?.to === to && now() - (errand.saidMs ?? Number.NEGATIVE_INFINITY) < SAME_MS) return;
    const isRoom = to !== state.main;
    session.errand = { to, isRoom: isRoom && state.main === undefined, saidMs: now() };
    // Back in the meeting he is what he was there, as it knows itself; what he has become in a room counts in that room.
    const [role, atHome] = state.main === undefined ? [session.role, session.entitledTo] : rolesOf(session);
    const main = isRoom ? (state.main ?? meeting.id) : undefined;
    await this.#tell(session, { meeting: to, role: isRoom ? role : atHome, main, atHome });
  }

  /**
   * He goes on on another connection, perhaps at another controller: if he is to be in a room and is not, he is told so on
   * this one. Who came back from a room by himself is assigned to none any more.
   */
  remind(session: Session): void {
    const { participant, place, errand } = session;
    const state = place?.mirror.state.state;
    const to = state?.rooms.find(({ assigned }) => assigned.includes(participant))?.room;
    const person = state?.people.get(participant);
    if (state === undefined || to === undefined || person === undefined || person.room !== undefined) return;
    if (errand?.to === to && errand.saidMs !== undefined) return;
    void this.send(session, to, state);
  }

  /** Those in rooms whose pass is old are given another one, to come back by. To be called steadily. */
  async renew(sessions: Iterable<Session>): Promise<void> {
    const nowMs = this.#options.now();
    for (const session of [...sessions]) {
      const { meeting, place } = session;
      const main = place?.mirror.state.state.main;
      if (main === undefined || session.isOver || nowMs - session.passMs < PASS_RENEWED_MS) continue;
      session.passMs = nowMs;
      const [role, atHome] = rolesOf(session);
      await this.#tell(session, { meeting: meeting.id, role, main, atHome });
    }
  }

  async #tell(session: Session, as: Pick<Pass, 'meeting' | 'role' | 'main' | 'atHome'>): Promise<void> {
    const { definitions, tokens, log } = this.#options;
    const { participant, name } = session;
    try {
      const pass = await tokens.signPass({ ...as, participant, name, returning: true });
      const title = (await definitions.find(as.meeting).catch(() => undefined))?.title ?? '';
      session.send({ type: 'goTo', meeting: as.meeting, name: title, pass });
    } catch (error) {
      const [from, to] = [session.meeting.id, as.meeting];
      log.warn({ meeting: from, participant, to, err: error }, 'somebody could not be sent to another meeting');
    }
  }

  /** All of them or none. */
  #take(address: string, count: number): void {
    const waitMs = this.#made.take(this.#options.now(), address, count);
    if (waitMs === 0) return;
    throw new ZonecastError('rateLimited', 'Too many rooms have been opened. Wait a moment.', { retryAfterMs: waitMs });
  }

  /** In a room, or in one room of several: what was ordered in the meeting that it belongs to. */
  passOn(room: MeetingId, act: Extract<PersonAct, { type: 'sendTo' | 'remove' }>): void {
    const { now, log } = this.#options;
    const nowMs = now();
    for (const [key, passedMs] of this.#passedOn) if (nowMs - passedMs >= SAME_MS) this.#passedOn.delete(key);
    const key = `${room} ${JSON.stringify(act)}`;
    if (this.#passedOn.has(key)) return;
    this.#passedOn.set(key, nowMs);
    // Who has gone from there meanwhile need not be told.
    this.#act(room, act).catch((error: unknown) => log.debug({ meeting: room, act, err: error }, 'not told in a room'));
  }

  /** Here, and in other zones in which it is. @throws ZonecastError what the routers of this zone say */
  async #act(meeting: MeetingId, act: PersonAct): Promise<void> {
    const elsewhere = this.elsewhere(meeting, act);
    await this.#options.zone.act(meeting, act);
    await elsewhere;
  }

  /** In other zones in which it is; resolves when they have, or do not answer in time. */
  async elsewhere(meeting: MeetingId, act: PersonAct): Promise<void> {
    const { definitions, world } = this.#options;
    const definition = await definitions.find(meeting).catch(() => undefined);
    if (definition !== undefined) await world.act(meeting, definition, act);
  }
}

/** Of somebody in a room: there, and back from there. */
function rolesOf({ entitledTo, atHome }: Session): [Role, Role] {
  return [entitledTo, atHome];
}

/** The meeting knows, and refuses. */
const DECIDED: readonly ErrorCode[] = ['notAllowed', 'notPossible'];

/** Who is not in the meeting is left out by its routers. */
function idsOf(participants: readonly string[]): ParticipantId[] {
  return participants as ParticipantId[];
}
