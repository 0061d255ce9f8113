/**
 * One client of the tunnel: what he says goes to his legs and his controller, what they say goes to him, by whichever carrier he has at the moment.
 * Outlives a carrier by SESSION_OUTLIVES_MS.
 */
import { classify, Protocol } from '../../../mmr/media/transport/demux.ts';
import { SendWindow } from '../../../proto/send-window.ts';
import {
  CARRIER_SILENCE_MS,
  MORE_FOLLOWS,
  mediaChannelOf,
  RECEIVED_INTERVAL_MS,
  SESSION_OUTLIVES_MS,
  type SessionKey,
  type SessionWord,
  TunnelChannel,
  type TunnelClose,
  type TunnelNews,
  type TunnelRequest,
} from '../../../proto/tunnel.ts';
import type { Carrier } from '../carriers/carrier.ts';
import type { SessionEnd } from '../media-counters.ts';
import type { SignallingDial, TunnelClient } from '../media-options.ts';
import { MediaQueue } from '../queue/media-queue.ts';
import { PathFeedback } from '../queue/path-feedback.ts';
import { describeRtcp, describeRtp, type WaitingPacket } from '../queue/waiting-packet.ts';
import { readRequest, readWord } from './control-words.ts';
import { InboundBudget } from './inbound-budget.ts';
import { KeptRecords } from './kept-records.ts';
import { isMedia, type OutgoingRecord, readRecords, sizeOf, writeRecords } from './records.ts';
import { type LegsEnvironment, type LegsOwner, SessionLegs } from './session-legs.ts';
import { SignallingRelay } from './signalling-relay.ts';
import { cutText, TextJoiner } from './text-parts.ts';

/** Proxies give up a connection that is silent for 30 s to 60 s. */
const SIGN_OF_LIFE_MS = 10_000;
/** WebSocket close code (IANA registry). */
const TRY_AGAIN_LATER = 1013;

export interface SessionEnvironment extends LegsEnvironment {
  readonly dialSignalling: (client: TunnelClient) => SignallingDial;
  /** Monotonic. */
  nowMs(): number;
  handleEnded(session: TunnelSession, why: SessionEnd): void;
}

/** How a carrier is told that its session is over. */
const CLOSES: Readonly<Record<SessionEnd, keyof typeof TunnelClose>> = {
  left: 'unknownSession',
  carrierLost: 'unknownSession',
  malformed: 'misbehaved',
  flooded: 'misbehaved',
  unreceived: 'misbehaved',
  signallingStalled: 'misbehaved',
  stopped: 'draining',
};

export class TunnelSession implements LegsOwner {
  readonly key: SessionKey;
  readonly client: TunnelClient;
  /** Of the ticket; undefined for who has none and gets no leg. */
  readonly holder: string | undefined;
  readonly queue = new MediaQueue();
  readonly #environment: SessionEnvironment;
  readonly #kept = new KeptRecords();
  readonly #legs: SessionLegs;
  readonly #budget = new InboundBudget();
  readonly #texts = new Map<number, TextJoiner>();
  #signalling: SignallingRelay | undefined;
  #carrier: Carrier | undefined;
  #window = new SendWindow();
  /** About the carrier, to go before everything else. */
  #words: SessionWord[] = [];
  /** Numbered records of the client, and how many of them he was told to have arrived. */
  #received = 0;
  #receivedTold = 0;
  /** Bytes of this carrier, and how many of them he was told to have arrived, and when. */
  #arrivedBytes = 0;
  #arrivedTold = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  #heardMs: number;
  #saidMs: number;
  /** Since when there is no carrier. */
  #aloneMs: number | undefined;
  readonly #droppedTold = new Map<number, number>();
  /** By channel. */
  readonly #feedback = new Map<number, PathFeedback>();
  #feedbackTimer: NodeJS.Timeout | undefined;
  #pumping: NodeJS.Immediate | undefined;
  #isEnded = false;

