/**
 * One end of a simulated TCP connection: bytes that are written here come out at the other end, in order. What is written is a number of bytes, and what is to
 * happen there when the last of them can be read.
 */
import type { Path } from '../plain/path.ts';
import type { World } from '../world.ts';
import type { CongestionControl } from './congestion-window.ts';
import { TcpReceiver } from './tcp-receiver.ts';
import { HEADER_BYTES, type TcpSegment } from './tcp-segment.ts';
import { TcpSender } from './tcp-sender.ts';

export interface TcpOptions {
  readonly control: CongestionControl;
  /** Of the kernel: what it takes before it makes the process wait. */
  readonly sendBufferBytes: number;
}

/** Linux lets it grow up to 4 MB (net.ipv4.tcp_wmem): a process that only looks at the kernel writes seconds ahead. */
export const LINUX: TcpOptions = { control: 'cubic', sendBufferBytes: 4 << 20 };

interface Message {
  /** Last byte of it. */
  readonly end: number;
  readonly arrive: () => void;
  readonly taken: () => void;
}

export class TcpEnd {
  /** The other end is gone, as far as one hears of it. */
  onClosed: (() => void) | undefined;
  /** Longest that the kernel's buffer was, in bytes that were not sent. */
  mostUnsentBytes = 0;
  readonly sender: TcpSender;
  readonly #receiver = new TcpReceiver();
  readonly #world: World;
  readonly #options: TcpOptions;
  readonly #path: Path;
  #other: TcpEnd | undefined;
  #isClosed = false;
  #armedUs = Number.POSITIVE_INFINITY;
  #written = 0;
  /** Not in the kernel, and in it but not read at the other end. */
  readonly #waiting: Message[] = [];
  readonly #underWay: Message[] = [];

  /** @param path to the other end */
  constructor(world: World, path: Path, options: TcpOptions) {
    this.#world = world;
    this.#path = path;
    this.#options = options;
    this.sender = new TcpSender(options.control);
  }

  join(other: TcpEnd): void {
    this.#other = other;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @param taken the kernel has taken all of it */
  write(sizeBytes: number, arrive: () => void, taken: () => void = () => undefined): void {
    if (this.#isClosed) return;
    this.#written += sizeBytes;
    this.#waiting.push({ end: this.#written, arrive, taken });
    this.#fill();
    this.#transmit();
  }

  /** Given up: nothing is read or sent any more, and the other end hears of it when it sends something. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#underWay.length = 0;
    // The news of it may get lost, then the next segment of the other end is answered.
    this.#refuse();
  }

  /** The other end has been read up to this byte. */
  handleRead(until: number): void {
    while (this.#underWay[0] !== undefined && this.#underWay[0].end <= until) this.#underWay.shift()?.arrive();
  }

  handleSegment(segment: TcpSegment): void {
    if (this.#isClosed) {
      this.#refuse();
      return;
    }
    const { nowUs } = this.#world;
    this.sender.handleAcknowledgement(nowUs, segment.acknowledged, segment.selective);
    if (segment.end > segment.start) {
      this.#receiver.handleData(nowUs, segment);
      this.#other?.handleRead(this.#receiver.next);
    }
    this.#fill();
    this.#transmit();
  }

  #refuse(): void {
    const other = this.#other;
    this.#path.send(() => other?.handleRefused(), HEADER_BYTES);
  }

  handleRefused(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.onClosed?.();
  }

  /** The kernel takes what it has room for. */
  #fill(): void {
    const room = this.sender.arrived + this.#options.sendBufferBytes;
    this.sender.written = Math.max(this.sender.written, Math.min(this.#written, room));
    while (this.#waiting[0] !== undefined && this.#waiting[0].end <= this.sender.written) {
      const message = this.#waiting.shift() as Message;
      this.#underWay.push(message);
      this.#world.after(0, message.taken);
    }
  }

  #transmit(): void {
    if (this.#isClosed) return;
    const { nowUs } = this.#world;
    for (const { start, end } of this.sender.poll(nowUs)) this.#send(start, end);
    if (this.#receiver.ackDueUs <= nowUs) this.#send(this.sender.sentUntil, this.sender.sentUntil);
    this.mostUnsentBytes = Math.max(this.mostUnsentBytes, this.sender.unsentBytes);
    this.#arm();
  }

  #send(start: number, end: number): void {
    const { next, ranges } = this.#receiver;
    const segment = { start, end, acknowledged: next, selective: ranges };
    this.#receiver.handleAcknowledged();
    this.#path.send(() => this.#other?.handleSegment(segment), end - start + HEADER_BYTES);
  }

  #arm(): void {
    const dueUs = Math.min(this.sender.nextTimeoutUs(), this.#receiver.ackDueUs);
    if (dueUs >= this.#armedUs) return;
    this.#armedUs = dueUs;
    this.#world.at(dueUs, () => this.#handleTimeout(dueUs));
  }

  #handleTimeout(dueUs: number): void {
    // An earlier one has replaced it.
    if (dueUs !== this.#armedUs) return;
    this.#armedUs = Number.POSITIVE_INFINITY;
    if (this.#isClosed) return;
    this.sender.handleTimeout(this.#world.nowUs);
    this.#transmit();
  }
}
