/** Signalling for whom no WebSocket opens: by requests of HTTP to a tunnel, in the shape of a WebSocket. */
import type { VisitorAccess } from '../../../proto/signalling.ts';
import type { TunnelSession } from '../../tunnel/carriers/tunnel-session.ts';
import type { TunnelSocket } from '../../tunnel/carriers/tunnel-socket.ts';
import { openSession } from './open-session.ts';

const ASK_MS = 4_000;
/** Where no other WebSocket opens, that to the tunnel hardly will. */
const CARRIERS = ['httpStream', 'longPoll', 'webSocket'] as const;
const CLOSED_WITHOUT_WORDS = 1006;

/** Where a zone-controller says how else it is reached; `url`: of its WebSocket. */
export function accessUrl(url: string): string {
  return new URL('/v1/access', url.replace(/^ws/, 'http')).href;
}

/** Fires `open`, `message` and `close` as a WebSocket does. */
export class HttpSocket extends EventTarget {
  #session: TunnelSession | undefined;
  #socket: TunnelSocket | undefined;
  #isOver = false;

  /** `url`: as `accessUrl` gives it. */
  constructor(url: string) {
    super();
    this.#open(url).catch(() => this.#end(CLOSED_WITHOUT_WORDS));
  }

  get readyState(): number {
    return this.#isOver ? WebSocket.CLOSED : (this.#socket?.readyState ?? WebSocket.CONNECTING);
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  /** No `close` follows. */
  close(): void {
    this.#isOver = true;
    this.#socket?.close();
    this.#session?.close();
  }

  async #open(url: string): Promise<void> {
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_MS) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    // Our own server's answer, typed by contract (proto/signalling.ts).
    const { tunnels, ticket } = (await response.json()) as VisitorAccess;
    const { session, legs } = await openSession(tunnels, { ticket, carriers: CARRIERS });
    const { TunnelSocket } = await import('../../tunnel/carriers/tunnel-socket.ts');
    if (this.#isOver) {
      session.close();
      return;
    }
    this.#session = session;
    const socket = new TunnelSocket(session, legs);
    this.#socket = socket;
    socket.addEventListener('open', () => this.dispatchEvent(new Event('open')));
    socket.addEventListener('message', (event) => {
      // As TunnelSocket makes it.
      const { data } = event as MessageEvent<string>;
      this.dispatchEvent(new MessageEvent('message', { data }));
    });
    socket.addEventListener('close', (event) => this.#end((event as CloseEvent).code));
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.close();
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}
