/** Test support: an engine whose received datagrams are kept, and helpers to make packets and keys. */
import { createHash } from 'node:crypto';
import { Unprotect } from '../media/ingress-batch.ts';
import type { RemoteAddress } from '../media/remote-address.ts';
import { PacketEngine } from './packet-engine.ts';
import { type SrtpKeys, type SrtpProfile, srtpKeySizes } from './srtp-keys.ts';

export interface Received {
  /** As they were in the store after `unprotect`, cut to the plain size when it held. */
  readonly bytes: Buffer;
  readonly transport: number;
  readonly drop: number;
  readonly rolloverCounter: number;
  readonly slot: number;
  readonly generation: number;
  readonly from: RemoteAddress;
  readonly arrivalUs: number;
  readonly nowUs: number;
}

/** What to ask of `unprotect`: RTCP packet types are 192 to 223 (RFC 5761 section 4). */
function request(first: number, second: number): Unprotect {
  if (first < 128 || first > 191) return Unprotect.no;
  return second >= 192 && second <= 223 ? Unprotect.rtcp : Unprotect.rtp;
}

export class EngineLab {
  readonly engine: PacketEngine;
  readonly received: Received[] = [];
  /** Called after each batch has been kept. */
  afterBatch: () => void = () => undefined;
  #arrived = Promise.withResolvers<void>();

  constructor(address = '127.0.0.1', storeSlots = 1024) {
    this.engine = new PacketEngine({
      address,
      port: 0,
      storeSlots,
      onBatch: (count, nowUs) => {
        this.#keep(count, nowUs);
        this.afterBatch();
        this.#arrived.resolve();
        this.#arrived = Promise.withResolvers<void>();
      },
    });
  }

  address(host: '127.0.0.1' | '::1' = '127.0.0.1'): RemoteAddress {
    const ipv4 = host === '127.0.0.1';
    const bytes = new Uint8Array(ipv4 ? 4 : 16);
    if (ipv4) bytes[0] = 127;
    bytes[bytes.length - 1] = 1;
    return { family: ipv4 ? 4 : 6, port: this.engine.port, bytes };
  }

  /** Waits until `count` datagrams have been received since the last call, and takes them. */
  async take(count: number): Promise<Received[]> {
    while (this.received.length < count) await this.#arrived.promise;
    return this.received.splice(0, count);
  }

  /** Sends bytes as they are to an address. */
  send(bytes: Uint8Array, to: RemoteAddress): number {
    this.#place(bytes, (offset) => this.engine.plan.datagramTo(to, offset, bytes.length));
    return this.engine.flush();
  }

  #place(bytes: Uint8Array, record: (offset: number) => void): void {
    const offset = this.engine.plan.reserveSide(bytes.length);
    this.engine.plan.side.set(bytes, offset);
    record(offset);
  }

  /** Adds plain RTCP for a transport to the plan. */
  rtcp(handle: number, bytes: Uint8Array): void {
    this.#place(bytes, (offset) => this.engine.plan.rtcp(handle, offset, bytes.length));
  }

  /** Puts a payload in a store slot and adds it to the plan as an RTP packet without extensions. */
  rtp(handle: number, slot: number, payload: Uint8Array, sequence: number, rolloverCounter = 0, ssrc = 0x1234): void {
    const { engine } = this;
    engine.store.set(payload, slot * 2048 + 12);
    const firstWord = (0x80600000 | sequence) >>> 0;
    const generation = engine.generation(slot);
    engine.plan.rtp(handle, slot, generation, 12, payload.length, firstWord, 3000, ssrc, rolloverCounter, 0, 0, 0);
  }

  #keep(count: number, nowUs: number): void {
    const { engine } = this;
    const { ingress, store } = engine;
    for (let i = 0; i < count; i++) {
      const at = ingress.slot(i) * 2048;
      ingress.requestUnprotect(
        i,
        request(store[at] as number, ingress.sizeBytes(i) > 1 ? (store[at + 1] as number) : 0),
      );
    }
    engine.unprotect(count);
    for (let i = 0; i < count; i++) {
      const at = ingress.slot(i) * 2048;
      const size = ingress.plainSizeBytes(i) || ingress.sizeBytes(i);
      this.received.push({
        bytes: Buffer.from(store.subarray(at, at + size)),
        transport: ingress.transport(i),
        drop: ingress.unprotectDrop(i),
        rolloverCounter: ingress.rolloverCounter(i),
        slot: ingress.slot(i),
        generation: ingress.generation(i),
        from: { family: ingress.family(i), port: ingress.port(i), bytes: ingress.addressBytes(i) },
        arrivalUs: ingress.arrivalUs(i),
        nowUs,
      });
    }
  }
}

/** Bytes that look random and are the same in every run. */
export function seededBytes(seed: string, sizeBytes: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 0; i * 32 < sizeBytes; i++) blocks.push(createHash('sha256').update(`${seed} ${i}`).digest());
  return Buffer.concat(blocks).subarray(0, sizeBytes);
}

/** Keys of the two ends of one transport. */
export function keyPair(profile: SrtpProfile, seed = 'keys'): { readonly ours: SrtpKeys; readonly theirs: SrtpKeys } {
  const sizes = srtpKeySizes(profile);
  const ingressKey = seededBytes(`${seed} a`, sizes.key);
  const ingressSalt = seededBytes(`${seed} b`, sizes.salt);
  const egressKey = seededBytes(`${seed} c`, sizes.key);
  const egressSalt = seededBytes(`${seed} d`, sizes.salt);
  return {
    ours: { profile, ingressKey, ingressSalt, egressKey, egressSalt },
    theirs: { profile, ingressKey: egressKey, ingressSalt: egressSalt, egressKey: ingressKey, egressSalt: ingressSalt },
  };
}

/** A plain RTP packet: 12-byte header and payload. */
export function rtpPacket(sequence: number, payload: Uint8Array, ssrc = 0x1234): Buffer {
  const packet = Buffer.alloc(12 + payload.length);
  packet.writeUInt16BE(0x8060, 0);
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(3000, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet.set(payload, 12);
  return packet;
}
