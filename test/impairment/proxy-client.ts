/** One peer of the proxy: a socket of his own towards the router, and a link each way. */
import type { RemoteInfo, Socket } from 'node:dgram';
import { parseStun } from '../../mmr/media/stun/stun-message.ts';
import { Chance } from '../sim/network/chance.ts';
import { Link } from '../sim/network/link.ts';
import { IP_UDP_BYTES, IPV6_UDP_BYTES, type LinkConditions } from '../sim/network/link-conditions.ts';
import { Wire } from '../sim/network/wire.ts';
import type { RealClock } from './real-clock.ts';

export type Way = 'up' | 'down';

export interface ProxyClientOptions {
  readonly clock: RealClock;
  readonly remote: RemoteInfo;
  readonly target: { readonly address: string; readonly port: number };
  /** Towards the router, and nobody else's; binds itself with the first datagram. */
  readonly upstream: Socket;
  readonly seed: number;
  readonly up: Partial<LinkConditions>;
  readonly down: Partial<LinkConditions>;
  /** Hands a datagram of the router's to the client. */
  readonly reply: (bytes: Uint8Array, remote: RemoteInfo) => void;
}

export class ProxyClient {
  readonly address: string;
  readonly port: number;
  /** ICE user name of its first connectivity check, `ufrag of the router:ufrag of the client`; tells clients apart. */
  iceUsername: string | undefined;
  readonly #clock: RealClock;
  readonly #upstream: Socket;
  readonly #up: Wire<Uint8Array>;
  readonly #down: Wire<Uint8Array>;
  readonly #headerBytes: number;

  constructor({ clock, remote, target, upstream, seed, up, down, reply }: ProxyClientOptions) {
    this.address = remote.address;
    this.port = remote.port;
    this.#clock = clock;
    this.#upstream = upstream;
    this.#headerBytes = remote.family === 'IPv6' ? IPV6_UDP_BYTES : IP_UDP_BYTES;
    this.#up = this.#wire(new Chance(seed, 'up'), up, (bytes) =>
      upstream.send(bytes, target.port, target.address, () => {}),
    );
    this.#down = this.#wire(new Chance(seed, 'down'), down, (bytes) => reply(bytes, remote));
    upstream.on('message', (bytes, from) => {
      if (from.port === target.port) this.#down.send(bytes, bytes.length + this.#headerBytes);
    });
    // The router's port may be closed for a moment (restart): UDP has no connection to lose.
    upstream.on('error', () => {});
  }

  /** A datagram came from the client. */
  send(bytes: Uint8Array): void {
    this.iceUsername ??= parseStun(bytes, 0, bytes.length)?.username;
    this.#up.send(bytes, bytes.length + this.#headerBytes);
  }

  /** From now on. What the link counted so far stays. */
  change(way: Way, conditions: Partial<LinkConditions>): void {
    this.#of(way).change(conditions);
  }

  /** Counters and conditions of one way. */
  link(way: Way): Link<Uint8Array> {
    return this.#of(way).link;
  }

  close(): void {
    this.#upstream.close();
  }

  #of(way: Way): Wire<Uint8Array> {
    return way === 'up' ? this.#up : this.#down;
  }

  #wire(chance: Chance, conditions: Partial<LinkConditions>, deliver: (bytes: Uint8Array) => void): Wire<Uint8Array> {
    const clock = this.#clock;
    return new Wire(clock, new Link<Uint8Array>(conditions, chance, clock.nowUs), deliver);
  }
}
