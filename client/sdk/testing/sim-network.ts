/** Servers at some distance, and a client's own network that may be away: what sockets meet on the way. Time is Vitest's. */

export interface SimServer {
  /** Milliseconds. */
  readonly roundTripMs: number;
  /** `dark`: nothing answers. `hung`: connections are made, and nobody reads them. `closed`: nobody listens. */
  state: 'well' | 'dark' | 'hung' | 'closed';
}

/** Round trips for TCP, TLS 1.3 and the upgrade; more for other versions and cookies. */
const OPEN_ROUND_TRIPS = 3;
/** After which a SYN is repeated (RFC 6298, as Linux does it). */
const REPEATED_MS = [1_000, 3_000, 7_000];

export class SimNetwork {
  readonly servers = new Map<string, SimServer>();
  readonly sockets: SimSocket[] = [];
  /** The client's own network. */
  isUp = true;

  /** A class of sockets of this network, to stand for WebSocket. */
  get socketClass(): new (
    url: string,
  ) => SimSocket {
    const network = this;
    return class extends SimSocket {
      static readonly OPEN = 1;
      constructor(url: string) {
        super(url, network);
      }
    };
  }

  /** Who answers at this address, if packets reach him and come back. */
  at(url: string): SimServer | undefined {
    const server = this.servers.get(url);
    return this.isUp && server?.state !== 'dark' ? server : undefined;
  }
}

export class SimSocket extends EventTarget {
  readonly url: string;
  readyState = 0;
  /** Types of messages. */
  readonly sent: string[] = [];
  readonly #network: SimNetwork;

  constructor(url: string, network: SimNetwork) {
    super();
    this.url = url;
    this.#network = network;
    network.sockets.push(this);
    this.#connect();
    for (const afterMs of REPEATED_MS) setTimeout(() => this.#connect(), afterMs);
  }

  send(text: string): void {
    const message = JSON.parse(text) as { type: string; id?: number };
    this.sent.push(message.type);
    const server = this.#network.at(this.url);
    if (server?.state !== 'well') return;
    const reply = message.type === 'ping' ? { type: 'pong' } : { type: 'done', id: message.id };
    setTimeout(() => {
      if (this.readyState !== 1 || this.#network.at(this.url)?.state !== 'well') return;
      this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(reply) }));
    }, server.roundTripMs);
  }

  close(): void {
    this.readyState = 3;
  }

  #connect(): void {
    const server = this.#network.at(this.url);
    if (this.readyState !== 0 || server === undefined) return;
    const isClosed = server.state === 'closed';
    setTimeout(() => this.#connected(isClosed), server.roundTripMs * (isClosed ? 1 : OPEN_ROUND_TRIPS));
  }

  #connected(isClosed: boolean): void {
    if (this.readyState !== 0 || this.#network.at(this.url) === undefined) return;
    this.readyState = isClosed ? 3 : 1;
    this.dispatchEvent(Object.assign(new Event(isClosed ? 'close' : 'open'), { code: 1006 }));
  }
}
