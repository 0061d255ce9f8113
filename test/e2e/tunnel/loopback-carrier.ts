/** A carrier within the page, with a tunnel at its other end that says yes to everything. Either way can stand still for a while. */

import type { Carrier, CarrierState } from '../../../client/tunnel/carrier.ts';
import { MAX_STANDING_MS, VIDEO_STANDING_MS } from '../../../proto/send-window.ts';
import { TunnelChannel, type TunnelNews, type TunnelRequest } from '../../../proto/tunnel.ts';

export class LoopbackCarrier implements Carrier {
  state: CarrierState = 'open';
  onRecord: ((channel: number, payload: Uint8Array) => void) | undefined;
  onState: (() => void) | undefined;
  /** What comes out at the tunnel's end. */
  onPacket: (packet: Uint8Array) => void = () => undefined;
  sentBytes = 0;
  readonly #up: { readonly packet: Uint8Array; readonly sinceMs: number }[] = [];
  readonly #down: Uint8Array[] = [];
  #isUpStalled = false;
  #isDownStalled = false;

  get arrivedBytes(): number {
    return this.#up.reduce((left, { packet }) => left - packet.length, this.sentBytes);
  }

  takes(kind: 'sound' | 'pictures'): boolean {
    const standingMs = performance.now() - (this.#up[0]?.sinceMs ?? performance.now());
    return standingMs < (kind === 'sound' ? MAX_STANDING_MS : VIDEO_STANDING_MS);
  }

  send(channel: number, payload: Uint8Array): void {
    if (channel === TunnelChannel.control) {
      this.#obey(JSON.parse(new TextDecoder().decode(payload)) as TunnelRequest);
      return;
    }
    this.sentBytes += payload.length;
    this.#up.push({ packet: payload, sinceMs: performance.now() });
    this.#flushUp();
  }

  /** From the router to the client. */
  deliver(packet: Uint8Array): void {
    this.#down.push(packet);
    this.#flushDown();
  }

  /** Nothing comes for a while, then all of it at once, as by TCP after a lost segment. */
  stallDown(ms: number): void {
    this.#isDownStalled = true;
    setTimeout(() => {
      this.#isDownStalled = false;
      this.#flushDown();
    }, ms);
  }

  stallUp(ms: number): void {
    this.#isUpStalled = true;
    setTimeout(() => {
      this.#isUpStalled = false;
      this.#flushUp();
    }, ms);
  }

  close(): void {
    this.state = 'closed';
    this.onState?.();
  }

  #obey(request: TunnelRequest): void {
    if (request.type === 'open') {
      const fingerprint = `sha-256 ${Array.from({ length: 32 }, () => '00').join(':')}`;
      this.#say({ type: 'opened', leg: request.leg, ufrag: 'loop', pwd: 'loopback/loopback/loop++', fingerprint });
    } else if (request.type === 'connect') {
      this.#say({ type: 'legState', leg: request.leg, state: 'connecting' });
      this.#say({ type: 'legState', leg: request.leg, state: 'connected' });
    }
  }

  #say(news: TunnelNews): void {
    const payload = new TextEncoder().encode(JSON.stringify(news));
    queueMicrotask(() => this.onRecord?.(TunnelChannel.control, payload));
  }

  #flushUp(): void {
    while (!this.#isUpStalled && this.#up.length > 0) {
      const first = this.#up.shift();
      if (first !== undefined) this.onPacket(first.packet);
    }
  }

  #flushDown(): void {
    while (!this.#isDownStalled && this.#down.length > 0) {
      const packet = this.#down.shift();
      if (packet !== undefined) setTimeout(() => this.onRecord?.(TunnelChannel.media, packet));
    }
  }
}
