/**
 * Breakout rooms: meetings of their own, made when a host opens them. Who is to go to one, or back, is told to his client
 * with a pass; who is in another room already is told there, in the name of the zone.
 */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import { apply } from '../../mmr/control/state/apply.ts';
import type { MeetingState, Room } from '../../mmr/control/state/meeting-state.ts';
import { toError } from '../../mmr/control/state/refusal.ts';
import type { MeetingAct } from '../../proto/signalling.ts';
import { tryLater } from '../registry/try-later.ts';
import type { ZoneActs } from './acts.ts';
import type { Definitions } from './definitions.ts';
import type { Session } from './session.ts';
import { onTheWay } from './session-commands.ts';
import type { SessionTokens } from './session-tokens.ts';

type Wish = Extract<MeetingAct, { type: 'openRooms' }>['rooms'];

/** Several routers and controllers say the same; a host who says it again later means it. */
const SAME_MS = 2_000;

export interface RoomsOptions {
  readonly definitions: Pick<Definitions, 'createRoom' | 'find'>;
  readonly tokens: Pick<SessionTokens, 'signPass'>;
  readonly zone: Pick<ZoneActs, 'act'>;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class Rooms {
  readonly #options: RoomsOptions;
  /** What was passed on to rooms a moment ago, and when. */
  readonly #passedOn = new Map<string, number>();

  constructor(options: RoomsOptions) {
    this.#options = options;
  }

  /** Makes the meetings. Refused here already when the routers would: nothing is to be made in vain. @throws ZonecastError */
  async open({ meeting, participant, place }: Session, wish: Wish): Promise<Room[]> {
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
    const made = rooms.map(async ({ name, assigned }) => ({
      room: await this.#options.definitions.createRoom(meeting.id, name),
      name,
      assigned,
    }));
    return tryLater(Promise.all(made));
  }

  /** Has the client go to another meeting: a room, or the meeting that this one is a room of. */
  async send(session: Session, to: MeetingId, state: MeetingState): Promise<void> {
    const { definitions, tokens, now, log } = this.#options;
    const { participant, meeting, errand } = session;
    if (errand?.to === to && now() - errand.saidMs < SAME_MS) return;
    const isRoom = to !== state.main;
    session.errand = { to, isRoom: isRoom && state.main === undefined, saidMs: now() };
    const { name } = session;
    // Back in the meeting he is what he was there; what he has become in a room counts in that room.
    const role = state.main === undefined ? session.role : session.entitledTo;
    const main = isRoom ? (state.main ?? meeting.id) : undefined;
    try {
      const pass = await tokens.signPass({ meeting: to, participant, name, role, main, returning: true });
      const title = (await definitions.find(to).catch(() => undefined))?.title ?? '';
      session.send({ type: 'goTo', meeting: to, name: title, pass });
    } catch (error) {
      log.warn({ meeting: meeting.id, participant, to, err: error }, 'somebody could not be sent to another meeting');
    }
  }

  /** In a room, or in one room of several: what was ordered in the meeting that it belongs to. */
  passOn(room: MeetingId, act: Extract<PersonAct, { type: 'sendTo' | 'remove' }>): void {
    const { zone, now, log } = this.#options;
    const nowMs = now();
    for (const [key, passedMs] of this.#passedOn) if (nowMs - passedMs >= SAME_MS) this.#passedOn.delete(key);
    const key = `${room} ${JSON.stringify(act)}`;
    if (this.#passedOn.has(key)) return;
    this.#passedOn.set(key, nowMs);
    // Who has gone from there meanwhile need not be told.
    zone.act(room, act).catch((error: unknown) => log.debug({ meeting: room, act, err: error }, 'not told in a room'));
  }
}

/** Who is not in the meeting is left out by its routers. */
function idsOf(participants: readonly string[]): ParticipantId[] {
  return participants as ParticipantId[];
}
