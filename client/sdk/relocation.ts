/**
 * To another router or another zone without leaving the meeting, when the server asks for it. What is shown stays until the
 * new way shows the same; in another zone, the WebSocket changes with it.
 */
import type { ClientMessage, MoveReason, SourceKind } from '../../proto/signalling.ts';
import type { MediaConnection } from './media-connection.ts';
import { LOST_PICTURE_MS, type MediaMove, PICTURE_MS, ZONE_PICTURE_MS } from './media-move.ts';
import type { MediaRoute } from './media-route.ts';
import type { MeetingError } from './meeting-error.ts';
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

export class Relocation {
  readonly #route: MediaRoute;
  readonly #mover: Mover;
  /** To another zone, while it is under way. */
  #transfer: ZoneTransfer | undefined;
  /** A move is to be tried again in a moment: what is shown may have been let go already. */
  #isDue = false;

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
    const move = this.#startMove(reason, transfer);
    const outcome = await move.done;
    // Abandoned: by a later move, a fresh start or the end.
    if (this.#route.move !== move) return;
    if (outcome === undefined) this.#arrive(move, transfer);
    else if (transfer === undefined) this.#failed(move, outcome, reason);
    else this.#drop();
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

  #startMove(reason: MoveReason, transfer: ZoneTransfer | undefined): MediaMove {
    const mover = this.#mover;
    const signalling = transfer?.signalling ?? mover.signalling;
    return this.#route.startMove({
      patienceMs: patienceMs(reason, mover.isSilent),
      isComplete: () => transfer?.knows(mover.present) ?? true,
      request: (offer) => signalling.request({ type: 'move', ...offer, muted: mover.muted() }),
      answered: ({ session, media }) => {
        if (transfer === undefined) mover.resumedBy(session);
        else transfer.session = session;
        mover.setAudioOnly(media === 'audio');
        for (const message of mover.state()) signalling.send(message);
      },
    });
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

  #letGo(before: MediaConnection, move: MediaMove): void {
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
