/**
 * To another router or another zone without leaving the meeting, when the server asks for it. What is shown stays until the
 * new way shows the same; in another zone, the WebSocket changes with it.
 */
import type { ClientMessage, MoveReason, SourceKind } from '../../proto/signalling.ts';
import { LOST_PICTURE_MS, type MediaMove, type MoveSteps, PICTURE_MS, ZONE_PICTURE_MS } from './media-move.ts';
import type { MediaRoute, WayMaker } from './media-route.ts';
import type { MediaWay } from './media-way.ts';
import type { MeetingError, MeetingErrorCode } from './meeting-error.ts';
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
/** By which nothing comes any more from where we were. */
const LOST_REASONS: ReadonlySet<MoveReason> = new Set(['routerLost', 'workerLost', 'zoneLost']);

/** What has come of another way to the same router. `superseded`: by a move that the server wanted, by another way, or the end. */
export type DetourEnd = 'arrived' | 'superseded' | { readonly why: MeetingErrorCode };

export class Relocation {
  readonly #route: MediaRoute;
  readonly #mover: Mover;
  /** To another zone, while it is under way. */
  #transfer: ZoneTransfer | undefined;
  /** A move is to be tried again in a moment: what is shown may have been let go already. */
  #isDue = false;
  /** The move under way is of our own accord. */
  #isDetour = false;

  constructor(route: MediaRoute, mover: Mover) {
    this.#route = route;
    this.#mover = mover;
  }

  /** What is shown is not expected to live. */
  get isUnderWay(): boolean {
    return this.#route.move !== undefined || this.#isDue;
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
    const move = this.#startMove(patienceMs(reason, this.#mover.isSilent), transfer);
    this.#isDetour = false;
    const outcome = await move.done;
    // Abandoned: by a later move, a fresh start or the end.
    if (this.#route.move !== move) return;
    if (outcome === undefined) this.#arrive(move, transfer);
    else if (transfer === undefined) this.#failed(move, outcome, reason);
    else this.#drop();
  }

  /** The server, or the zone, has a say in where media goes at the moment. */
  get isOrdered(): boolean {
    return this.#isDue || this.#transfer !== undefined || (this.#route.move !== undefined && !this.#isDetour);
  }

  /** To the router where we are, by a connection that is made so: of our own accord. In place of one that is under way. */
  async detour(make: WayMaker): Promise<DetourEnd> {
    if (this.#mover.session === undefined || this.isOrdered) return 'superseded';
    const patience = this.#mover.isSilent ? LOST_PICTURE_MS : PICTURE_MS;
    const move = this.#startMove(patience, undefined, make);
    this.#isDetour = true;
    const outcome = await move.done;
    if (this.#route.move !== move) return 'superseded';
    if (outcome === undefined) {
      this.#arrive(move, undefined);
      return 'arrived';
    }
    this.#route.abandonMove();
    return { why: outcome.code };
  }

  /** The zone is to be empty: the stay goes on in another one, while all here stays as it is until that is so. */
  transfer(urls: readonly string[]): void {
    const { session } = this.#mover;
    if (session === undefined || this.#route.move !== undefined || urls.length === 0) return;
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
    this.#drop(lingerMs);
    this.#route.abandonMove(lingerMs);
  }

  /** `make`: of our own accord. */
  #startMove(patienceMs: number, transfer: ZoneTransfer | undefined, make?: WayMaker): MediaMove {
    const mover = this.#mover;
    const signalling = transfer?.signalling ?? mover.signalling;
    const steps: MoveSteps = {
      patienceMs,
      isComplete: () => transfer?.knows(mover.present) ?? true,
      request: (offer) => {
        const why = make === undefined ? {} : ({ why: 'path' } as const);
        return signalling.request({ type: 'move', ...offer, muted: mover.muted(), ...why });
      },
      answered: ({ session, media }) => {
        if (transfer === undefined) mover.resumedBy(session);
        else transfer.session = session;
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
    if (error.retryAfterMs !== undefined) {
      this.#isDue = true;
      // Asked again meanwhile, or started afresh: then it is not due any more.
      setTimeout(() => {
        if (this.#isDue) void this.move(reason);
      }, error.retryAfterMs);
    } else if (move.isAnswered || this.#route.current.state === 'failed' || REJOIN_CODES.has(error.code)) {
      this.#mover.startAfresh();
    }
  }

  /** The transfer has come to nothing, and the move that belongs to it. The server asks again. */
  #drop(lingerMs = 0): void {
    const transfer = this.#transfer;
    this.#transfer = undefined;
    if (transfer === undefined) return;
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
