/**
 * A whole media worker on virtual time for tests: registry and packet path over an engine of plain arrays, whose SRTP is
 * no encryption but keeps roll-over counters, refuses replays, and remembers every index that went out.
 */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { DROP_REASON_COUNT, DropReason } from './drop-reason.ts';
import { EGRESS_WORDS, EgressKind, EgressPlan } from './egress/egress-plan.ts';
import { INGRESS_CAPACITY, INGRESS_WORDS, IngressBatch, SLOT_BYTES, Unprotect } from './ingress-batch.ts';
import { type LeaveCause, MeetingRegistry, type Refusal } from './meeting-registry.ts';
import type {
  CodecName,
  ConnectionQuality,
  EncodingDemand,
  ExtensionIds,
  NegotiatedCodec,
  NegotiatedMedia,
  NegotiatedTransport,
  SlotAssignment,
  SourceKind,
} from './negotiated.ts';
import { PacketPath } from './packet-path.ts';
import type { RemoteAddress } from './remote-address.ts';
import { writeUint16, writeUint32 } from './rtp/bytes.ts';
import { parseRtpHeader, type RtpHeader, RtpHeader as RtpView } from './rtp/rtp-header.ts';
import { Widener } from './rtp/serial.ts';
import { TICK_US } from './timer-wheel.ts';
import type { DtlsRole, DtlsSession } from './transport/dtls-session.ts';
import { addressKey } from './transport/remote-addresses.ts';
import { bindingRequest, NEGOTIATED, ScriptedDtls, v4 } from './transport/transport-test-lab.ts';
import { TrunkEnd } from './trunk/trunk-end.ts';
import type { TrunkId, TrunkMessage } from './trunk/trunk-messages.ts';
import type { TrunkReport } from './trunk/trunk-report.ts';

export const LAB_START_US = 1_000_000_000;

export class SentRtp {
  readonly to: string;
  readonly header: RtpHeader;
  /** Widened by the roll-over counter of its record. */
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly #payloadAt: number;

  constructor(to: string, header: RtpHeader, index: number, bytes: Uint8Array, payloadAt: number) {
    this.to = to;
    this.header = header;
    this.index = index;
    this.bytes = bytes;
    this.#payloadAt = payloadAt;
  }

  get payload(): Uint8Array {
    return this.bytes.subarray(this.#payloadAt);
  }
}

interface Datagram {
  readonly address: RemoteAddress;
  readonly bytes: Uint8Array;
}

export interface MediaWorkerLabOptions {
  readonly storeSlots?: number;
  readonly maxParticipants?: number;
  /** Whether every index and its content are kept, to catch a nonce that is used twice. Long runs cannot afford it. */
  readonly remembers?: boolean;
  /** A trunk's: everything that it sends, to where it goes. Without it, that is forgotten. */
  readonly onTrunkPacket?: (to: RemoteAddress, bytes: Uint8Array, kind: number) => void;
  readonly openDtls?: (role: DtlsRole) => DtlsSession;
}

export class MediaWorkerLab {
  readonly store: Uint8Array;
  readonly ingress = new IngressBatch();
  readonly plan = new EgressPlan();
  readonly registry: MeetingRegistry;
  readonly path: PacketPath;
  /** What the worker reported, in order. */
  readonly events: string[] = [];
  /** Current slots by participant and mid, as reported. */
  readonly slots = new Map<string, string>();
  /** Slots of these that are suspended. */
  readonly suspended = new Set<string>();
  /** By participant/kind of the source: which of its encodings are wanted, as reported last. */
  readonly demands = new Map<string, readonly EncodingDemand[]>();
  readonly qualities = new Map<string, ConnectionQuality>();
  /** What is to be carried to other workers, oldest first. */
  readonly trunkMessages: { readonly trunk: TrunkId; readonly message: TrunkMessage }[] = [];
  /** SSRCs whose state the engine was told to let go. */
  readonly forgottenStreams: number[] = [];
  readonly trunkReports = new Map<TrunkId, TrunkReport>();
  readonly rtp: SentRtp[] = [];
  readonly rtcp: { readonly to: string; readonly bytes: Uint8Array }[] = [];
  readonly drops = new Float64Array(DROP_REASON_COUNT);
  readonly openTransports = new Set<number>();
  nowUs = LAB_START_US;
  /** Makes `unprotect` refuse the next packets for this reason. */
  unprotectRefuses: DropReason = DropReason.none;
  readonly #generations: Uint32Array;
  readonly #remembers: boolean;
  readonly #onTrunkPacket: MediaWorkerLabOptions['onTrunkPacket'];
  readonly #destinations = new Map<number, RemoteAddress>();
  #nextSlot = 0;
  #nextHandle = 1;
  readonly #owners = new Map<string, number>();
  readonly #wideners = new Map<string, { widener: Widener; seen: Set<number> }>();
  readonly #sealed = new Map<string, string>();
  readonly #queue: Datagram[] = [];
  readonly #names = new Map<number, string>();
  readonly #ingressBytes = new Uint8Array(this.ingress.words.buffer);
  readonly #ingressFloats = new Float64Array(this.ingress.words.buffer);
  readonly #addresses = new Map<string, RemoteAddress>();

