/** A meeting for tests of layers and demand: cameras that send simulcast as a browser does, and subscribers with REMB. */
import type { ParticipantId } from '../../../common/ids.ts';
import type { MeetingParticipant } from '../meeting-participant.ts';
import type { EncodingDemand, SourceKind, ViewEntry } from '../negotiated.ts';
import { MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { rtpPacket } from '../packet-path-test-rtp.ts';

export const FRAME_MS = 40;
const PACKET_BYTES = 1000;
/** Bits per second and heights of the encodings of a camera, without headers. */
export const CAMERA = [
  { rid: 'l', height: 180, bitrateBps: 150_000 },
  { rid: 'm', height: 360, bitrateBps: 500_000 },
  { rid: 'h', height: 720, bitrateBps: 1_500_000 },
] as const;

type Encoding = (typeof CAMERA)[number];

/** Sends what is wanted of it, each FRAME_MS. */
export interface LabCamera {
  readonly name: string;
  readonly kind: SourceKind;
  /** `demand` as its publisher was told; undefined: everything. */
  frame(demand: readonly EncodingDemand[] | undefined): void;
  handleRtcp(bytes: Uint8Array): void;
}

/** Sends all encodings that are wanted of it, a key frame when one is asked for or an encoding begins. */
class Camera implements LabCamera {
  readonly name: string;
  /** What it is able to send. */
  rids: readonly string[] = CAMERA.map(({ rid }) => rid);
  /** Every so many-th packet is lost on the way; 0: none. */
  losesEvery = 0;
  readonly #lab: MediaWorkerLab;
  readonly kind: SourceKind;
  readonly #ssrc: number;
  readonly #sequenceNumbers = new Map<string, number>();
  readonly #stopped = new Set<string>();
  #keyframeFor = new Set<number>();
  #frames = 0;
  #packets = 0;

  constructor(lab: MediaWorkerLab, name: string, kind: SourceKind, ssrc: number) {
    this.#lab = lab;
    this.name = name;
    this.kind = kind;
    this.#ssrc = ssrc;
  }

  frame(demand: readonly EncodingDemand[] | undefined): void {
    this.#frames++;
    CAMERA.forEach((encoding, i) => {
      const wanted = demand?.find(({ rid }) => rid === encoding.rid)?.active ?? true;
      if (wanted && this.rids.includes(encoding.rid)) this.#send(encoding, this.#ssrc + i);
      else this.#stopped.add(encoding.rid);
    });
  }

  handleRtcp(bytes: Uint8Array): void {
    for (const ssrc of keyframeRequests(bytes)) this.#keyframeFor.add(ssrc);
  }

  #send({ rid, height, bitrateBps }: Encoding, ssrc: number): void {
    const isKeyframe = !this.#sequenceNumbers.has(rid) || this.#stopped.delete(rid) || this.#keyframeFor.delete(ssrc);
    const width = (height * 16) / 9;
    const key = [0, 0, 0, 0x9d, 0x01, 0x2a, width & 0xff, width >> 8, height & 0xff, height >> 8];
    const start = isKeyframe ? [0x10, ...key] : [0x10, 1, 0, 0];
    let left = (bitrateBps * FRAME_MS) / 8000;
    for (let first = true; left > 0; first = false, left -= PACKET_BYTES) {
      const payload = new Array<number>(Math.max(12, Math.min(PACKET_BYTES, left) | 0)).fill(7);
      payload.splice(0, first ? start.length : 1, ...(first ? start : [0]));
      const marker = left <= PACKET_BYTES;
      this.#emit(rid, { ssrc, timestamp: this.#frames * 90 * FRAME_MS, marker, payload });
    }
  }

  #emit(rid: string, fields: { ssrc: number; timestamp: number; marker: boolean; payload: readonly number[] }): void {
    const sequenceNumber = ((this.#sequenceNumbers.get(rid) ?? 0) + 1) & 0xffff;
    this.#sequenceNumbers.set(rid, sequenceNumber);
    if (this.losesEvery > 0 && ++this.#packets % this.losesEvery === 0) return;
    const text = (value: string): number[] => [...Buffer.from(value)];
    const extensions = [
      { id: 4, bytes: text(this.kind) },
      { id: 10, bytes: text(rid) },
    ];
    this.#lab.receive(this.name, rtpPacket({ ...fields, sequenceNumber, extensions }));
  }
}

/** SSRCs that picture loss indications (RFC 4585 section 6.3.1) are about, anywhere in the RTCP packet. */
export function keyframeRequests(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const ssrcs: number[] = [];
  for (let at = 0; at + 4 <= bytes.length; at += 4 * (view.getUint16(at + 2) + 1)) {
    if (bytes[at] === 0x81 && bytes[at + 1] === 206) ssrcs.push(view.getUint32(at + 8));
  }
  return ssrcs;
}

export class AllocationLab {
  readonly lab: MediaWorkerLab;
  readonly cameras: LabCamera[] = [];
  /** By subscriber: what his receiver says once a second that it can take. */
  readonly rembBps = new Map<string, number>();
  /** Bytes of RTP that each was sent in the last `run`. */
  readonly sentBytes = new Map<string, number>();
  #sequence = 0;
  readonly #settleMs: number;

  /** `settleMs`: time that passes here whenever somebody enters. */
  constructor(lab = new MediaWorkerLab({ remembers: false }), settleMs = 50) {
    this.lab = lab;
    this.#settleMs = settleMs;
  }

  /** Joins with a microphone and a camera of three encodings. */
  publisher(name: string, kind: SourceKind = 'camera'): Camera {
    const ssrc = 1000 * (this.cameras.length + 1);
    const media = labMedia({
      ssrc,
      sources: ['microphone', kind],
      simulcast: CAMERA.map(({ rid }) => rid),
      videoSlots: 0,
    });
    this.lab.enter(name, media, 'm', this.#settleMs);
    const camera = new Camera(this.lab, name, kind, ssrc + 10);
    this.cameras.push(camera);
    return camera;
  }

  /** A second connection of a publisher, under the name `by`, with a camera that sends everything. */
  secondConnection(name: string, by: string): void {
    const ssrc = 1000 * (this.cameras.length + 1);
    const media = labMedia({ ssrc, simulcast: CAMERA.map(({ rid }) => rid), videoSlots: 0 });
    const refusal = this.lab.openConnection(name, by, media);
    if (refusal !== undefined) throw new Error(refusal);
    this.lab.connect(name, by);
    this.cameras.push(new Camera(this.lab, by, 'camera', ssrc + 10));
  }

  subscriber(name: string, videoSlots = 1): MeetingParticipant {
    const media = labMedia({ ssrc: 90_000 + this.#sequence++, sources: [], videoSlots });
    this.lab.enter(name, media, 'm', this.#settleMs);
    return this.participant(name);
  }

  participant(name: string): MeetingParticipant {
    const participant = this.lab.registry.participants.get(name as ParticipantId);
    if (participant === undefined) throw new Error(`${name} is not here`);
    return participant;
  }

  view(name: string, mid: string, entry: Partial<ViewEntry>): void {
    const view = { mid, source: 'auto', maxHeight: undefined, maxFps: undefined, ...entry } as const;
    this.lab.registry.setView(name as ParticipantId, [view]);
  }

  run(seconds: number): void {
    this.sentBytes.clear();
    for (let frame = 0; frame < (seconds * 1000) / FRAME_MS; frame++) {
      if (frame % 25 === 0) for (const [name, bps] of this.rembBps) this.lab.receive(name, remb(bps));
      this.publish();
      this.lab.advance(FRAME_MS);
      this.collect();
    }
  }

  /** All cameras send a frame. */
  publish(): void {
    for (const camera of this.cameras) camera.frame(this.lab.demands.get(`${camera.name}/${camera.kind}`));
    this.lab.run();
  }

  /** Takes what was sent. */
  collect(): void {
    this.#readRtcp();
    for (const { to, bytes } of this.lab.rtp.splice(0)) {
      this.sentBytes.set(to, (this.sentBytes.get(to) ?? 0) + bytes.length);
    }
  }

  /** What `name` is being sent, slot by slot: participant and encoding, `-` for nothing. */
  shown(name: string): string {
    return this.participant(name)
      .slotsOf('video')
      .map(({ slot }) =>
        slot.rendition === undefined ? '-' : `${slot.source?.participant}:${slot.rendition.run.stream.rid}`,
      )
      .join(' ');
  }

  /** Which encodings the publisher was told to send, e.g. `l m360 -`. */
  demand(name: string): string {
    const demand = this.lab.demands.get(`${name}/camera`) ?? CAMERA.map(({ rid }) => ({ rid, active: true }));
    return demand
      .map((encoding) =>
        encoding.active ? `${encoding.rid}${'maxHeight' in encoding ? (encoding.maxHeight ?? '') : ''}` : '-',
      )
      .join(' ');
  }

  #readRtcp(): void {
    for (const { to, bytes } of this.lab.rtcp.splice(0)) {
      this.cameras.find(({ name }) => name === to)?.handleRtcp(bytes);
    }
  }
}

/** REMB (draft-alvestrand-rmcat-remb-03 section 2.2) of a multiple of 2^10 b/s. */
export function remb(bitrateBps: number): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x8fce);
  view.setUint16(2, 5);
  view.setUint32(4, 1);
  view.setUint32(12, 0x52454d42);
  const mantissa = Math.min(0x3ffff, Math.round(bitrateBps / 1024));
  view.setUint32(16, (1 << 24) | (10 << 18) | mantissa);
  view.setUint32(20, 5100);
  return bytes;
}
