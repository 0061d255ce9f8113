/** Signalling for whom no WebSocket opens: by a tunnel, in the shape of a WebSocket. */
import type { VisitorAccess } from '../../../proto/signalling.ts';
import type { TunnelSocket } from '../../tunnel/carriers/tunnel-socket.ts';
import { preloadTunnel, TunnelEntry } from './tunnel-entry.ts';

const ASK_MS = 3_000;
/** Where no other WebSocket opens, that to the tunnel hardly will. */
const CARRIERS = ['httpStream', 'longPoll', 'webSocket'] as const;
const CLOSED_WITHOUT_WORDS = 1006;

/** What is there already. */
export interface KnownTunnels {
  /** By which media goes. */
  readonly entry: TunnelEntry | undefined;
  readonly access: VisitorAccess | undefined;
}

/** Fires `open`, `message` and `close` as a WebSocket does. */
export class HttpSocket extends EventTarget {
  #socket: TunnelSocket | undefined;
  #entry: TunnelEntry | undefined;
  #release: (() => void) | undefined;
  #url: string;
  #isOver = false;

  /** `urls`: of controllers' WebSockets, the one to ask first first. */
  constructor(urls: readonly string[], known?: KnownTunnels) {
    super();
    this.#url = urls[0] ?? '';
    preloadTunnel();
    this.#open(urls, known).catch(() => this.#end(CLOSED_WITHOUT_WORDS));
  }

  /** Of the WebSocket that it stands for. */
  get url(): string {
    return this.#url;
  }

  get readyState(): number {
    return this.#isOver ? WebSocket.CLOSED : (this.#socket?.readyState ?? WebSocket.CONNECTING);
  }

  /** Media can go by the same session; undefined while there is none. */
  get entry(): TunnelEntry | undefined {
    return this.#isOver ? undefined : this.#entry;
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  /** No `close` follows. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket?.close();
    this.#release?.();
  }

  async #open(urls: readonly string[], known: KnownTunnels | undefined): Promise<void> {
    const shared = known?.entry?.openSignalling();
    const entry = (shared && known?.entry) ?? (await this.#enter(urls, known?.access));
    const release = entry.hold();
    const socket = shared ?? entry.openSignalling();
    if (this.#isOver || socket === undefined) {
      socket?.close();
      release();
      return;
    }
    this.#release = release;
    this.#entry = entry;
    this.#socket = socket;
    socket.addEventListener('open', () => this.dispatchEvent(new Event('open')));
    socket.addEventListener('message', (event) => {
      // As TunnelSocket makes it.
      const { data } = event as MessageEvent<string>;
      this.dispatchEvent(new MessageEvent('message', { data }));
    });
    socket.addEventListener('close', (event) => this.#end((event as CloseEvent).code));
  }

  /** By a tunnel that we know, or one that a controller names. */
  async #enter(urls: readonly string[], known: VisitorAccess | undefined): Promise<TunnelEntry> {
    let why: unknown;
    if (known !== undefined && known.tunnels.length > 0) {
      try {
        return await TunnelEntry.open(known, CARRIERS);
      } catch (error) {
        why = error;
      }
    }
    for (const url of urls) {
      try {
        const access = await askAccess(url);
        this.#url = url;
        return await TunnelEntry.open(access, CARRIERS);
      } catch (error) {
        why = error;
      }
      if (this.#isOver) break;
    }
    throw why;
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.close();
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
}

/** `url`: of a controller's WebSocket. @throws Error It does not answer. */
async function askAccess(url: string): Promise<VisitorAccess> {
  const at = new URL('/v1/access', url.replace(/^ws/, 'http'));
  const response = await fetch(at, { signal: AbortSignal.timeout(ASK_MS) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  // Our own server's answer, typed by contract (proto/signalling.ts).
  return (await response.json()) as VisitorAccess;
}