  constructor(options: MediaWorkerLabOptions = {}) {
    this.#remembers = options.remembers ?? true;
    this.#onTrunkPacket = options.onTrunkPacket;
    const storeSlots = options.storeSlots ?? 4096;
    this.store = new Uint8Array(storeSlots * SLOT_BYTES);
    this.#generations = new Uint32Array(storeSlots);
    this.registry = new MeetingRegistry(
      {
        store: this.store,
        generation: (slot) => this.generation(slot),
        openTransport: () => {
          this.openTransports.add(this.#nextHandle);
          return this.#nextHandle++;
        },
        closeTransport: (handle) => {
          this.#names.delete(handle);
          this.openTransports.delete(handle);
        },
        addRemote: (handle, address) => this.#owners.set(addressKey(address), handle),
        removeRemote: (address) => this.#owners.delete(addressKey(address)),
        setDestination: (handle, address) => this.#destinations.set(handle, address),
        setSrtpKeys: () => {},
        openDtls: (_handle, role) => options.openDtls?.(role) ?? new ScriptedDtls(),
        forgetStream: (_handle, ssrc) => this.forgottenStreams.push(ssrc),
      },
      {
        connected: (_meeting, participant) => this.events.push(`connected ${participant}`),
        left: (_meeting, participant, cause: LeaveCause) => this.events.push(`left ${participant} ${cause}`),
        slotsChanged: (_meeting, participant, slots) => this.#slotsChanged(participant, slots),
        speakersChanged: (_meeting, speakers) => this.events.push(`speakers ${speakers.join(' ')}`),
        encodingsChanged: (_meeting, participant, source, encodings) =>
          this.demands.set(`${participant}/${source}`, encodings),
        qualityChanged: (_meeting, qualities) => {
          for (const quality of qualities) this.qualities.set(quality.participant, quality);
        },
        trunkMessage: (trunk, message) => this.trunkMessages.push({ trunk, message }),
        trunkReported: (trunk, report) => this.trunkReports.set(trunk, report),
      },
      options.maxParticipants ?? 1000,
    );
    this.path = new PacketPath(this, this.registry);
  }

  generation(slot: number): number {
    return this.#generations[slot] as number;
  }

  /** The engine's part: tags hold unless a test says otherwise, each index is accepted once. */
  unprotect(count: number): void {
    const { words } = this.ingress;
    const header = new RtpView();
    for (let i = 0; i < count; i++) {
      const at = i * INGRESS_WORDS;
      if (words[at + 12] === Unprotect.no) continue;
      const size = this.ingress.sizeBytes(i);
      words[at + 13] = this.unprotectRefuses;
      words[at + 14] = size;
      if (words[at + 12] !== Unprotect.rtp || this.unprotectRefuses !== DropReason.none) continue;
      if (!parseRtpHeader(this.store, this.ingress.slot(i) * SLOT_BYTES, size, header)) continue;
      const index = this.#widen(`${this.ingress.transport(i)}/${header.ssrc}`, header.sequenceNumber);
      if (index === undefined) words[at + 13] = DropReason.srtpReplay;
      else words[at + 15] = Math.floor(index / 65536);
    }
  }

  flush(): number {
    let sent = 0;
    for (let i = 0; i < this.plan.count; i++) {
      if (this.#sendRecord(i * EGRESS_WORDS)) sent++;
      else (this.drops[DropReason.storeOverwritten] as number)++;
    }
    this.plan.clear();
    return sent;
  }

  join(
    name: string,
    media: NegotiatedMedia,
    meeting = 'm',
    transport: Partial<NegotiatedTransport> = {},
  ): Refusal | undefined {
    // Names stand for the ids that a zone-controller makes.
    const refusal = this.registry.join(
      this.nowUs,
      meeting as MeetingId,
      name as ParticipantId,
      { ...NEGOTIATED, localUfrag: `ufrag-${name}`, ...transport },
      media,
    );
    const member = this.registry.participants.get(name as ParticipantId);
    if (refusal === undefined && member !== undefined) this.#names.set(member.transport.handle, name);
    return refusal;
  }

  /** ICE and DTLS, through the packet path. */
  connect(name: string): void {
    this.receive(name, bindingRequest({ username: `ufrag-${name}:peer`, useCandidate: true }));
    this.run();
    this.dtls(name, 'hello');
    this.dtls(name, 'finished');
    this.run();
  }

  /** Joins, connects, and lets the meeting assign slots for `settleMs`. */
  enter(name: string, media: NegotiatedMedia, meeting = 'm', settleMs = 50): void {
    const refusal = this.join(name, media, meeting);
    if (refusal !== undefined) throw new Error(refusal);
    this.connect(name);
    this.advance(settleMs);
  }

  leave(name: string): void {
    this.registry.leave(name as ParticipantId, this.path);
    this.path.flush();
    this.registry.settle(this.nowUs);
  }

  mute(name: string, kind: SourceKind, muted: boolean): void {
    this.registry.setMuted(this.nowUs, name as ParticipantId, kind, muted);
  }

  /** The DTLS of the lab is text, which the demultiplexer would not take for DTLS; so it goes to the transport. */
  dtls(name: string, text: string): void {
    const transport = this.registry.participants.get(name as ParticipantId)?.transport;
    const bytes = new TextEncoder().encode(text);
    transport?.handleDtls(this.nowUs, bytes, 0, bytes.length, this.addressOf(name), this.plan);
    this.path.flush();
    this.registry.settle(this.nowUs);
  }

  addressOf(name: string): RemoteAddress {
    let address = this.#addresses.get(name);
    if (address === undefined) {
      address = v4('192.0.2.1', 5000 + this.#addresses.size);
      this.#addresses.set(name, address);
    }
    return address;
  }

  /** Queues one datagram; `run` hands the queue over, in batches. */
  receive(name: string, bytes: Uint8Array): void {
    this.#queue.push({ address: this.addressOf(name), bytes });
  }

  /** The same from an address that no name stands for: another worker's. */
  receiveFrom(address: RemoteAddress, bytes: Uint8Array): void {
    this.#queue.push({ address, bytes });
  }

  run(): void {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, INGRESS_CAPACITY);
      for (const [i, { address, bytes }] of batch.entries()) this.#fillRecord(i, address, bytes);
      this.path.handleBatch(batch.length, this.nowUs);
      this.registry.settle(this.nowUs);
    }
  }

  advance(ms: number): void {
    const endUs = this.nowUs + ms * 1000;
    while (this.nowUs < endUs) {
      this.nowUs = Math.min(endUs, this.nowUs + TICK_US);
      this.registry.handleTimeout(this.nowUs, this.path);
      this.path.flush();
      this.registry.settle(this.nowUs);
    }
  }

  /** RTP that went to `name`, oldest first, and forgets it. */
  takeRtp(name: string): SentRtp[] {
    const taken = this.rtp.filter(({ to }) => to === name);
    const rest = this.rtp.filter(({ to }) => to !== name);
    this.rtp.splice(0, this.rtp.length, ...rest);
    return taken;
  }

  /** Sum of the ways in which a packet that came in can end. */
  get accountedFor(): number {
    return this.path.consumed + this.path.forwarded + this.path.drops.reduce((sum, drops) => sum + drops, 0);
  }

  #fillRecord(i: number, address: RemoteAddress, bytes: Uint8Array): void {
    const slot = this.#nextSlot;
    this.#nextSlot = (slot + 1) % this.#generations.length;
    const generation = ((this.#generations[slot] as number) + 1) >>> 0;
    this.#generations[slot] = generation;
    this.store.set(bytes.subarray(0, SLOT_BYTES), slot * SLOT_BYTES);
    const { words } = this.ingress;
    const at = i * INGRESS_WORDS;
    words.fill(0, at, at + INGRESS_WORDS);
    words[at] = slot;
    words[at + 1] = generation;
    words[at + 2] = bytes.length;
    words[at + 3] = this.#owners.get(addressKey(address)) ?? 0;
    words[at + 4] = (address.family << 16) | address.port;
    this.#ingressBytes.set(address.bytes, (at + 5) * 4);
    this.#ingressFloats[at / 2 + 5] = this.nowUs;
  }

  #widen(stream: string, sequenceNumber: number): number | undefined {
    const state = this.#wideners.get(stream) ?? { widener: new Widener(), seen: new Set() };
    this.#wideners.set(stream, state);
    const index = state.widener.widen(sequenceNumber);
    if (index < 0 || state.seen.has(index)) return undefined;
    // The engine's replay window is no longer either.
    if (state.seen.size > 4096) for (const seen of state.seen) if (seen < index - 2048) state.seen.delete(seen);
    state.seen.add(index);
    return index;
  }

  #sendRecord(at: number): boolean {
    const { words, side } = this.plan;
    const first = words[at] as number;
    const trunkTo = this.#trunkAddress(at, first & 0xff);
    const to = this.#names.get(words[at + 1] as number) ?? `trunk ${words[at + 1]}`;
    const sideOffset = words[at + 9] as number;
    const sizes = words[at + 10] as number;
    if ((first & 0xff) !== EgressKind.rtp) {
      if (trunkTo !== undefined) this.#toTrunk(trunkTo, side.slice(sideOffset, sideOffset + sizes), first & 0xff);
      else if (first === EgressKind.rtcp) this.rtcp.push({ to, bytes: side.slice(sideOffset, sideOffset + sizes) });
      return true;
    }
    const slot = words[at + 2] as number;
    const range = words[at + 4] as number;
    const size = range & 0xffff;
    if (size > 0 && this.#generations[slot] !== words[at + 3]) return false;
    const headerSize = sizes >>> 16;
    const extra = headerSize + (sizes & 0xffff);
    const bytes = new Uint8Array(12 + extra + size);
    for (let i = 0; i < 3; i++) writeUint32(bytes, i * 4, words[at + 5 + i] as number);
    for (let i = 0; i < extra; i++) bytes[12 + i] = side[sideOffset + i] as number;
    const patches = words[at + 11] as number;
    patch(bytes, 12, (first >>> 8) & 0xff, patches >>> 16);
    patch(bytes, 12, (first >>> 16) & 0xff, patches & 0xffff);
    const start = slot * SLOT_BYTES + (range >>> 16);
    bytes.set(this.store.subarray(start, start + size), 12 + extra);
    if (trunkTo !== undefined) this.#toTrunk(trunkTo, bytes, EgressKind.rtp);
    this.#emit(to, bytes, 12 + headerSize, words[at + 8] as number);
    return true;
  }

  #toTrunk(to: RemoteAddress, bytes: Uint8Array, kind: number): void {
    this.#onTrunkPacket?.(to, bytes, kind);
  }

