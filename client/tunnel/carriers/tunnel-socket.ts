/** Signalling by a tunnel, in the shape of a WebSocket to the zone-controller. */
import { TunnelChannel, type TunnelNews, type TunnelRequest } from '../../../proto/tunnel.ts';
import type { Carrier } from '../carrier.ts';
import type { Legs } from '../leg.ts';

/** RFC 6455 section 7.4.1: closed without words. */
const CLOSED_WITHOUT_WORDS = 1006;

/**
 * Fires `open`, `message` (with `data`) and `close` (with `code`) as a WebSocket does. One at a time for each session; what ends the session ends
 * the socket, and not the other way round.
 */
export class TunnelSocket extends EventTarget {
  readonly #carrier: Carrier;
  #readyState: number = WebSocket.CONNECTING;

  constructor(carrier: Carrier, legs: Legs) {
    super();
    this.#carrier = carrier;
    legs.onSignalling = (text) => {
      if (this.#readyState !== WebSocket.OPEN) return;
      this.dispatchEvent(new MessageEvent('message', { data: new TextDecoder().decode(text) }));
    };
    legs.onSignallingState = (news) => this.#handleNews(news);
    legs.onCarrier = () => {
      if (carrier.state === 'closed') this.#end(CLOSED_WITHOUT_WORDS);
    };
    this.#say({ type: 'openSignalling' });
    // It has gone before we came: nobody would say so any more.
    if (carrier.state === 'closed') queueMicrotask(() => this.#end(CLOSED_WITHOUT_WORDS));
  }

  get readyState(): number {
    return this.#readyState;
  }

  send(text: string): void {
    if (this.#readyState !== WebSocket.OPEN) return;
    this.#carrier.send(TunnelChannel.signalling, new TextEncoder().encode(text));
  }

  /** No `close` follows. */
  close(): void {
    if (this.#readyState === WebSocket.CLOSED) return;
    this.#readyState = WebSocket.CLOSED;
    this.#say({ type: 'closeSignalling' });
  }

  #handleNews(news: Extract<TunnelNews, { type: 'signallingState' }>): void {
    if (news.state === 'closed') {
      this.#end(news.code ?? CLOSED_WITHOUT_WORDS);
    } else if (this.#readyState === WebSocket.CONNECTING) {
      this.#readyState = WebSocket.OPEN;
      this.dispatchEvent(new Event('open'));
    }
  }

  #end(code: number): void {
    if (this.#readyState === WebSocket.CLOSED) return;
    this.#readyState = WebSocket.CLOSED;
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }

  #say(request: TunnelRequest): void {
    this.#carrier.send(TunnelChannel.control, new TextEncoder().encode(JSON.stringify(request)));
  }
}
