/**
 * From one place of a meeting to another, without leaving it: a client whose place is lost or is being emptied is asked
 * to move, and asked again when it comes back, until it has. For a while it is at both places. A client that has found a
 * better way to the same place goes over to that one likewise, unasked: there it has two connections for a while.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { ClientMessage, MoveReason } from '../../proto/signalling.ts';
import { TokenBucket } from '../limits/token-bucket.ts';
import type { Destination } from '../placement/grow-tree.ts';
import { tryLater } from '../registry/try-later.ts';
import type { Access } from './access.ts';
import type { Definitions } from './definitions.ts';
import type { Entrance } from './entrance.ts';
import { tellConnection, tellKeptMuted } from './picture.ts';
import { interrupted } from './place-mirror.ts';
import { mediaOf, type Session, type SessionPlace } from './session.ts';
import { startOf } from './start.ts';

type Move = Extract<ClientMessage, { type: 'move' }>;

interface Moved {
  /** Of the request. */
  readonly id: number;
  readonly answer: string;
  readonly token: string;
}

/** A client that never says that it is done. */
const LINGER_MS = 10_000;
const RETRY_MS = 1_000;
const ON_THE_WAY_MS = 200;
/** Other ways to the same place that a client may try unasked. */
const PATH_RATE = { burst: 4, perSecond: 1 / 3 };

export interface MovesOptions {
  readonly entrance: Entrance;
  readonly definitions: Pick<Definitions, 'find'>;
  /** How clients get in by tunnels. */
  readonly access: Pick<Access, 'tell'>;
  /** Somebody has moved, or could not. */
  readonly moved?: (reason: MoveReason, error: unknown) => void;
  readonly log: Logger;
}

export class Moves {
  readonly #options: MovesOptions;

  constructor(options: MovesOptions) {
    this.#options = options;
  }

  /** The client is to move. `isLost`: nothing goes by its place any more. */
  displace(session: Session, reason: MoveReason, isLost: boolean): void {
    if (isLost) {
      session.place = undefined;
      session.meeting.keep(session.participant);
    }
    if (session.displaced !== undefined) return;
    session.displaced = reason;
    session.send({ type: 'move', reason });
  }

  /** An operator wants him away from there, whatever becomes of the place; to a certain router, or any other. */
  send(session: Session, away: RouterId, to: Destination | undefined): void {
    session.avoid = away;
    session.wanted = to;
    this.displace(session, 'admin', false);
  }

  /** The client's offer for the next place. @throws ZonecastError with `retryAfterMs` where that may help */
  async move(session: Session, message: Move): Promise<void> {
    if (session.displaced === undefined && message.why === 'path' && !session.isMoving) {
      return this.#takePath(session, message);
    }
    if (session.displaced === undefined) throw new ZonecastError('badMessage', 'You were not asked to move.');
    // By another way, most likely: he was asked when that was with the router already.
    if (session.isMoving) {
      throw new ZonecastError('rateLimited', 'You are still on your way. Try again.', { retryAfterMs: ON_THE_WAY_MS });
    }
    const reason = session.displaced;
    session.isMoving = true;
    try {
      await this.#move(session, message);
      this.#options.moved?.(reason, undefined);
    } catch (error) {
      this.#options.moved?.(reason, error);
      throw this.#isFull(session, error) ? this.#giveUp(session, error) : mayHelpLater(error);
    } finally {
      session.isMoving = false;
      tellConnection(session);
    }
  }

  /** The client does not need the place before any more. */
  done(session: Session): void {
    const { lingering, participant, doubled } = session;
    session.doubled = undefined;
    if (doubled !== undefined && doubled === session.place)
      this.#options.entrance.settleConnection(participant, doubled, false);
    if (lingering === undefined) return;
    this.cease(session);
    this.#options.entrance.leave({ participant, place: lingering.place });
  }

  /** The client gives its second connection up, or that which it has asked for. An earlier session of his may have made it. */
  stay(session: Session): void {
    const { participant, place, displaced } = session;
    session.doubled = undefined;
    if (session.isMoving) session.isGivenUp = displaced === undefined;
    else if (place !== undefined) this.#options.entrance.settleConnection(participant, place, true);
  }

  /** What was at the place before goes with the session that follows. */
  inherit(session: Session, { lingering }: Session): void {
    if (lingering !== undefined && lingering.place !== session.place) this.#linger(session, lingering.place);
  }

