/**
 * The way of one person's media between browser and router, as bad as a test wants it. Signalling does not take it: a
 * WebSocket over a bad network is TCP's business, and what is measured here is media.
 *
 * The router announces its own address. On its way into the page it is replaced by that of a proxy in front of it, which
 * is what a NAT or a relay on the way would make of it; router and browser are none the wiser.
 */
import type { BrowserContext } from 'playwright-core';
import { afterEach } from 'vitest';
import type { Way } from '../impairment/proxy-client.ts';
import { UdpProxy } from '../impairment/udp-proxy.ts';
import type { LinkConditions } from '../sim/network/link-conditions.ts';

/** RFC 8839 section 5.1: foundation, component and priority before address and port. */
const CANDIDATE = /^(a=candidate:\S+ \d+ udp \d+ )(\S+) (\d+)/gim;
/** A way around the proxy. */
const TCP_CANDIDATE = /^a=candidate:\S+ \d+ tcp .*\r\n/gim;

/** One way, so that a repair takes as long as it does between cities. */
const DELAY_MS = 20;

/** At first nothing is wrong with it. */
export class MediaPath {
  readonly #conditions: Record<Way, Partial<LinkConditions>> = {
    up: { delayMs: DELAY_MS },
    down: { delayMs: DELAY_MS },
  };
  readonly #proxies = new Map<string, Promise<UdpProxy>>();

  /** Every connection of this browser profile goes over it from now on. */
  async lay(context: BrowserContext): Promise<void> {
    await context.exposeFunction('throughProxy', (sdp: string) => this.#reroute(sdp));
    await context.addInitScript(rerouteAnswers);
  }

  /** From now on. */
  async change(way: Way, conditions: Partial<LinkConditions>): Promise<void> {
    this.#conditions[way] = { ...this.#conditions[way], ...conditions };
    for (const proxy of this.#proxies.values()) (await proxy).change(way, conditions);
  }

  /** Datagrams that went in and did not come out, so far. */
  async dropped(way: Way): Promise<number> {
    let dropped = 0;
    for (const proxy of this.#proxies.values()) {
      for (const client of (await proxy).clients) {
        const { lost, overflowed } = client.link(way);
        dropped += lost + overflowed;
      }
    }
    return dropped;
  }

  async close(): Promise<void> {
    for (const proxy of this.#proxies.values()) (await proxy).close();
  }

  async #reroute(sdp: string): Promise<string> {
    const proxies = new Map<string, UdpProxy>();
    for (const [, , address = '', port] of sdp.matchAll(CANDIDATE)) {
      const target = `${address} ${port}`;
      const opening = this.#proxies.get(target) ?? this.#open(address, Number(port));
      this.#proxies.set(target, opening);
      proxies.set(target, await opening);
    }
    return sdp.replace(TCP_CANDIDATE, '').replace(CANDIDATE, (_, head: string, address: string, port: string) => {
      const proxy = proxies.get(`${address} ${port}`);
      return `${head}${proxy?.address} ${proxy?.port}`;
    });
  }

  #open(address: string, port: number): Promise<UdpProxy> {
    return UdpProxy.open({ target: { address, port }, ...this.#conditions });
  }
}

/** Makes paths that are closed after each test. */
export function useMediaPaths(): () => MediaPath {
  const paths: MediaPath[] = [];
  afterEach(async () => {
    for (const path of paths.splice(0)) await path.close();
  });
  return () => {
    const path = new MediaPath();
    paths.push(path);
    return path;
  };
}

declare global {
  interface Window {
    throughProxy(sdp: string): Promise<string>;
  }
}

/** Runs in the page before its own scripts. */
function rerouteAnswers(): void {
  const { prototype } = RTCPeerConnection;
  const apply = prototype.setRemoteDescription;
  prototype.setRemoteDescription = async function (this: RTCPeerConnection, { type, sdp = '' }) {
    await Reflect.apply(apply, this, [{ type, sdp: await window.throughProxy(sdp) }]);
  };
}
