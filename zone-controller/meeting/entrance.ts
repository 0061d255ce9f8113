/**
 * How participants get to routers: one who joins or moves is placed and let in, one who comes back is handed over. Tries
 * again where what was known of a meeting's places has turned out to be out of date.
 */
import { randomInt } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { Destination } from '../placement/grow-tree.ts';
import { isSamePlace } from '../placement/meeting-tree.ts';
import { placesOf } from '../placement/placement-tree.ts';
import { afterFailedJoin, type Findings, type Placed, type Placements } from '../placement/placements.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { LiveMeetings } from './live-meetings.ts';
import type { Newcomer, PathOffer, RouterCommands } from './router-commands.ts';
import type { Session, SessionPlace } from './session.ts';
import type { SessionTokens, Stay } from './session-tokens.ts';
import type { TreeSender } from './tree-sender.ts';

/** When a router does not answer, or its epoch is over. */
const MAX_ATTEMPTS = 3;
/** For a router to let go of somebody. */
const LET_GO_MS = 200;
/** The proto says uint32. */
const MAX_CONNECTION = 2 ** 32;

/** A participant who has just been let in, or handed over, or who is to wait. */
export interface Entry {
  readonly meeting: LiveMeeting;
  readonly participant: ParticipantId;
  readonly place: SessionPlace;
  /** By which he comes back there. */
  readonly token: string;
}

export interface Entered {
  readonly entry: Entry;
  /** SDP; undefined: he is to wait there, and `left` or let in when `place.mirror.waiting` has him no more. */
  readonly answer: string | undefined;
}

/** In the meeting already, he is to go to another router than `avoid`, or nowhere but `to`. */
export interface MoveWish {
  readonly avoid: RouterId | undefined;
  readonly to: Destination | undefined;
}

export interface EntranceOptions {
  readonly meetings: LiveMeetings;
  readonly placements: Placements;
  readonly trees: TreeSender;
  readonly commands: RouterCommands;
  readonly tokens: SessionTokens;
  /** Whether a router can be there at all. */
  readonly has: (router: RouterId) => boolean;
  /** Whether a router has not been heard of for a while. */
  readonly isSilent: (router: RouterId) => boolean;
  /** For a command whose failure changes nothing here. */
  readonly tell: (command: Promise<unknown>) => void;
  /** How long a participant may stay without a connection. */
  readonly keepMs: number;
}

export class Entrance {
  readonly #options: EntranceOptions;
  #attachments = 0;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  /**
   * Has a router let the participant in; places the meeting when it is nowhere, and makes it grow when it is full. Throws
   * ZonecastError.
   */
  async enter(id: MeetingId, participant: ParticipantId, newcomer: Newcomer, move?: MoveWish): Promise<Entered> {
    const { placements } = this.#options;
    const { avoid, to } = move ?? {};
    let findings: Findings = avoid === undefined || to !== undefined ? {} : { failed: new Set([avoid]) };
    for (let attempt = 1; ; attempt++) {
      const placed = await placements.forJoin(id, participant, findings, to);
      try {
        return await this.#join(id, placed, participant, newcomer, move !== undefined);
      } catch (error) {
        const isUntouched = placements.isUntouched(id, placed);
        const next = attempt === MAX_ATTEMPTS ? undefined : afterFailedJoin(findings, placed, isUntouched, error);
        if (next === undefined) throw error;
        findings = next;
      } finally {
        placements.settled(id, participant, false);
      }
    }
  }

