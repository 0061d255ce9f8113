/**
 * A session with a tunnel: opened by the first carrier that gets through, and gone on with by the next one when that breaks. Control and signalling
 * lose nothing by it, media does.
 */

import { SendWindow } from '../../../proto/send-window.ts';
import {
  RECEIVED_INTERVAL_MS,
  SESSION_OUTLIVES_MS,
  type SessionKey,
  type SessionWord,
  TunnelChannel,
  type TunnelRequest,
} from '../../../proto/tunnel.ts';
import type { Carrier, CarrierState } from '../carrier.ts';
import { concatenate } from '../concatenate.ts';
import { ask, sessionUrl } from './http-requests.ts';
import { KeptRecords } from './kept-records.ts';
import { openCarrier } from './open-carrier.ts';
import { isNumbered, RecordReader, writeRecord, writeWord } from './records.ts';
import { CARRIER_KINDS, type CarrierKind, type CarrierLoss, type SessionCarrier } from './session-carrier.ts';
import { cutText, TextJoiner } from './text-parts.ts';

/** TCP, TLS, the request and the first record of the answer: by then a carrier is there, or does not get through. */
const CONNECT_MS = 4_000;
/** A router sends reports each second: nothing for so long is reason to ask. */
const PING_MS = 3_000;
/** For an answer; with it, the tunnel still has the session when the next carrier comes. */
const PONG_MS = 4_000;
/** Between two attempts to go on. */
const PAUSE_MS = 250;

export interface TunnelSessionOptions {
  /** Of the tunnel, https. */
  readonly url: string;
  /** Without one, there is signalling only. */
  readonly ticket?: string | undefined;
  /** The first one that gets through opens the session; the others go on when it breaks. Default: all. */
  readonly carriers?: readonly CarrierKind[];
  /** Only this one may open it. */
  readonly first?: CarrierKind;
}

export class TunnelSession implements Carrier {
  readonly url: string;
  onRecord: ((channel: number, payload: Uint8Array) => void) | undefined;
  onState: (() => void) | undefined;
  readonly #ticket: string | undefined;
  readonly #kinds: readonly CarrierKind[];
  /** How many may be tried before one has opened it. */
  readonly #openers: number;
  readonly #kept = new KeptRecords();
  readonly #texts = new TextJoiner();
  readonly #timer: ReturnType<typeof setInterval>;
  #state: CarrierState = 'connecting';
  #carrier: SessionCarrier | undefined;
  #reader = new RecordReader(() => undefined);
  #key: SessionKey | undefined;
  /** Numbered records of the tunnel that have arrived. */
  #received = 0;
  #toldBytes = 0;
  #toldReceived = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  /** Of this carrier. */
  #window = new SendWindow();
  #outbox: Uint8Array<ArrayBuffer>[] = [];
  /** Carriers tried one after the other since the last one that was open. */
  #tries = 0;
  #kind: CarrierKind;
  #startedMs = 0;
  #heardMs = 0;
  #pingedMs: number | undefined;
  /** Since when there is no carrier. */
  #aloneMs = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #reason = '';

  constructor({ url, ticket, carriers = CARRIER_KINDS, first }: TunnelSessionOptions) {
    this.url = url;
    this.#ticket = ticket;
    this.#kinds = carriers;
    this.#kind = first ?? carriers[0] ?? 'webSocket';
    this.#openers = first === undefined ? carriers.length : 1;
    this.#timer = setInterval(() => this.#look(performance.now()), RECEIVED_INTERVAL_MS);
    this.#start();
  }

  get state(): CarrierState {
    return this.#state;
  }

  /** The carrier in use, or tried now. */
  get kind(): CarrierKind {
    return this.#kind;
  }

  /** Why the last carrier was lost, for people; '' while none was. */
  get reason(): string {
    return this.#reason;
  }

  get sentBytes(): number {
    return this.#window.sentBytes;
  }

  get arrivedBytes(): number {
    return this.#window.acknowledgedBytes;
  }

