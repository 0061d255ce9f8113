/**
 * To another router or another zone without leaving the meeting, when the server asks for it. What is shown stays until the
 * new way shows the same; in another zone, the WebSocket changes with it.
 */
import type { AccessEntry, ClientMessage, MoveReason, SlotEntry, SourceKind } from '../../proto/signalling.ts';
import {
  DETOUR_CONNECT_MS,
  LOST_PICTURE_MS,
  type MediaMove,
  type MoveEnd,
  type MoveSteps,
  ORDERED_CONNECT_MS,
  PICTURE_MS,
  ZONE_PICTURE_MS,
} from './media-move.ts';
import type { MediaRoute, WayMaker } from './media-route.ts';
import type { MediaWay } from './media-way.ts';
import { MeetingError } from './meeting-error.ts';
import type { SignallingConnection } from './signalling-connection.ts';
import { REJOIN_CODES } from './stay-end.ts';
import { ZoneTransfer } from './zone-transfer.ts';

type StateMessage = Exclude<ClientMessage, { id: number }>;

/** Whose media goes another way. */
export interface Mover {
  /** By which the stay is resumed; undefined unless we are inside. */
  readonly session: string | undefined;
  /** The WebSocket in use. */
  readonly signalling: SignallingConnection;
  /** Nothing comes by the media in use. */
  readonly isSilent: boolean;
  /** Participants whose clients are connected. */
  readonly present: readonly string[];
  muted(): SourceKind[];
  /** What a server is to be told again. */
  state(): StateMessage[];
  /** How media gets to where the server wants it; in another zone, as that one says. */
  wayTo(transfer: ZoneTransfer | undefined): Promise<WayMaker>;
  /** The server has said by what else one gets in. */
  handleAccess(access: AccessEntry): void;
  /** From now on this is what resumes the stay. */
  resumedBy(session: string): void;
  setAudioOnly(isAudioOnly: boolean): void;
  /** What is shown is another connection now. */
  shown(): void;
  /** The other zone is the one that counts now: its WebSocket and what was said on it are to be taken over. */
  settleIn(transfer: ZoneTransfer): void;
  /** Only a fresh start helps. */
  startAfresh(): void;
}

/** How long what was left stays after a move, until everything that showed it shows the new one. */
export const LINGER_MS = 1000;
const OFFER_PAUSE_MS = 1000;
/** By which nothing comes any more from where we were. */
const LOST_REASONS: ReadonlySet<MoveReason> = new Set(['routerLost', 'workerLost', 'zoneLost']);

export class Relocation {
  readonly #route: MediaRoute;
  readonly #mover: Mover;
  /** To another zone, while it is under way. */
  #transfer: ZoneTransfer | undefined;
  /** A move is to be tried again in a moment: what is shown may have been let go already. */
  #isDue = false;
  /** The move under way is of our own accord. */
  #isDetour = false;
  /** Set while it is prepared what the server wants. */
  #order: object | undefined;

  constructor(route: MediaRoute, mover: Mover) {
    this.#route = route;
    this.#mover = mover;
  }

  /** What is shown is not expected to live. */
  get isUnderWay(): boolean {
    return this.#route.move !== undefined || this.#isDue || this.#order !== undefined;
  }

  /** To the zone where we go, too. */
  send(message: StateMessage): void {
    this.#transfer?.send(message);
  }

