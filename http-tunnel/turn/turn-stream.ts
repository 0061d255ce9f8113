/** A client who came by TCP, or by TLS that somebody else has taken off (RFC 8656 section 3.1). */
import type { Duplex } from 'node:stream';
import { channelData } from './channel-data.ts';
import { SendQueue } from './send-queue.ts';
import { StreamFrames } from './stream-frames.ts';
import type { TurnClient } from './turn-client.ts';

export interface StreamLimits {
  /** What waits for one reader at most. */
  readonly queueBytes: number;
  /** What has waited longer is dropped. */
  readonly queueDeadlineMs: number;
  /** How long a connection may be without an allocation. */
  readonly idleMs: number;
  /** How long a client may read nothing at all while something waits. */
  readonly stalledMs: number;
}

/** Why a stream was closed from here. `left`: the client did. */
export const STREAM_ENDS = ['left', 'notTurn', 'idle', 'stalled', 'stopped'] as const;
export type StreamEnd = (typeof STREAM_ENDS)[number];

export interface StreamOwner {
  readonly limits: StreamLimits;
  nowMs(): number;
  handleFrame(stream: TurnStream, bytes: Uint8Array, offset: number, size: number): void;
  /** Once, when nothing comes or goes any more. */
  handleEnd(stream: TurnStream, why: StreamEnd): void;
}

export class TurnStream implements TurnClient {
  readonly key: string;
  readonly transport: 'tcp' | 'tls';
  readonly address: string;
  readonly port: number;
  readonly queue: SendQueue;
  readonly #duplex: Duplex;
  readonly #owner: StreamOwner;
  readonly #frames = new StreamFrames();
  #flush: NodeJS.Immediate | undefined;
  /** Since when the stream has taken nothing. */
  #fullSinceMs: number | undefined;
  #isStalled = false;
  #usefulAtMs: number;
  #end: StreamEnd | undefined;

  /** `key`: of no other stream, ever. */
  constructor(
    duplex: Duplex,
    { key, transport, address, port }: Pick<TurnClient, 'key' | 'address' | 'port'> & { transport: 'tcp' | 'tls' },
    owner: StreamOwner,
  ) {
    this.key = key;
    this.transport = transport;
    this.address = address;
    this.port = port;
    this.#duplex = duplex;
    this.#owner = owner;
    this.#usefulAtMs = owner.nowMs();
    this.queue = new SendQueue(owner.limits.queueBytes, owner.limits.queueDeadlineMs);
    duplex.on('data', (chunk: Uint8Array) => this.#handleChunk(chunk));
    duplex.on('drain', () => this.#handleDrain());
    duplex.on('end', () => this.close('left'));
    // 'close' follows, and says all that matters.
    duplex.on('error', () => {});
    duplex.on('close', () => this.close('left'));
  }

  sendMessage(bytes: Uint8Array, isData: boolean): void {
    if (this.#end !== undefined || this.#isStalled) return;
    this.#isStalled = !this.queue.push(this.#owner.nowMs(), bytes, isData);
    // All that comes in this turn of the event loop goes out in one write; and nobody is called back from here.
    if (this.#isStalled || this.#fullSinceMs === undefined) this.#flush ??= setImmediate(() => this.#write());
  }

  sendChannelData(channel: number, bytes: Uint8Array, offset: number, size: number): void {
    this.sendMessage(channelData(channel, bytes, offset, size, 4), true);
  }

  /** Now and then: `hasAllocation` is what a connection is for. */
  handleTimeout(nowMs: number, hasAllocation: boolean): void {
    const { idleMs, stalledMs } = this.#owner.limits;
    if (hasAllocation) this.#usefulAtMs = nowMs;
    if (nowMs - this.#usefulAtMs > idleMs) this.close('idle');
    if (nowMs - (this.#fullSinceMs ?? nowMs) > stalledMs) this.close('stalled');
  }

  close(why: StreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = why;
    clearImmediate(this.#flush);
    this.#duplex.destroy();
    this.#owner.handleEnd(this, why);
  }

  #handleChunk(chunk: Uint8Array): void {
    const isTurn = this.#frames.push(chunk, (bytes, offset, size) => {
      this.#owner.handleFrame(this, bytes, offset, size);
      return this.#end === undefined;
    });
    if (!isTurn) this.close('notTurn');
  }

  #handleDrain(): void {
    this.#fullSinceMs = undefined;
    this.#write();
  }

  #write(): void {
    this.#flush = undefined;
    if (this.#end !== undefined) return;
    if (this.#isStalled) {
      this.close('stalled');
      return;
    }
    const nowMs = this.#owner.nowMs();
    this.#duplex.cork();
    while (this.#fullSinceMs === undefined) {
      const bytes = this.queue.next(nowMs);
      if (bytes === undefined) break;
      if (!this.#duplex.write(bytes)) this.#fullSinceMs = nowMs;
    }
    this.#duplex.uncork();
  }
}
