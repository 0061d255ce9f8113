/**
 * One TCP connection of a client (RFC 6544): its packets go to the worker's UDP port and back by a socket of its own. Nothing of
 * it is known to the engine but that socket's address, which ICE validates, keeps and forgets as it does with every other.
 */
import type { Socket } from 'node:net';
import { QueuedWriter } from '../../common/queued-writer.ts';
import { StreamFrames } from '../../common/stream-frames.ts';
import { checkedUfrag } from './first-check.ts';
import type { LoopbackSocket } from './loopback-socket.ts';
import { LENGTH_BYTES, tcpFrame, tcpFrameSize } from './tcp-frames.ts';

export interface TcpConnectionTimes {
  /** In which the first check has to come, and again its answer from the router. */
  readonly firstMs: number;
  /** Without anything from the router. */
  readonly idleMs: number;
  /** In which a client has to read something of what waits for it. */
  readonly stalledMs: number;
  /** What has waited longer for it is dropped. */
  readonly queueMs: number;
}

/**
 * Why a connection ended. `left`: the client closed it. `silent`: no check, or none that the router answered. `notIce`: it does not
 * begin with a check of somebody here, or a packet is too long. `full`: there are too many. `failed`: no socket is to be had.
 */
export const TCP_ENDS = ['left', 'silent', 'notIce', 'full', 'idle', 'stalled', 'failed', 'stopped'] as const;
export type TcpEnd = (typeof TCP_ENDS)[number];

export interface TcpConnectionOwner {
  readonly times: TcpConnectionTimes;
  nowMs(): number;
  /** Its first packet is a check for this ufrag: `use` or `end` is called before this returns. */
  admit(connection: TcpConnection, ufrag: string): void;
  /** A packet went this way. */
  countPacket(direction: 'in' | 'out'): void;
  /** A packet of the client's did not reach the engine. */
  countUnsent(): void;
  handleEnd(connection: TcpConnection, why: TcpEnd): void;
}

/** What waits for one client at most: 8 Mb/s for half a second. */
const QUEUE_BYTES = 512 * 1024;
/** Checks that come before the way to the engine is open, which is some turns of the event loop later. */
const MAX_EARLY = 8;

export class TcpConnection {
  /** Of the participant that it is for, once it is known. */
  ufrag: string | undefined;
  readonly #socket: Socket;
  readonly #owner: TcpConnectionOwner;
  readonly #frames = new StreamFrames(tcpFrameSize);
  readonly #writer: QueuedWriter;
  #loopback: LoopbackSocket | undefined;
  readonly #early: Uint8Array[] = [];
  /** When the router was heard last; before that, since when it could have been. */
  #heardMs: number;
  #isAnswered = false;
  #end: TcpEnd | undefined;

  constructor(socket: Socket, owner: TcpConnectionOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#heardMs = owner.nowMs();
    this.#writer = new QueuedWriter(
      socket,
      { queueBytes: QUEUE_BYTES, queueDeadlineMs: owner.times.queueMs },
      { nowMs: () => owner.nowMs(), handleStalled: () => this.end('stalled') },
    );
    socket.on('data', (chunk: Uint8Array) => this.#handleChunk(chunk));
    socket.on('end', () => this.end('left'));
    // 'close' follows, and says all that matters.
    socket.on('error', () => {});
    socket.on('close', () => this.end('left'));
  }

  get dropped(): { readonly full: number; readonly late: number } {
    return this.#writer.queue.dropped;
  }

  /** The port by which the engine knows it; 0 when there is none. */
  get loopbackPort(): number {
    return this.#loopback?.port ?? 0;
  }

  /** Its packets go by `loopback` from now on, which is not open yet. */
  use(loopback: LoopbackSocket): void {
    this.#loopback = loopback;
    this.#heardMs = this.#owner.nowMs();
  }

  /** What came before is sent on. */
  handleOpen(): void {
    for (const packet of this.#early.splice(0)) this.#toEngine(packet, 0, packet.length);
  }

  /** From the engine. */
  handleDatagram(datagram: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.#isAnswered = true;
    this.#heardMs = this.#owner.nowMs();
    this.#owner.countPacket('out');
    const first = datagram[0] ?? 0;
    // RFC 7983 section 7: RTP and RTCP. Checks, their answers and handshakes are not to be late, but to come.
    this.#writer.send(tcpFrame(datagram), first >= 128 && first <= 191);
  }

  /** Now and then. */
  handleTimeout(nowMs: number): void {
    const { firstMs, idleMs, stalledMs } = this.#owner.times;
    if (this.#writer.stalledMs(nowMs) > stalledMs) this.end('stalled');
    else if (!this.#isAnswered && nowMs - this.#heardMs > firstMs) this.end('silent');
    else if (nowMs - this.#heardMs > idleMs) this.end('idle');
  }

  end(why: TcpEnd): void {
    if (this.#end !== undefined) return;
    this.#end = why;
    this.#writer.close();
    this.#socket.destroy();
    this.#owner.handleEnd(this, why);
    this.#loopback?.close();
    this.#early.length = 0;
  }

  #handleChunk(chunk: Uint8Array): void {
    if (this.#end !== undefined) return;
    const isIce = this.#frames.push(chunk, (bytes, offset, size) => {
      // RFC 4571 section 2 lets a packet be empty.
      if (size > LENGTH_BYTES) this.#handlePacket(bytes, offset + LENGTH_BYTES, size - LENGTH_BYTES);
      return this.#end === undefined;
    });
    if (!isIce) this.end('notIce');
  }

  #handlePacket(bytes: Uint8Array, offset: number, size: number): void {
    if (this.ufrag === undefined) {
      const ufrag = checkedUfrag(bytes, offset, size);
      if (ufrag === undefined) {
        this.end('notIce');
        return;
      }
      this.#owner.admit(this, ufrag);
      if (this.#end !== undefined) return;
      this.ufrag = ufrag;
    }
    this.#toEngine(bytes, offset, size);
  }

  #toEngine(bytes: Uint8Array, offset: number, size: number): void {
    if (this.loopbackPort === 0 && this.#early.length < MAX_EARLY) {
      // A copy: a chunk shall not be kept for it.
      this.#early.push(Uint8Array.from(bytes.subarray(offset, offset + size)));
    } else if (this.#loopback?.send(bytes, offset, size) === true) this.#owner.countPacket('in');
    else this.#owner.countUnsent();
  }
}
