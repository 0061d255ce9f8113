/**
 * THE order of the stages a packet goes through, from the socket to the socket. Read `handleBatch` top to bottom: it is
 * a packet's way. Every packet that comes in ends in exactly one of the counters `forwarded`, `consumed` or
 * `drops[reason]`; docs/packet-path.md says where each can end.
 */
import { DROP_REASON_COUNT, DropReason } from './drop-reason.ts';
import type { EgressGate } from './egress/egress-gate.ts';
import type { EgressPlan } from './egress/egress-plan.ts';
import type { PacketStore } from './egress/packet-store.ts';
import { StoredPackets } from './egress/stored-packets.ts';
import type { Speaker } from './forward/active-speaker.ts';
import { IncomingPacket } from './forward/incoming-packet.ts';
import type { PlanRoom } from './forward/plan-room.ts';
import type { Source } from './forward/source.ts';
import type { IngressStream } from './ingress/ingress-stream.ts';
import { restoreOriginal } from './ingress/restore-original.ts';
import { INGRESS_CAPACITY, type IngressBatch, SLOT_BYTES, Unprotect } from './ingress-batch.ts';
import type { ExtensionIds } from './negotiated.ts';
import type { RemoteAddress } from './remote-address.ts';
import { readAudioLevel } from './rtp/audio-level.ts';
import { readUint16 } from './rtp/bytes.ts';
import { ByteRange, findExtension } from './rtp/header-extensions.ts';
import { parseRtpHeader, type RtpHeader } from './rtp/rtp-header.ts';
import { parseStun } from './stun/stun-message.ts';
import { MAX_BINDING_RESPONSE_BYTES } from './stun/stun-writer.ts';
import { classify, Protocol } from './transport/demux.ts';
import { PROBE_PREFIX, ProbeResponder } from './transport/probe-responder.ts';
import type { Transport } from './transport/transport.ts';

/** What the packet path needs of the engine. */
export interface PacketIo extends PacketStore {
  readonly ingress: IngressBatch;
  readonly plan: EgressPlan;
  unprotect(count: number): void;
  /** Sends and clears the plan; returns the number of packets that went out. */
  flush(): number;
}

/** Who is at the other end of a transport: a peer, or another worker (a trunk). */
export interface MediaPeer {
  readonly transport: Transport;
  /** The ids under which he sends header extensions. */
  readonly extensions: ExtensionIds;
  readonly resolver: { resolve(bytes: Uint8Array, header: RtpHeader): IngressStream | undefined };
  /** Whose voice his audio is; undefined where another worker judges that. */
  readonly speaker: Speaker | undefined;
  sourceOf(stream: IngressStream): Source | undefined;
}

/** Who the packets belong to. */
export interface PeerDirectory {
  /** Index: transport handle. */
  readonly byHandle: readonly (MediaPeer | undefined)[];
  byUfrag(ufrag: string): MediaPeer | undefined;
  readonly gate: EgressGate;
}

/** Room that one call into a transport may need at most: RTCP of all its streams, a DTLS flight, a STUN answer. */
const TRANSPORT_RECORDS = 512;
const TRANSPORT_SIDE_BYTES = 256 * 1024;

export class PacketPath implements PlanRoom {
  /** Packets that came in. */
  received = 0;
  /** RTP packets that at least one slot got. */
  forwarded = 0;
  /** STUN, DTLS and RTCP packets that a transport took. */
  consumed = 0;
  /** Packets that came in and went nowhere, by DropReason. */
  readonly drops = new Float64Array(DROP_REASON_COUNT);
  /** Records given to the engine; it sent or dropped each of them. */
  planned = 0;
  /** Of the call that is going on. */
  nowUs = 0;
  readonly stored: StoredPackets;
  /** For those who are in no meeting yet. */
  readonly probes = new ProbeResponder();
  /** Packets the engine handed to the kernel. */
  sent = 0;
  readonly #io: PacketIo;
  readonly #directory: PeerDirectory;
  readonly #protocols = new Uint8Array(INGRESS_CAPACITY);
  readonly #packet = new IncomingPacket();
  readonly #range = new ByteRange();

