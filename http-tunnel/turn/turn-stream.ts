/** A client who came by TCP, or by TLS that somebody else has taken off (RFC 8656 section 3.1). */
import type { Duplex } from 'node:stream';
import { QueuedWriter, type WriterLimits } from '../../common/queued-writer.ts';
import type { SendQueue } from '../../common/send-queue.ts';
import { StreamFrames } from '../../common/stream-frames.ts';
import { channelData } from './channel-data.ts';
import type { TurnClient } from './turn-client.ts';
import { turnFrameSize } from './turn-frames.ts';

export interface StreamLimits extends WriterLimits {
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
  readonly #duplex: Duplex;
  readonly #owner: StreamOwner;
  readonly #frames = new StreamFrames(turnFrameSize);
  readonly #writer: QueuedWriter;
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
    this.#writer = new QueuedWriter(duplex, owner.limits, {
      nowMs: () => owner.nowMs(),
      handleStalled: () => this.close('stalled'),
    });
    duplex.on('data', (chunk: Uint8Array) => this.#handleChunk(chunk));
    duplex.on('end', () => this.close('left'));
    // 'close' follows, and says all that matters.
    duplex.on('error', () => {});
    duplex.on('close', () => this.close('left'));
  }

  get queue(): SendQueue {
    return this.#writer.queue;
  }

  sendMessage(bytes: Uint8Array, isData: boolean): void {
    this.#writer.send(bytes, isData);
  }

  sendChannelData(channel: number, bytes: Uint8Array, offset: number, size: number): void {
    this.sendMessage(channelData(channel, bytes, offset, size, 4), true);
  }

  /** Now and then: `hasAllocation` is what a connection is for. */
  handleTimeout(nowMs: number, hasAllocation: boolean): void {
    const { idleMs, stalledMs } = this.#owner.limits;
    if (hasAllocation) this.#usefulAtMs = nowMs;
    if (nowMs - this.#usefulAtMs > idleMs) this.close('idle');
    if (this.#writer.stalledMs(nowMs) > stalledMs) this.close('stalled');
  }

  close(why: StreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = why;
    this.#writer.close();
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
}