  /**
   * Has a router hand the participant over: that of his token first, then the others of the meeting. undefined: no router
   * has him. Throws ZonecastError.
   */
  async takeOver(stay: Stay): Promise<Entry | undefined> {
    const { placements, meetings, tokens, has } = this.#options;
    const placement = await placements.find(stay.meeting);
    for (const at of placement === undefined ? [] : seatsFor(placement, stay)) {
      const token = await tokens.sign({ ...stay, router: at.router, worker: at.worker });
      // From here to the router nothing is waited for: a meeting that nobody is in or entering is forgotten at any time.
      const meeting = meetings.at(stay.meeting);
      const mirror = meeting.mirrorAt(at.router, placement?.epoch ?? 0);
      const place = { mirror, worker: at.worker, attachment: ++this.#attachments };
      const entry = { meeting, participant: stay.participant, place, token };
      try {
        const attach = () => this.#options.commands.attach(mirror, stay.participant, place.attachment);
        await mirror.entering(stay.participant, attach, () => this.detach(entry));
        return entry;
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
        // Of a router that is lost, what is awaited elsewhere is known here; of one that is merely silent, nothing is.
        const isAwaited = error.code === 'noRouter' && meeting.roster.isAwaited(stay.participant);
        const isLost = isAwaited || (error.code === 'noRouter' && !has(at.router));
        if (!isLost && error.code !== 'noSuchParticipant' && error.code !== 'staleEpoch') throw error;
      } finally {
        meetings.settle(meeting);
      }
    }
    return undefined;
  }

  /** A second connection to the place where he is; `come` is run when what its events tell is of that one. Throws ZonecastError. */
  async openConnection(
    { meeting, participant, name, role }: Pick<Session, 'meeting' | 'participant' | 'name' | 'role'>,
    place: SessionPlace,
    offer: PathOffer,
    come: () => void,
  ): Promise<{ readonly answer: string; readonly token: string; readonly connection: number }> {
    const { commands, tokens } = this.#options;
    const { mirror, worker } = place;
    const token = await tokens.sign({ meeting: meeting.id, participant, router: mirror.router, worker, name, role });
    // By chance: another controller has none of ours in its events.
    const connection = randomInt(1, MAX_CONNECTION);
    const ask = () => commands.openConnection(mirror, participant, { ...offer, connection });
    // If it has come about all the same, the router drops it before long.
    const answer = await mirror.entering(participant, ask, () => undefined, { come, connection });
    return { answer, token, connection };
  }

  /** His client uses the second connection, or has given it up. */
  settleConnection(participant: ParticipantId, { mirror }: SessionPlace, isGivenUp: boolean): void {
    this.#options.tell(this.#options.commands.settleConnection(mirror, participant, isGivenUp));
  }

  /** His client is away. */
  detach({ participant, place }: Pick<Entry, 'participant' | 'place'>, keepMs: number = this.#options.keepMs): void {
    const { commands, tell } = this.#options;
    tell(commands.detach(place.mirror, participant, place.attachment, keepMs));
  }

  /** `room`: he goes there and stays a part of the meeting. */
  leave({ participant, place }: Pick<Entry, 'participant' | 'place'>, room?: MeetingId): void {
    this.#options.tell(this.#options.commands.leave(place.mirror, participant, room));
  }

  async #join(
    id: MeetingId,
    placed: Placed,
    participant: ParticipantId,
    newcomer: Newcomer,
    isMove: boolean,
  ): Promise<Entered> {
    const { meetings, placements, trees, commands, tokens, isSilent } = this.#options;
    const { placement, router, worker } = placed;
    // One that hangs is told when it answers again, and is not waited for.
    const concerned = routersConcerned(placed).filter((each) => !isSilent(each));
    if (placed.isNew) await trees.taken(id, placement, concerned);
    const { name, arrival } = newcomer;
    const token = await tokens.sign({ meeting: id, participant, router, worker, name, role: arrival.role });
    // As in `takeOver`: from here to the router nothing is waited for.
    const meeting = meetings.at(id);
    const mirror = meeting.mirrorAt(router, placement.epoch);
    const entry = { meeting, participant, place: { mirror, worker, attachment: ++this.#attachments }, token };
    const { attachment } = entry.place;
    const terms = { isMove, audioOnly: placed.media === 'audioOnly' };
    const start = meetings.startOf(meeting, arrival.start, isSilent);
    const comes = { ...newcomer, arrival: { ...arrival, start } };
    const ask = () => commands.join(mirror, worker, participant, attachment, comes, terms);
    try {
      // At once: the router's next report counts him.
      const come = () => placements.settled(id, participant, true);
      const waits = (answer: string | undefined): boolean => answer === undefined;
      const answer = await mirror.entering(participant, ask, () => this.leave(entry), { come, waits });
      if (waits(answer)) mirror.waiting.add(participant);
      return { entry, answer };
    } catch (error) {
      if (!(isMove || arrival.returning) || !(error instanceof ZonecastError && error.code === 'badMessage'))
        throw error;
      // There already, on another worker or by an answer that never arrived: first he has to go.
      await commands.leave(mirror, participant);
      const message = 'You are still on your way. Try again.';
      throw new ZonecastError('rateLimited', message, { retryAfterMs: LET_GO_MS, cause: error });
    } finally {
      meetings.settle(meeting);
    }
  }
}

/** The ends of a new branch's trunk: they know of it before somebody joins there, so that he hears and sees at once. */
function routersConcerned({ placement, router, worker }: Placed): RouterId[] {
  const places = placesOf(placement);
  const parent = places.find((place) => isSamePlace(place, { router, worker }))?.parent;
  const next = parent === undefined ? undefined : places[parent]?.router;
  return next === undefined ? [] : [...new Set([router, next])];
}

/** A place on each router of the meeting; that of the token first. */
function seatsFor(placement: MeetingPlacement, { router, worker }: Stay) {
  const places = placesOf(placement);
  const rank = (place: (typeof places)[number]): number => {
    if (place.router !== router) return 2;
    return place.worker === worker ? 0 : 1;
  };
  const sorted = places.toSorted((a, b) => rank(a) - rank(b));
  return sorted.filter((place, index) => sorted.findIndex((each) => each.router === place.router) === index);
}