  /** The server wants media to go by another router. */
  async move(reason: MoveReason, transfer?: ZoneTransfer): Promise<void> {
    this.#isDue = false;
    if (this.#mover.session === undefined) return;
    this.#route.abandonMove();
    if (this.#transfer !== transfer) this.#drop();
    const order = {};
    this.#order = order;
    const make = await this.#mover.wayTo(transfer);
    if (this.#order !== order) return;
    this.#order = undefined;
    const move = this.#startMove(patienceMs(reason, this.#mover.isSilent), transfer, make);
    const end = await move.done;
    // Abandoned: by a later move, a fresh start or the end.
    if (end === 'abandoned' || this.#route.move !== move) return;
    if (end === 'arrived') this.#arrive(move, transfer);
    else if (transfer === undefined) this.#failed(move, end, reason);
    else this.#drop();
  }

  /** The server has media go elsewhere just now. */
  get isMoving(): boolean {
    return this.#order !== undefined || (this.#route.move !== undefined && !this.#isDetour);
  }

  /** The server, or the zone, has a say in where media goes at the moment. */
  get isOrdered(): boolean {
    return this.isMoving || this.#isDue || this.#transfer !== undefined;
  }

  /** To the router where we are, by a connection that is made so: of our own accord. In place of one that is under way. */
  async detour(make: WayMaker): Promise<MoveEnd> {
    if (this.#mover.session === undefined || this.isOrdered) return 'abandoned';
    const patience = this.#mover.isSilent ? LOST_PICTURE_MS : PICTURE_MS;
    const move = this.#startMove(patience, undefined, make, true);
    const end = await move.done;
    if (this.#route.move !== move) return end === 'arrived' ? 'abandoned' : end;
    if (end === 'arrived') this.#arrive(move, undefined);
    else this.stay();
    return end;
  }

  /** Another way to the same router is not needed any more, or has come to nothing. */
  stay(): void {
    if (this.#route.move === undefined || !this.#isDetour) return;
    this.#route.abandonMove();
    this.#mover.signalling.send({ type: 'stay' });
  }

  /** The server has given up another way to the same router. */
  undo(slots: readonly SlotEntry[]): void {
    const { move, current } = this.#route;
    if (this.#isDetour && move?.isAnswered === true) this.#route.abandonMove(0, new MeetingError('noMedia'));
    if (this.#route.spokenOf !== current) return;
    current.contents.reset(slots);
    for (const message of this.#mover.state()) this.#mover.signalling.send(message);
  }

  /** The zone is to be empty: the stay goes on in another one, while all here stays as it is until that is so. */
  transfer(urls: readonly string[]): void {
    const { session } = this.#mover;
    if (session === undefined || urls.length === 0) return;
    if (this.isMoving) return;
    this.stay();
    this.#drop();
    const transfer = new ZoneTransfer(urls, session, {
      move: (reason) => void this.move(reason, transfer),
      media: (message) => {
        const next = this.#transfer === transfer ? this.#route.move?.next : undefined;
        if (message.type === 'slots') next?.contents.apply(message.slots);
        else void next?.setDemand(message.source, message.encodings);
      },
      failed: () => {
        if (this.#transfer === transfer) this.#drop();
      },
    });
    this.#transfer = transfer;
  }

  /** Everything that is under way comes to nothing. `lingerMs`: for how long its media connection stays. */
  abandon(lingerMs = 0): void {
    this.#isDue = false;
    this.#order = undefined;
    this.#drop(lingerMs);
    this.#route.abandonMove(lingerMs);
  }

  #startMove(patienceMs: number, transfer: ZoneTransfer | undefined, make: WayMaker, isDetour = false): MediaMove {
    this.#isDetour = isDetour;
    const mover = this.#mover;
    const signalling = transfer?.signalling ?? mover.signalling;
    const steps: MoveSteps = {
      connectMs: isDetour ? DETOUR_CONNECT_MS : ORDERED_CONNECT_MS,
      patienceMs,
      isComplete: () => transfer?.knows(mover.present) ?? true,
      request: (offer) => {
        const why = isDetour ? ({ why: 'path' } as const) : {};
        return signalling.request({ type: 'move', ...offer, muted: mover.muted(), ...why });
      },
      answered: ({ session, media, access }) => {
        if (transfer === undefined) mover.resumedBy(session);
        else transfer.session = session;
        if (transfer === undefined && access !== undefined) mover.handleAccess(access);
        mover.setAudioOnly(media === 'audio');
        for (const message of mover.state()) signalling.send(message);
      },
    };
    return this.#route.startMove(steps, make);
  }

  #arrive(move: MediaMove, transfer: ZoneTransfer | undefined): void {
    const before = this.#route.finishMove(move);
    if (transfer !== undefined) {
      this.#transfer = undefined;
      this.#mover.settleIn(transfer);
    }
    this.#mover.shown();
    setTimeout(() => this.#letGo(before, move), LINGER_MS);
  }

  #letGo(before: MediaWay, move: MediaMove): void {
    before.close();
    if (this.#route.current === move.next) this.#mover.signalling.send({ type: 'moveDone' });
  }

  #failed(move: MediaMove, error: MeetingError, reason: MoveReason): void {
    this.#route.abandonMove();
    // The next socket is told again that we should move.
    if (error.code === 'unreachable') return;
    // Where the way there could not be had, it may be had in a moment.
    const pauseMs = error.retryAfterMs ?? (move.isOffered ? undefined : OFFER_PAUSE_MS);
    if (pauseMs !== undefined) {
      this.#isDue = true;
      // Asked again meanwhile, or started afresh: then it is not due any more.
      setTimeout(() => {
        if (this.#isDue) void this.move(reason);
      }, pauseMs);
    } else if (move.isAnswered || this.#route.current.state === 'failed' || REJOIN_CODES.has(error.code)) {
      this.#mover.startAfresh();
    }
  }

  /** The transfer has come to nothing, and the move that belongs to it. The server asks again. */
  #drop(lingerMs = 0): void {
    const transfer = this.#transfer;
    this.#transfer = undefined;
    if (transfer === undefined) return;
    this.#order = undefined;
    transfer.abandon();
    this.#route.abandonMove(lingerMs);
  }
}

/** How long what is shown may stay before the new way shows the same. */
function patienceMs(reason: MoveReason, isSilent: boolean): number {
  // Of a zone that is taken for lost, routers may be there still.
  if (reason === 'zoneDrained' || reason === 'policy' || (reason === 'zoneLost' && !isSilent)) return ZONE_PICTURE_MS;
  return LOST_REASONS.has(reason) ? LOST_PICTURE_MS : PICTURE_MS;
}
