/** One session with a tunnel, and the connections made by it. */
import type { CarrierKind } from '../../tunnel/carriers/session-carrier.ts';
import type { TunnelSession } from '../../tunnel/carriers/tunnel-session.ts';
import type { Legs } from '../../tunnel/leg.ts';
import type { TunnelMediaConnection } from '../../tunnel/tunnel-media-connection.ts';
import type { WayMaker } from '../media-route.ts';
import type { MediaWay } from '../media-way.ts';
import { openSession } from './open-session.ts';

export class TunnelEntry {
  readonly #session: TunnelSession;
  readonly #legs: Legs;
  readonly #Connection: typeof TunnelMediaConnection;

  /**
   * By one of these tunnels, and this kind of carrier; when that breaks later, the session goes on by any.
   *
   * @throws Error None of them lets us in; the message is for people.
   */
  static async open(urls: readonly string[], ticket: string, kind: CarrierKind): Promise<TunnelEntry> {
    const [{ TunnelMediaConnection }, { canUseTunnel }] = await Promise.all([
      import('../../tunnel/tunnel-media-connection.ts'),
      import('../../tunnel/browser/media-apis.ts'),
    ]);
    if (!canUseTunnel()) throw new Error('this browser has no WebCodecs');
    const { session, legs } = await openSession(urls, { ticket, only: kind });
    return new TunnelEntry(session, legs, TunnelMediaConnection);
  }

  private constructor(session: TunnelSession, legs: Legs, Connection: typeof TunnelMediaConnection) {
    this.#session = session;
    this.#legs = legs;
    this.#Connection = Connection;
  }

  /** By which carrier it goes at the moment. */
  get kind(): CarrierKind {
    return this.#session.kind;
  }

  /** Another connection can be made by it. */
  get isOpen(): boolean {
    return this.#session.state === 'open' && this.#legs.isFree;
  }

  /** The tunnel is about to end. */
  set onMove(act: () => void) {
    this.#legs.onMove = act;
  }

  /** Precondition: `isOpen`. */
  readonly connect: WayMaker = (options): MediaWay => new this.#Connection(this.#legs.take(), options);

  close(): void {
    this.#session.close();
  }
}