  /** The place before is not to be left by us. */
  cease(session: Session): void {
    clearTimeout(session.lingering?.timer);
    session.lingering = undefined;
  }

  /** Where an operator wants him there is no room, or not any more; nor is there anywhere else. */
  #isFull({ avoid }: Session, error: unknown): error is ZonecastError {
    return avoid !== undefined && error instanceof ZonecastError && error.code === 'noRouter';
  }

  /** He stays where he is, if he can. */
  #giveUp(session: Session, error: ZonecastError): ZonecastError {
    const { meeting, participant, wanted: to, displaced, place } = session;
    this.#options.log.warn({ meeting: meeting.id, participant, to, err: error }, 'not moved where he was to go');
    Object.assign(session, { avoid: undefined, wanted: undefined });
    if (displaced !== 'admin' || place === undefined) return error;
    session.displaced = undefined;
    return new ZonecastError(error.code, error.message, { cause: error });
  }

  /** Another way to the place where he is: the same router and worker, which go on with the first until he says so. */
  async #takePath(session: Session, message: Move): Promise<void> {
    const { id, sources, muted } = message;
    const { meeting, participant, place } = session;
    if (place === undefined) throw interrupted();
    session.pathBudget ??= new TokenBucket(PATH_RATE, performance.now());
    const waitMs = session.pathBudget.take(performance.now());
    if (waitMs > 0) {
      throw new ZonecastError('rateLimited', 'You try other ways too often.', { retryAfterMs: waitMs });
    }
    session.isMoving = true;
    try {
      const { answer, token, connection } = await this.#options.entrance.openConnection(session, place, message, () => {
        session.isBetween = true;
      });
      if (session.isOver || session.place !== place || place.mirror.isOver) throw interrupted();
      session.commands.drop();
      Object.assign(session, { doubled: place, connection });
      this.#tellMoved(session, place, { id, answer, token });
      tellKeptMuted(session, { sources, muted });
      this.#options.log.info(
        { meeting: meeting.id, participant, at: place.mirror.router },
        'participant takes another way',
      );
    } finally {
      const { isGivenUp } = session;
      Object.assign(session, { isMoving: false, isBetween: false, isGivenUp: false });
      tellConnection(session);
      if (isGivenUp) this.stay(session);
    }
  }

  async #move(session: Session, { id, offer, sources, muted }: Move): Promise<void> {
    const { entrance, definitions, log } = this.#options;
    const { meeting, participant, name, role } = session;
    this.done(session);
    // Without it he moves all the same: other people of the meeting know how it is.
    const definition = (await definitions.find(meeting.id).catch(() => undefined)) ?? {};
    const arrival = { role, returning: true, start: startOf(definition) };
    const newcomer = { name, offer, sources, muted, arrival };
    const { entry, answer } = await tryLater(
      entrance.enter(meeting.id, participant, newcomer, { avoid: session.avoid, to: session.wanted }),
    );
    if (answer === undefined) throw new Error('who has been in the meeting does not wait');
    const { place, token } = entry;
    if (session.isOver || place.mirror.isOver || !place.mirror.homed.has(participant)) {
      entrance.leave(entry);
      throw interrupted();
    }
    const before = session.place;
    session.goTo(place);
    this.#tellMoved(session, place, { id, answer, token });
    tellKeptMuted(session, { sources, muted });
    meeting.stateChanged();
    if (before !== undefined) this.#linger(session, before);
    const [from, to] = [before?.mirror.router, place.mirror.router];
    log.info({ meeting: meeting.id, participant, from, to }, 'participant moves');
  }

  #tellMoved(session: Session, { mirror }: SessionPlace, { id, answer, token }: Moved): void {
    const slots = mirror.slotsOf(session.participant);
    const access = this.#options.access.tell(session);
    session.send({ type: 'moved', id, answer, session: token, slots, ...mediaOf(session), ...access });
    for (const each of mirror.encodingsOf(session.participant)) session.send({ type: 'encodings', ...each });
  }

  #linger(session: Session, place: SessionPlace): void {
    this.cease(session);
    const timer = setTimeout(() => this.done(session), LINGER_MS);
    session.lingering = { place, timer };
  }
}

function mayHelpLater(error: unknown): unknown {
  const isFinal = !(error instanceof ZonecastError) || ['badOffer', 'badMessage', 'internal'].includes(error.code);
  if (isFinal || error.retryAfterMs !== undefined) return error;
  return new ZonecastError(error.code, error.message, { retryAfterMs: RETRY_MS, cause: error });
}