  /** Where the record goes if it is a trunk's, or a check or its answer. */
  #trunkAddress(at: number, kind: number): RemoteAddress | undefined {
    const { words } = this.plan;
    if (kind === EgressKind.addressedDatagram) {
      const head = words[at + 2] as number;
      const bytes = new Uint8Array(words.buffer, (at + 12) * 4, head >>> 16 === 6 ? 16 : 4).slice();
      return { family: head >>> 16 === 6 ? 6 : 4, port: head & 0xffff, bytes };
    }
    const handle = words[at + 1] as number;
    return this.registry.byHandle[handle] instanceof TrunkEnd ? this.#destinations.get(handle) : undefined;
  }

  #emit(to: string, bytes: Uint8Array, payloadAt: number, rolloverCounter: number): void {
    const header = new RtpView();
    const whole = bytes.length === 12 + 4 * ((bytes[0] as number) & 0x0f) && payloadAt === bytes.length;
    if (!whole && !parseRtpHeader(bytes, 0, bytes.length, header)) throw new Error('malformed RTP was sent');
    const index = rolloverCounter * 65536 + header.sequenceNumber;
    // One SRTP index, one packet: other content under the same nonce would break AES-GCM (RFC 7714 section 8.1).
    if (!this.#remembers) {
      this.rtp.push(new SentRtp(to, header, index, bytes, payloadAt));
      return;
    }
    const seal = `${to}/${header.ssrc}/${index}`;
    const content = Buffer.from(bytes).toString('latin1');
    if (this.#sealed.has(seal) && this.#sealed.get(seal) !== content) throw new Error(`nonce used twice: ${seal}`);
    this.#sealed.set(seal, content);
    this.rtp.push(new SentRtp(to, header, index, bytes, payloadAt));
  }

