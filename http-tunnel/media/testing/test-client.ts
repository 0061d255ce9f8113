/** Test support: a client of a tunnel that keeps to proto/tunnel.ts, without media of its own. */
import {
  MORE_FOLLOWS,
  RECEIVED_INTERVAL_MS,
  RECORD_HEADER_BYTES,
  type SessionKey,
  type SessionWord,
  TunnelChannel,
  type TunnelNews,
  type TunnelRequest,
} from '../../../proto/tunnel.ts';
import type { CarrierKind } from '../media-counters.ts';
import { isMedia, isNumbered, type OutgoingRecord, sizeOf, writeRecords } from '../session/records.ts';
import { cutText, TextJoiner } from '../session/text-parts.ts';
import { openCarrier, type TestCarrier, wordRecord } from './test-carriers.ts';

export class TestTunnelClient {
  readonly news: TunnelNews[] = [];
  readonly words: SessionWord[] = [];
  readonly signalling: string[] = [];
  /** Close code of the carrier. */
  closed: number | undefined;
  onPacket: (channel: number, packet: Buffer) => void = () => {};
  key: SessionKey | undefined;
  readonly #origin: string;
  readonly #ticket: string | undefined;
  readonly #texts = new Map<number, TextJoiner>();
  readonly #waiters = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  #carrier: TestCarrier | undefined;
  #connections = 0;
  #rest = Buffer.alloc(0);
  #received = 0;
  #bytes = 0;
  #told = 0;
  #sent: OutgoingRecord[] = [];

  constructor(origin: string, ticket: string | undefined) {
    this.#origin = origin;
    this.#ticket = ticket;
    this.#timer = setInterval(() => this.#tell(), RECEIVED_INTERVAL_MS);
  }

  static async open(kind: CarrierKind, origin: string, ticket: string | undefined): Promise<TestTunnelClient> {
    const client = new TestTunnelClient(origin, ticket);
    await client.connect(kind);
    return client;
  }

  /** Opens the session, or goes on with it by another carrier. */
  async connect(kind: CarrierKind): Promise<void> {
    this.#carrier?.cut();
    this.#carrier = undefined;
    this.#rest = Buffer.alloc(0);
    this.#bytes = 0;
    this.#told = 0;
    this.closed = undefined;
    const { key } = this;
    const resumption = key === undefined ? undefined : { key, received: this.#received };
    const before = this.words.length;
    const connection = ++this.#connections;
    const opened = await openCarrier(kind, this.#origin, this.#ticket, resumption, {
      handleBytes: (bytes) => {
        if (connection === this.#connections) this.#handleBytes(bytes);
      },
      handleClosed: (code) => {
        if (connection !== this.#connections) return;
        this.closed = code;
        this.#wake();
      },
    });
    this.key ??= opened.key;
    this.#carrier = opened.carrier;
    const word = await this.until(() =>
      this.words.slice(before).find(({ type }) => type === 'opened' || type === 'resumed'),
    );
    if (word.type === 'opened') this.key = { session: word.session, secret: word.secret };
    // What the tunnel has not received is said again.
    if (word.type === 'resumed') for (const record of this.#sent.slice(word.received)) this.#write(record);
  }

  request(request: TunnelRequest): void {
    this.sendText(TunnelChannel.control, JSON.stringify(request));
  }

  sendText(channel: TunnelChannel, text: string): void {
    for (const record of cutText(channel, text)) {
      this.#sent.push(record);
      this.#write(record);
    }
  }

  sendPacket(channel: number, packet: Uint8Array): void {
    this.#write({ channel, payload: packet });
  }

  /** Says what has arrived, without waiting for the time to do so. */
  acknowledge(): void {
    this.#tell();
  }

  /** Reads nothing more, until `proceed`. */
  stall(): void {
    this.#carrier?.setReading(false);
  }

  proceed(): void {
    this.#carrier?.setReading(true);
  }

  /** Whatever bytes. */
  sendRaw(bytes: Buffer): void {
    this.#carrier?.send(bytes);
  }

  /** The first news that matches, past or to come; rejects when the carrier closes before. */
  async newsOf<Type extends TunnelNews['type']>(
    type: Type,
    matches: (news: Extract<TunnelNews, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<TunnelNews, { type: Type }>> {
    return this.until(() =>
      this.news.find(
        (news): news is Extract<TunnelNews, { type: Type }> =>
          news.type === type && matches(news as Extract<TunnelNews, { type: Type }>),
      ),
    );
  }

  /** Asks again after each thing that happens. */
  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.closed !== undefined) throw new Error(`the carrier was closed: ${this.closed}`);
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  cut(): void {
    this.#carrier?.cut();
  }

  close(): void {
    clearInterval(this.#timer);
    this.cut();
  }

  #write(record: OutgoingRecord): void {
    this.#carrier?.send(writeRecords([record]));
  }

  #tell(): void {
    if (this.#bytes === this.#told) return;
    this.#told = this.#bytes;
    this.#carrier?.send(wordRecord({ type: 'received', received: this.#received, bytes: this.#bytes }));
  }

  #handleBytes(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= RECORD_HEADER_BYTES) {
      const end = RECORD_HEADER_BYTES + this.#rest.readUInt16BE(1);
      if (this.#rest.length < end) break;
      const record = { channel: this.#rest[0] as number, payload: this.#rest.subarray(RECORD_HEADER_BYTES, end) };
      this.#rest = this.#rest.subarray(end);
      this.#bytes += sizeOf(record);
      this.#handleRecord(record.channel, record.payload);
    }
    this.#wake();
  }

  #handleRecord(channel: number, payload: Buffer): void {
    if (isMedia(channel)) {
      this.onPacket(channel, payload);
      return;
    }
    if (!isNumbered(channel)) {
      this.words.push(JSON.parse(payload.toString()) as SessionWord);
      return;
    }
    this.#received++;
    const plain = channel & ~MORE_FOLLOWS;
    const joiner = this.#texts.get(plain) ?? new TextJoiner();
    this.#texts.set(plain, joiner);
    const text = joiner.push(payload, channel !== plain);
    if (text === undefined) throw new Error('the tunnel wrote a bad text');
    if (channel !== plain) return;
    if (plain === TunnelChannel.control) this.news.push(JSON.parse(text) as TunnelNews);
    else this.signalling.push(text);
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter();
    this.#waiters.clear();
  }
}