  takes(kind: 'sound' | 'pictures'): boolean {
    if (this.#state !== 'open') return false;
    const nowMs = performance.now();
    const unsentBytes = this.#carrier?.queuedBytes ?? 0;
    return kind === 'sound' ? this.#window.isOpen(nowMs, unsentBytes) : this.#window.isOpenForVideo(nowMs, unsentBytes);
  }

  send(channel: number, payload: Uint8Array): void {
    if (this.#state === 'closed') return;
    if (!isNumbered(channel)) {
      if (this.#state === 'open') this.#write(writeRecord(channel, payload));
      return;
    }
    for (const record of cutText(channel, payload)) {
      if (!this.#kept.push(record)) {
        this.#end('the tunnel does not take what is said to it');
        return;
      }
      if (this.#state === 'open') this.#write(record);
    }
  }

  close(): void {
    if (this.#state === 'closed') return;
    const { url } = this;
    const key = this.#key;
    // Otherwise the tunnel would keep it for a while, and it counts as one of the few that a participant may have.
    if (key !== undefined) {
      const request = { method: 'DELETE', secret: key.secret, keepalive: true } as const;
      ask(sessionUrl(url, key), request).catch(() => undefined);
    }
    this.#end('');
  }

  #start(): void {
    this.#startedMs = performance.now();
    this.#toldBytes = 0;
    this.#toldReceived = 0;
    this.#window = new SendWindow();
    this.#pingedMs = undefined;
    this.#reader = new RecordReader((channel, payload) => this.#handleRecord(channel, payload));
    const key = this.#key;
    const resume = key === undefined ? undefined : { key, received: this.#received };
    const carrier: SessionCarrier = openCarrier(
      this.#kind,
      { url: this.url, ticket: this.#ticket, resume },
      {
        handleKey: (given) => {
          this.#key ??= given;
        },
        handleBytes: (bytes) => {
          this.#heardMs = performance.now();
          this.#pingedMs = undefined;
          if (this.#carrier !== carrier) return;
          this.#reader.push(bytes);
          this.#tellReceived(this.#heardMs);
        },
        handleLost: (loss) => {
          if (this.#carrier === carrier) this.#lose(loss);
        },
      },
    );
    this.#carrier = carrier;
  }

  #handleRecord(channel: number, payload: Uint8Array): void {
    if (this.#state === 'closed') return;
    if (channel === TunnelChannel.session) {
      // The tunnel's words are SessionWord by contract (proto/tunnel.ts).
      this.#handleWord(JSON.parse(new TextDecoder().decode(payload)) as SessionWord);
      return;
    }
    if (!isNumbered(channel)) {
      this.onRecord?.(channel, payload);
      return;
    }
    this.#received++;
    const whole = this.#texts.push(channel, payload);
    if (whole !== undefined) this.onRecord?.(whole.channel, whole.text);
  }

  #handleWord(word: SessionWord): void {
    switch (word.type) {
      case 'opened':
        this.#key = { session: word.session, secret: word.secret };
        this.#open(0);
        break;
      case 'resumed':
        this.#open(word.received);
        break;
      case 'received':
        if (!this.#kept.handleReceived(word.received)) this.#end('the tunnel has received what was not sent');
        if (word.bytes !== undefined) this.#window.handleAcknowledged(performance.now(), word.bytes);
        break;
    }
  }

  /** The carrier has shown that it goes both ways. */
  #open(received: number): void {
    if (!this.#kept.handleReceived(received)) {
      this.#end('the tunnel has received what was not sent');
      return;
    }
    this.#tries = 0;
    this.#state = 'open';
    for (const record of this.#kept.all) this.#write(record);
    this.onState?.();
  }

  /** What is said in one go leaves together. */
  #write(record: Uint8Array<ArrayBuffer>): void {
    this.#window.handleSent(performance.now(), record.length);
    if (this.#outbox.push(record) > 1) return;
    queueMicrotask(() => {
      const message = concatenate(this.#outbox);
      this.#outbox = [];
      if (this.#state === 'open' && message.length > 0) this.#carrier?.send(message);
    });
  }

  #look(nowMs: number): void {
    if (this.#carrier === undefined) return;
    if (this.#state !== 'open') {
      if (nowMs - this.#startedMs >= CONNECT_MS) this.#lose({ reason: 'no answer', isFinal: false });
      return;
    }
    this.#tellReceived(nowMs);
    if (this.#pingedMs === undefined && nowMs - this.#heardMs >= PING_MS) {
      this.#pingedMs = nowMs;
      const ping: TunnelRequest = { type: 'ping' };
      this.send(TunnelChannel.control, new TextEncoder().encode(JSON.stringify(ping)));
    } else if (this.#pingedMs !== undefined && nowMs - this.#pingedMs >= PONG_MS) {
      this.#lose({ reason: 'the tunnel has fallen silent', isFinal: false });
    }
  }

  /** As soon as something comes, for timers of hidden pages sleep. */
  #tellReceived(nowMs: number): void {
    const { bytes } = this.#reader;
    const isNews = bytes !== this.#toldBytes || this.#received !== this.#toldReceived;
    if (this.#state !== 'open' || !isNews || nowMs - this.#toldMs < RECEIVED_INTERVAL_MS) return;
    this.#toldMs = nowMs;
    this.#toldBytes = bytes;
    this.#toldReceived = this.#received;
    this.#write(writeWord({ type: 'received', received: this.#received, bytes }));
  }

  #lose({ reason, isFinal }: CarrierLoss): void {
    this.#reason = reason;
    this.#carrier?.close();
    this.#carrier = undefined;
    this.#outbox = [];
    const nowMs = performance.now();
    const wasOpen = this.#state === 'open';
    if (wasOpen) this.#aloneMs = nowMs;
    if (isFinal || !this.#next(wasOpen, nowMs)) {
      this.#end(reason);
      return;
    }
    // The one that was lost is tried first: perhaps it was only the network's moment.
    this.#pause = setTimeout(() => this.#start(), wasOpen || this.#state === 'connecting' ? 0 : PAUSE_MS);
    if (!wasOpen) return;
    this.#state = 'interrupted';
    this.onState?.();
  }

  /** Which carrier is tried now; false when there is none left, or no time. */
  #next(wasOpen: boolean, nowMs: number): boolean {
    if (wasOpen) return true;
    const next = this.#kinds[(this.#kinds.indexOf(this.#kind) + 1) % this.#kinds.length];
    if (next !== undefined) this.#kind = next;
    if (this.#state === 'connecting') return ++this.#tries < this.#openers;
    return nowMs - this.#aloneMs < SESSION_OUTLIVES_MS;
  }

  #end(reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#reason = reason;
    clearInterval(this.#timer);
    clearTimeout(this.#pause);
    this.#carrier?.close();
    this.#carrier = undefined;
    this.onState?.();
  }
}