  #slotsChanged(participant: string, slots: readonly SlotAssignment[]): void {
    for (const { mid, participant: source, kind, suspended } of slots) {
      this.slots.set(`${participant}/${mid}`, source === undefined ? '' : `${source}/${kind}`);
      if (suspended) this.suspended.add(`${participant}/${mid}`);
      else this.suspended.delete(`${participant}/${mid}`);
    }
  }
}

/** As the engine does it: offset 0 is no patch. */
function patch(packet: Uint8Array, block: number, offset: number, value: number): void {
  if (offset !== 0) writeUint16(packet, block + offset, value);
}

/** Payload types of the lab; RTX has the next one. */
const CODECS: Readonly<Record<CodecName, NegotiatedCodec>> = {
  opus: { name: 'opus', payloadType: 111, clockRateHz: 48_000, key: 'opus' },
  VP8: { name: 'VP8', payloadType: 96, clockRateHz: 90_000, key: 'VP8' },
  VP9: { name: 'VP9', payloadType: 98, clockRateHz: 90_000, key: 'VP9/0' },
  H264: { name: 'H264', payloadType: 102, clockRateHz: 90_000, key: 'H264/42e0/1' },
  AV1: { name: 'AV1', payloadType: 45, clockRateHz: 90_000, key: 'AV1/0' },
};