  constructor(key: SessionKey, client: TunnelClient, holder: string | undefined, environment: SessionEnvironment) {
    this.key = key;
    this.client = client;
    this.holder = holder;
    this.#environment = environment;
    this.#legs = new SessionLegs(environment, this);
    const now = environment.nowMs();
    this.#heardMs = now;
    this.#saidMs = now;
    this.#aloneMs = now;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Numbered records of the client that have arrived. */
  get received(): number {
    return this.#received;
  }

  /** From now on by this carrier; the one before is over. False, and the session has ended, when what the client says cannot be. */
  attach(carrier: Carrier, received: number, word: SessionWord): boolean {
    const before = this.#carrier;
    this.#carrier = undefined;
    before?.close('replaced');
    if (!this.#kept.resume(received)) {
      this.end('malformed');
      carrier.close('misbehaved');
      return false;
    }
    this.#carrier = carrier;
    this.#window = new SendWindow();
    this.#words = [word];
    this.#receivedTold = this.#received;
    this.#arrivedBytes = 0;
    this.#arrivedTold = 0;
    this.#aloneMs = undefined;
    this.handleHeard(carrier);
    this.schedulePump();
    return true;
  }

  /** The carrier is gone. */
  detach(carrier: Carrier): void {
    if (carrier !== this.#carrier) return;
    this.#carrier = undefined;
    this.#aloneMs = this.#environment.nowMs();
  }

  /** The client has shown that he is there. */
  handleHeard(carrier: Carrier): void {
    if (carrier === this.#carrier) this.#heardMs = this.#environment.nowMs();
  }

  /** Whole records of the client. What comes by a carrier that is over is ignored. */
  handleMessage(carrier: Carrier, message: Buffer): void {
    if (carrier !== this.#carrier || this.#isEnded) return;
    const nowMs = this.#environment.nowMs();
    this.#heardMs = nowMs;
    if (!this.#budget.takeMessage(nowMs)) {
      this.end('flooded');
      return;
    }
    const isWhole = readRecords(message, (channel, payload) => {
      this.#handleRecord(nowMs, channel, payload);
      return !this.#isEnded;
    });
    if (!isWhole) this.end('malformed');
    this.#arrivedBytes += message.length;
    if (nowMs - this.#toldMs >= RECEIVED_INTERVAL_MS) this.#sayReceived();
    this.schedulePump();
  }

  /** Some of what was written has left, or there is room to write again. */
  handleDrained(carrier: Carrier): void {
    if (carrier === this.#carrier) this.schedulePump();
  }

  /** So much of what was written to the carrier has arrived: so a client shows by the answers that he asks for. */
  handleArrived(carrier: Carrier, bytes: number): void {
    if (carrier === this.#carrier && bytes > 0) this.#window.handleAcknowledged(this.#environment.nowMs(), bytes);
  }

  /** What time brings; called about every second. */
  handleTimeout(nowMs: number): void {
    this.queue.handleTimeout(nowMs);
    const carrier = this.#carrier;
    if (carrier !== undefined && nowMs - this.#heardMs >= CARRIER_SILENCE_MS) {
      this.detach(carrier);
      carrier.close('replaced');
    }
    if (this.#aloneMs !== undefined && nowMs - this.#aloneMs >= SESSION_OUTLIVES_MS) {
      this.end('carrierLost');
      return;
    }
    for (const leg of [0, 1] as const) {
      const { video, audio } = this.queue.droppedOf(mediaChannelOf(leg));
      if (video + audio <= (this.#droppedTold.get(leg) ?? 0)) continue;
      this.#droppedTold.set(leg, video + audio);
      this.say({ type: 'dropped', leg, video, audio });
    }
    const isNews = this.#received > this.#receivedTold || this.#arrivedBytes > this.#arrivedTold;
    if (isNews || nowMs - this.#saidMs >= SIGN_OF_LIFE_MS) this.#sayReceived();
    this.schedulePump();
  }

  /** Open a session elsewhere. */
  askToMove(): void {
    this.say({ type: 'move' });
  }

  say(news: TunnelNews): void {
    this.#sayText(TunnelChannel.control, JSON.stringify(news));
  }

  handlePacket(channel: number, bytes: Buffer, isRtcp: boolean): void {
    const { counters, nowMs } = this.#environment;
    const now = nowMs();
    const packet = isRtcp ? describeRtcp(channel, bytes, now) : describeRtp(channel, bytes, now);
    if (packet === undefined) {
      counters.packetsRefused.malformed++;
      return;
    }
    if (packet.isPadding && !this.#window.isEven(now)) {
      // TCP takes a burst for as much as it is, and goes on slower: on an uneven way a probe says nothing.
      counters.packetsRefused.padding++;
      return;
    }
    if (this.queue.push(now, packet, this.#flows(now)) === 'wantsKeyFrame') {
      this.#legs.requestKeyFrame(channel, packet.ssrc);
    }
    this.schedulePump();
  }

  handleLegEnded(channel: number): void {
    this.queue.forget(channel);
    this.#feedback.delete(channel);
    this.#droppedTold.clear();
  }

  end(why: SessionEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#pumping !== undefined) clearImmediate(this.#pumping);
    clearTimeout(this.#feedbackTimer);
    this.#legs.close();
    this.#signalling?.close();
    const carrier = this.#carrier;
    this.#carrier = undefined;
    carrier?.close(CLOSES[why]);
    this.#environment.handleEnded(this, why);
  }

  /** What arrives in one round of the event loop leaves together. */
  schedulePump(): void {
    if (this.#isEnded || this.#pumping !== undefined) return;
    this.#pumping = setImmediate(() => {
      this.#pumping = undefined;
      this.#pump();
    });
  }

  #handleRecord(nowMs: number, channel: number, payload: Buffer): void {
    if (isMedia(channel)) {
      this.#handleMedia(nowMs, channel, payload);
      return;
    }
    if (!this.#budget.takeText(nowMs)) {
      this.end('flooded');
      return;
    }
    if (channel === TunnelChannel.session) {
      this.#handleWord(nowMs, payload);
      return;
    }
    this.#received++;
    const plain = channel & ~MORE_FOLLOWS;
    const joiner = this.#texts.get(plain) ?? new TextJoiner();
    this.#texts.set(plain, joiner);
    const isPart = channel !== plain;
    const text = joiner.push(payload, isPart);
    if (text === undefined) this.end('malformed');
    else if (!isPart) this.#handleText(plain, text);
  }

  #handleText(channel: number, text: string): void {
    if (channel === TunnelChannel.control) {
      const request = readRequest(text);
      if (request === undefined) this.end('malformed');
      else this.#handleRequest(request);
      return;
    }
    // Said to a socket that has closed meanwhile: lost with it.
    if (this.#signalling?.send(text) === false) this.end('signallingStalled');
  }

  #handleMedia(nowMs: number, channel: number, packet: Buffer): void {
    const { packetsRefused } = this.#environment.counters;
    const protocol = classify(packet[0] ?? 0, packet[1] ?? 0);
    if (protocol !== Protocol.rtp && protocol !== Protocol.rtcp) packetsRefused.malformed++;
    else if (!this.#budget.takeMedia(nowMs, packet.length)) packetsRefused.flooded++;
    else this.#legs.send(channel, packet, protocol === Protocol.rtcp);
  }

  #handleWord(nowMs: number, payload: Buffer): void {
    const word = readWord(payload.toString());
    if (word?.type !== 'received' || !this.#kept.handleReceived(word.received)) {
      this.end('malformed');
      return;
    }
    if (word.bytes !== undefined) this.#window.handleAcknowledged(nowMs, word.bytes);
    this.#signalling?.handleBacklog(this.#kept.bytes);
  }

  #handleRequest(request: TunnelRequest): void {
    switch (request.type) {
      case 'ping':
        this.say({ type: 'pong' });
        break;
      case 'openSignalling':
        if (this.#budget.takeSignalling(this.#environment.nowMs())) this.#openSignalling();
        else this.end('flooded');
        break;
      case 'closeSignalling':
        this.#signalling?.close();
        this.#signalling = undefined;
        break;
      default:
        if (this.holder !== undefined) this.#legs.handleRequest(request);
        else if (request.type !== 'close') {
          this.say({ type: 'legState', leg: request.leg, state: 'failed', reason: 'the session has no ticket' });
        }
    }
  }

  #openSignalling(): void {
    this.#signalling?.close();
    this.#signalling = undefined;
    const dial = this.#environment.dialSignalling(this.client);
    const socket = dial();
    if (socket === undefined) {
      this.say({ type: 'signallingState', state: 'closed', code: TRY_AGAIN_LATER, reason: 'no controller is known' });
      return;
    }
    const relay: SignallingRelay = new SignallingRelay(socket, dial, {
      handleOpen: () => this.say({ type: 'signallingState', state: 'open' }),
      handleText: (text) => {
        this.#sayText(TunnelChannel.signalling, text);
        relay.handleBacklog(this.#kept.bytes);
      },
      handleClosed: (code, reason) => {
        if (this.#signalling !== relay) return;
        this.#signalling = undefined;
        this.say({ type: 'signallingState', state: 'closed', code, reason });
      },
    });
    this.#signalling = relay;
  }

  /** Whether what comes now would leave now. */
  #flows(nowMs: number): boolean {
    return this.#carrier !== undefined && this.#window.isOpenForVideo(nowMs, this.#carrier.unsentBytes);
  }

  #sayText(channel: TunnelChannel, text: string): void {
    for (const record of cutText(channel, text)) {
      if (this.#isEnded || this.#kept.push(record)) continue;
      this.end('unreceived');
    }
    this.schedulePump();
  }

  #sayReceived(): void {
    if (this.#words.length > 0) return;
    this.#receivedTold = this.#received;
    this.#arrivedTold = this.#arrivedBytes;
    this.#toldMs = this.#environment.nowMs();
    this.#words.push({ type: 'received', received: this.#received, bytes: this.#arrivedBytes });
  }

  #pump(): void {
    const carrier = this.#carrier;
    if (carrier === undefined || this.#isEnded) return;
    const nowMs = this.#environment.nowMs();
    while (carrier.isReady && this.#window.isOpen(nowMs, carrier.unsentBytes)) {
      const records = this.#take(nowMs, carrier.batchBytes, this.#flows(nowMs));
      if (records.length === 0) break;
      const message = writeRecords(records);
      this.#window.handleSent(nowMs, message.length);
      this.#saidMs = nowMs;
      carrier.write(message);
    }
    this.#tellRouters(nowMs);
  }

  /** What goes next: words about the carrier, texts, media. */
  #take(nowMs: number, limitBytes: number, takesVideo: boolean): OutgoingRecord[] {
    const records: OutgoingRecord[] = this.#words.map((word) => {
      return { channel: TunnelChannel.session, payload: Buffer.from(JSON.stringify(word)) };
    });
    this.#words = [];
    let bytes = 0;
    const add = (record: OutgoingRecord) => {
      records.push(record);
      bytes += sizeOf(record);
    };
    while (bytes < limitBytes) {
      const text = this.#kept.takeUnsent();
      if (text !== undefined) {
        add(text);
        continue;
      }
      const packet = this.queue.shift(nowMs, takesVideo);
      if (packet === undefined) break;
      this.#environment.counters.packetsToClient++;
      add({ channel: packet.channel, payload: packet.bytes });
      this.#noteLeaving(nowMs, packet);
    }
    return records;
  }

  #noteLeaving(nowMs: number, { channel, arrivedMs, ssrc, transportNumber }: WaitingPacket): void {
    if (transportNumber === undefined) return;
    const feedback = this.#feedback.get(channel) ?? new PathFeedback();
    this.#feedback.set(channel, feedback);
    feedback.record(nowMs, arrivedMs, ssrc, transportNumber);
  }

  /** Feedback about what has gone to the carrier, when it is due. */
  #tellRouters(nowMs: number): void {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const [channel, feedback] of this.#feedback) {
      if (feedback.dueMs > nowMs) dueMs = Math.min(dueMs, feedback.dueMs);
      else for (const packet of feedback.take(nowMs)) this.#legs.send(channel, packet, true);
    }
    if (dueMs === Number.POSITIVE_INFINITY || this.#feedbackTimer !== undefined) return;
    this.#feedbackTimer = setTimeout(() => {
      this.#feedbackTimer = undefined;
      this.#tellRouters(this.#environment.nowMs());
    }, dueMs - nowMs);
  }
}
