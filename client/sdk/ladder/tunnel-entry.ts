/** One session with a tunnel: two media connections, and signalling where no WebSocket does it. It ends when nobody holds it any more. */
import type { VisitorAccess } from '../../../proto/signalling.ts';
import type { CarrierKind } from '../../tunnel/carriers/session-carrier.ts';
import type { TunnelSocket } from '../../tunnel/carriers/tunnel-socket.ts';
import type { TunnelMediaConnection } from '../../tunnel/tunnel-media-connection.ts';
import type { MediaOptions } from '../media-connection.ts';
import type { MediaWay } from '../media-way.ts';
import { type OpenSession, openSession, sessionModules } from './open-session.ts';

/** Begins to load what will be needed soon: by a slow network that takes a while. Most never need it. */
export function preloadTunnel(): void {
  // A failure is reported where it is needed.
  Promise.all([sessionModules(), mediaModules()]).catch(() => undefined);
}

function mediaModules() {
  return Promise.all([import('../../tunnel/tunnel-media-connection.ts'), import('../../tunnel/browser/media-apis.ts')]);
}

export class TunnelEntry {
  readonly #by: OpenSession;
  #holders = 0;
  #signalling: TunnelSocket | undefined;
  #Connection: typeof TunnelMediaConnection | undefined;

  /**
   * By the first of the tunnels, and of these kinds of carriers, that lets us in; when the carrier breaks later, the session goes on by any.
   *
   * @throws Error None of them lets us in; the message is for people.
   */
  static async open({ tunnels, ticket }: VisitorAccess, kinds: readonly CarrierKind[]): Promise<TunnelEntry> {
    return new TunnelEntry(await openSession(tunnels, ticket, kinds));
  }

  private constructor(by: OpenSession) {
    this.#by = by;
  }

  /** By which carrier it goes at the moment. */
  get kind(): CarrierKind {
    return this.#by.session.kind;
  }

  get isOpen(): boolean {
    return this.#by.session.state === 'open';
  }

  /** Another media connection can be made by it at once. */
  get isFree(): boolean {
    return this.isOpen && this.#by.legs.isFree && this.#Connection !== undefined;
  }

  /** The tunnel is about to end. */
  set onMove(act: () => void) {
    this.#by.legs.onMove = act;
  }

  /** Keeps it until the function that is returned is called. */
  hold(): () => void {
    this.#holders++;
    let isHeld = true;
    return () => {
      if (isHeld && --this.#holders === 0) this.#by.session.close();
      isHeld = false;
    };
  }

  /** From then on `connect` can be called. @throws Error this browser cannot do it. */
  async loadMedia(): Promise<void> {
    const [{ TunnelMediaConnection }, { canUseTunnel }] = await mediaModules();
    if (!canUseTunnel()) throw new Error('this browser has no WebCodecs');
    this.#Connection = TunnelMediaConnection;
  }

  /** Precondition: `isFree`. */
  connect(options: MediaOptions): MediaWay {
    if (this.#Connection === undefined) throw new Error('media of the tunnel was not loaded');
    return new this.#Connection(this.#by.legs.take(), options);
  }

  /** Signalling by it; undefined while there is some already, or no carrier. */
  openSignalling(): TunnelSocket | undefined {
    const isTaken = this.#signalling !== undefined && this.#signalling.readyState !== WebSocket.CLOSED;
    if (isTaken || !this.isOpen) return undefined;
    this.#signalling = this.#by.openSignalling();
    return this.#signalling;
  }
}
