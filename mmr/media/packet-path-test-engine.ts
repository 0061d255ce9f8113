/**
 * The packet engine for tests: plain arrays in place of sockets. Its SRTP is no encryption but keeps roll-over counters,
 * refuses replays, and remembers every index that went out.
 */
import { DROP_REASON_COUNT, DropReason } from './drop-reason.ts';
import { EGRESS_WORDS, EgressKind, EgressPlan } from './egress/egress-plan.ts';
import { INGRESS_WORDS, IngressBatch, SLOT_BYTES, Unprotect } from './ingress-batch.ts';
import type { TransportIo } from './meeting-registry.ts';
import type { PacketIo } from './packet-path.ts';
import type { RemoteAddress } from './remote-address.ts';
import { writeUint16, writeUint32 } from './rtp/bytes.ts';
import { parseRtpHeader, type RtpHeader, RtpHeader as RtpView } from './rtp/rtp-header.ts';
import { Widener } from './rtp/serial.ts';
import type { DtlsRole, DtlsSession } from './transport/dtls-session.ts';
import { addressKey } from './transport/remote-addresses.ts';
import { ScriptedDtls } from './transport/transport-test-lab.ts';

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

export interface TestEngineOptions {
  readonly storeSlots?: number;
  /** Whether every index and its content are kept, to catch a nonce that is used twice. Long runs cannot afford it. */
  readonly remembers?: boolean;
  /** A trunk's: everything that it sends, to where it goes. Without it, that is forgotten. */
  readonly onTrunkPacket?: (to: RemoteAddress, bytes: Uint8Array, kind: number) => void;
  readonly openDtls?: (role: DtlsRole) => DtlsSession;
  /** Whether a transport is a trunk's, by its handle. */
  readonly isTrunk: (handle: number) => boolean;
}

export class TestEngine implements PacketIo, TransportIo {
  readonly store: Uint8Array;
  readonly ingress = new IngressBatch();
  readonly plan = new EgressPlan();
  /** What was sent, oldest first. */
  readonly rtp: SentRtp[] = [];
  readonly rtcp: { readonly to: string; readonly bytes: Uint8Array }[] = [];
  readonly drops = new Float64Array(DROP_REASON_COUNT);
  readonly openTransports = new Set<number>();
  /** SSRCs whose state the engine was told to let go. */
  readonly forgottenStreams: number[] = [];
  /** Who is behind a transport's handle, for what is sent to him. */
  readonly names = new Map<number, string>();
  /** Makes `unprotect` refuse the next packets for this reason. */
  unprotectRefuses: DropReason = DropReason.none;
  readonly #options: TestEngineOptions;
  readonly #generations: Uint32Array;
  readonly #remembers: boolean;
  readonly #destinations = new Map<number, RemoteAddress>();
  #nextSlot = 0;
  #nextHandle = 1;
  readonly #owners = new Map<string, number>();
  readonly #wideners = new Map<string, { widener: Widener; seen: Set<number> }>();
  readonly #sealed = new Map<string, string>();
  readonly #ingressBytes = new Uint8Array(this.ingress.words.buffer);
  readonly #ingressFloats = new Float64Array(this.ingress.words.buffer);

  constructor(options: TestEngineOptions) {
    this.#options = options;
    this.#remembers = options.remembers ?? true;
    const storeSlots = options.storeSlots ?? 4096;
    this.store = new Uint8Array(storeSlots * SLOT_BYTES);
    this.#generations = new Uint32Array(storeSlots);
  }

  generation(slot: number): number {
    return this.#generations[slot] as number;
  }

  openTransport(): number {
    this.openTransports.add(this.#nextHandle);
    return this.#nextHandle++;
  }

  closeTransport(handle: number): void {
    this.names.delete(handle);
    this.openTransports.delete(handle);
  }

  addRemote(handle: number, address: RemoteAddress): void {
    this.#owners.set(addressKey(address), handle);
  }

  removeRemote(address: RemoteAddress): void {
    this.#owners.delete(addressKey(address));
  }

  setDestination(handle: number, address: RemoteAddress): void {
    this.#destinations.set(handle, address);
  }

  setSrtpKeys(): void {}

  openDtls(_handle: number, role: DtlsRole): DtlsSession {
    return this.#options.openDtls?.(role) ?? new ScriptedDtls();
  }

  forgetStream(_handle: number, ssrc: number): void {
    this.forgottenStreams.push(ssrc);
  }

  /** A datagram that has come in, as record `i` of the batch. */
  fillRecord(i: number, address: RemoteAddress, bytes: Uint8Array, nowUs: number): void {
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
    this.#ingressFloats[at / 2 + 5] = nowUs;
  }

  /** Tags hold unless a test says otherwise, each index is accepted once. */
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
    const to = this.names.get(words[at + 1] as number) ?? `trunk ${words[at + 1]}`;
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
    this.#options.onTrunkPacket?.(to, bytes, kind);
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
    return this.#options.isTrunk(handle) ? this.#destinations.get(handle) : undefined;
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
}

/** As the engine does it: offset 0 is no patch. */
function patch(packet: Uint8Array, block: number, offset: number, value: number): void {
  if (offset !== 0) writeUint16(packet, block + offset, value);
}