  constructor(io: PacketIo, directory: PeerDirectory) {
    this.#io = io;
    this.#directory = directory;
    this.#packet.bytes = io.store;
    this.stored = new StoredPackets(io);
  }

  get plan(): EgressPlan {
    return this.#io.plan;
  }

  get gate(): EgressGate {
    return this.#directory.gate;
  }

  /** Records 0 to `count` − 1 of the engine's ingress batch have arrived. */
  handleBatch(count: number, nowUs: number): void {
    this.nowUs = nowUs;
    this.#demultiplex(count);
    this.#io.unprotect(count);
    for (let i = 0; i < count; i++) {
      const drop = this.#handle(i, nowUs);
      if (drop !== DropReason.none) (this.drops[drop] as number)++;
    }
    this.received += count;
    this.flush();
  }

  /** Sends what was planned. */
  flush(): void {
    this.planned += this.#io.plan.count;
    this.sent += this.#io.flush();
  }

  /** What has waited long enough goes to the plan; the caller flushes. Every PACING_INTERVAL_US while the gate is busy. */
  release(nowUs: number): void {
    this.nowUs = nowUs;
    if (this.gate.busy) this.gate.release(nowUs, this);
  }

  makeRoom(records: number, sideBytes: number): void {
    if (!this.#io.plan.hasRoom(records, sideBytes)) this.flush();
  }

  /** Room for whatever one call into a transport may write. */
  makeTransportRoom(): EgressPlan {
    this.makeRoom(TRANSPORT_RECORDS, TRANSPORT_SIDE_BYTES);
    return this.#io.plan;
  }

  #demultiplex(count: number): void {
    const { store, ingress } = this.#io;
    for (let i = 0; i < count; i++) {
      const offset = ingress.slot(i) * SLOT_BYTES;
      const protocol =
        ingress.sizeBytes(i) < 2 ? Protocol.unknown : classify(store[offset] as number, store[offset + 1] as number);
      this.#protocols[i] = protocol;
      const isMedia = ingress.transport(i) !== 0;
      if (protocol === Protocol.rtp && isMedia) ingress.requestUnprotect(i, Unprotect.rtp);
      else if (protocol === Protocol.rtcp && isMedia) ingress.requestUnprotect(i, Unprotect.rtcp);
      else ingress.requestUnprotect(i, Unprotect.no);
    }
  }