export interface LabMediaOptions {
  readonly sources?: readonly SourceKind[];
  readonly muted?: readonly SourceKind[];
  readonly audioSlots?: number;
  readonly videoSlots?: number;
  /** Microphone ssrc, camera ssrc + 1, screen ssrc + 2. */
  readonly ssrc?: number;
  /** Of cameras, screens and video slots. */
  readonly codec?: CodecName;
  /** Simulcast of camera and screen; its streams are recognised by the mid and rid extensions. */
  readonly simulcast?: readonly string[];
  /** RTX both ways: SSRCs of sources + 50, of slots + 50. */
  readonly rtx?: boolean;
  readonly extensions?: Partial<ExtensionIds>;
}

/** Mids: the source's kind, a0…, v0…; SSRCs of slots 5000…, the same for everybody. */
export function labMedia(options: LabMediaOptions = {}): NegotiatedMedia {
  const order: readonly SourceKind[] = ['microphone', 'camera', 'screen'];
  const video = CODECS[options.codec ?? 'VP8'];
  const codecOf = (isAudio: boolean) =>
    isAudio ? CODECS.opus : options.rtx ? { ...video, rtxPayloadType: video.payloadType + 1 } : video;
  const sources = (options.sources ?? ['microphone', 'camera']).map((kind) => {
    const isAudio = kind === 'microphone';
    const rids = isAudio ? [] : (options.simulcast ?? []);
    const ssrc = (options.ssrc ?? 100) + order.indexOf(kind);
    return {
      mid: kind,
      kind,
      codecs: [codecOf(isAudio)],
      ssrc: rids.length === 0 ? ssrc : undefined,
      rtxSsrc: options.rtx && !isAudio && rids.length === 0 ? ssrc + 50 : undefined,
      rids,
      muted: options.muted?.includes(kind) ?? false,
    };
  });
  const slot = (kind: 'audio' | 'video', i: number) => {
    const ssrc = 5000 + (kind === 'audio' ? 0 : 100) + i;
    return {
      mid: `${kind[0]}${i}`,
      kind,
      codecs: [codecOf(kind === 'audio')],
      ssrc,
      rtxSsrc: options.rtx && kind === 'video' ? ssrc + 50 : undefined,
      nack: kind === 'video',
    };
  };
  return {
    sources,
    slots: [
      ...Array.from({ length: options.audioSlots ?? 2 }, (_, i) => slot('audio', i)),
      ...Array.from({ length: options.videoSlots ?? 2 }, (_, i) => slot('video', i)),
    ],
    extensions: {
      mid: 4,
      rid: options.simulcast === undefined ? 0 : 10,
      repairedRid: options.simulcast === undefined ? 0 : 11,
      audioLevel: 1,
      transportSequenceNumber: 3,
      videoOrientation: 13,
      dependencyDescriptor: 12,
      ...options.extensions,
    },
    cname: 'lab',
  };
}