  #handle(i: number, nowUs: number): DropReason {
    const protocol = this.#protocols[i] as Protocol;
    if (protocol === Protocol.unknown) return DropReason.unknownProtocol;
    if (protocol === Protocol.stun) return this.#handleStun(i, nowUs);
    const peer = this.#directory.byHandle[this.#io.ingress.transport(i)];
    if (peer === undefined) return DropReason.unknownAddress;
    if (protocol === Protocol.rtp) return this.#handleRtp(i, peer);
    if (protocol === Protocol.rtcp) return this.#handleRtcp(i, nowUs, peer);
    return this.#handleDtls(i, nowUs, peer);
  }

  #handleRtp(i: number, peer: MediaPeer): DropReason {
    const { ingress } = this.#io;
    const refused = ingress.unprotectDrop(i) as DropReason; // the engine writes DropReason numbers
    if (refused !== DropReason.none) return refused;
    const packet = this.#packet;
    packet.storeSlot = ingress.slot(i);
    packet.generation = ingress.generation(i);
    packet.offset = packet.storeSlot * SLOT_BYTES;
    packet.sizeBytes = ingress.plainSizeBytes(i);
    packet.arrivalUs = ingress.arrivalUs(i);
    const { header } = packet;
    if (!parseRtpHeader(packet.bytes, packet.offset, packet.sizeBytes, header)) return DropReason.rtpMalformed;
    packet.index = ingress.rolloverCounter(i) * 65536 + header.sequenceNumber;
    this.#recordArrival(peer);
    const stream = peer.resolver.resolve(packet.bytes, header);
    if (stream === undefined) return DropReason.rtpNotNegotiated;
    if (!stream.receive(packet.arrivalUs, packet.index, header.timestamp, packet.sizeBytes)) {
      return DropReason.rtpPoliced;
    }
    const original = stream.repairs === undefined ? stream : restoreOriginal(packet, stream);
    return original === undefined ? DropReason.paddingOnly : this.#forward(peer, original);
  }

  #forward(peer: MediaPeer, stream: IngressStream): DropReason {
    const packet = this.#packet;
    const source = peer.sourceOf(stream);
    const encoding = source?.encodingOf(stream, packet.arrivalUs);
    if (source === undefined || encoding === undefined) return DropReason.rtpNotNegotiated;
    if (source.isAudio && !source.muted) this.#hear(peer);
    const drop = source.handlePacket(packet, encoding, this);
    if (drop === DropReason.none) this.forwarded++;
    return drop;
  }

  #recordArrival(peer: MediaPeer): void {
    const id = peer.extensions.transportSequenceNumber;
    if (id === 0) return;
    const packet = this.#packet;
    if (findExtension(packet.bytes, packet.header, id, this.#range) && this.#range.size >= 2) {
      peer.transport.recordTransportSequence(packet.arrivalUs, readUint16(packet.bytes, this.#range.offset));
    }
  }

  #hear(peer: MediaPeer): void {
    const id = peer.extensions.audioLevel;
    const packet = this.#packet;
    if (id === 0 || !findExtension(packet.bytes, packet.header, id, this.#range)) return;
    const level = readAudioLevel(packet.bytes, this.#range);
    if (level >= 0) peer.speaker?.handleLevel(level);
  }

  #handleRtcp(i: number, nowUs: number, peer: MediaPeer): DropReason {
    const { ingress, store } = this.#io;
    const refused = ingress.unprotectDrop(i) as DropReason; // the engine writes DropReason numbers
    if (refused !== DropReason.none) return refused;
    const out = this.makeTransportRoom();
    const offset = ingress.slot(i) * SLOT_BYTES;
    return this.#taken(
      peer.transport.handleRtcp(nowUs, store, offset, ingress.plainSizeBytes(i), out),
      DropReason.rtcpMalformed,
    );
  }

  #handleDtls(i: number, nowUs: number, peer: MediaPeer): DropReason {
    const { ingress, store } = this.#io;
    const out = this.makeTransportRoom();
    const offset = ingress.slot(i) * SLOT_BYTES;
    return this.#taken(
      peer.transport.handleDtls(nowUs, store, offset, ingress.sizeBytes(i), this.#address(i), out),
      DropReason.dtlsRefused,
    );
  }

  /** A check says itself whom it is for: a NAT may have given the address of one participant to another. */
  #handleStun(i: number, nowUs: number): DropReason {
    const { ingress, store } = this.#io;
    const offset = ingress.slot(i) * SLOT_BYTES;
    const size = ingress.sizeBytes(i);
    const directory = this.#directory;
    const message = parseStun(store, offset, size);
    const ufrag = message?.username?.split(':', 1)[0];
    // An answer to a check of ours names nobody, and comes from where the check went.
    const peer = ufrag === undefined ? directory.byHandle[ingress.transport(i)] : directory.byUfrag(ufrag);
    if (peer === undefined && message !== undefined && ufrag?.startsWith(PROBE_PREFIX) === true) {
      this.makeRoom(1, MAX_BINDING_RESPONSE_BYTES);
      const drop = this.probes.handle(nowUs, ufrag, message, this.#address(i), this.plan);
      return this.#taken(drop === DropReason.none, drop);
    }
    if (peer === undefined) return DropReason.stunInvalid;
    const out = this.makeTransportRoom();
    return this.#taken(
      peer.transport.handleStun(nowUs, store, offset, size, this.#address(i), out),
      DropReason.stunInvalid,
    );
  }

  #taken(taken: boolean, otherwise: DropReason): DropReason {
    if (!taken) return otherwise;
    this.consumed++;
    return DropReason.none;
  }

  /** Allocates: STUN and DTLS only. */
  #address(i: number): RemoteAddress {
    const { ingress } = this.#io;
    return { family: ingress.family(i), port: ingress.port(i), bytes: ingress.addressBytes(i) };
  }
}
