/** A gate over a plain plan for tests: records that name themselves by their SSRC and number, and whoever reads them. */
import { EgressGate, type GateClient, type GateRoom, Priority } from './egress-gate.ts';
import { EGRESS_WORDS, EgressKind, EgressPlan } from './egress-plan.ts';
import { writePadding } from './padding-writer.ts';
import { RtxStream } from './rtx-stream.ts';
import type { UnusedNumbers } from './unused-numbers.ts';

export interface Left {
  readonly nowUs: number;
  readonly handle: number;
  readonly ssrc: number;
  /** RTP sequence number. */
  readonly sequence: number;
  readonly timestamp: number;
  /** Transport-wide number; undefined when the record has no patch. */
  readonly number: number | undefined;
  readonly sizeBytes: number;
  /** The header block as it leaves, patched. */
  readonly block: Uint8Array;
}

export interface SentNumber {
  readonly nowUs: number;
  readonly number: number;
  readonly sizeBytes: number;
  readonly cluster: number;
}

/** Where the number goes in the lab's block: one-byte extension 3, behind the block's header. */
export const LAB_PATCH = 5;
const BLOCK = [0xbe, 0xde, 0, 1, 0x31, 0, 0, 0];
const PAYLOAD_BYTES = 1000;

export class PacerLab implements GateRoom, GateClient {
  readonly plan = new EgressPlan();
  readonly gate: EgressGate;
  nowUs = 1_000_000_000;
  readonly left: Left[] = [];
  readonly sent: SentNumber[] = [];
  readonly shed: number[] = [];
  /** Last number and count of what was told with each of them. */
  readonly unused: [number, number][] = [];
  readonly ranks = new Map<number, number>();
  /** Undefined: the transport has no stream for padding. */
  paddingStream: RtxStream | undefined = new RtxStream(0x9999);
  readonly #sequences = new Map<number, number>();

  constructor(poolCapacity?: number) {
    this.gate = new EgressGate(poolCapacity);
  }

  open(handle: number, pacingBps: number, transportNumbers = true): this {
    this.gate.open(handle, {
      transportNumbers,
      recorder: {
        handleSent: (nowUs, number, sizeBytes, cluster) => this.sent.push({ nowUs, number, sizeBytes, cluster }),
      },
      client: this,
    });
    this.gate.setRate(handle, pacingBps);
    return this;
  }

  /** One packet of `sizeBytes` in all, as the fan-out writes it. Whether it left at once. */
  send(handle: number, ssrc: number, options: SendOptions = {}): boolean {
    const { plan } = this;
    const next = this.#sequences.get(ssrc) ?? 0;
    const sequence = (options.sequence ?? next) & 0xffff;
    if (options.sequence === undefined) this.#sequences.set(ssrc, next + 1);
    const block = options.block === false ? [] : BLOCK;
    const side = options.inRing === false ? plan.reserveSide(block.length) : plan.openBlock(block.length);
    plan.side.set(block, side);
    if (options.inRing !== false) plan.closeBlock(block.length);
    // The last bytes of the block tell packets apart whose blocks lie elsewhere meanwhile.
    if (block.length > 0) plan.side[side + 7] = sequence & 0xff;
    const at = plan.count * EGRESS_WORDS;
    const timestamp = options.timestamp ?? 0;
    plan.rtp(handle, 0, 0, 0, PAYLOAD_BYTES, 0x90600000 + sequence, timestamp, ssrc, 0, side, block.length, 0);
    const sizeBytes = options.sizeBytes ?? 1000;
    const priority = options.priority ?? Priority.video;
    const patch = options.patch ?? LAB_PATCH;
    const admitted = this.gate.admit(this.nowUs, handle, plan, at, sizeBytes, priority, patch);
    if (!admitted) plan.count--;
    return admitted;
  }

  /** Lets `ms` pass in steps of the pacing interval, with what leaves. */
  advance(ms: number, stepMs = 5): void {
    for (let left = ms; left > 0; left -= stepMs) {
      this.flush();
      this.nowUs += Math.min(stepMs, left) * 1000;
      this.gate.release(this.nowUs, this);
    }
    this.flush();
  }

  makeRoom(records: number, sideBytes: number): void {
    if (!this.plan.hasRoom(records, sideBytes)) this.flush();
  }

  flush(): void {
    const { words, side } = this.plan;
    for (let i = 0; i < this.plan.count; i++) {
      const at = i * EGRESS_WORDS;
      const kind = words[at] as number;
      if ((kind & 0xff) !== EgressKind.rtp) throw new Error('not RTP');
      const patch = (kind >>> 8) & 0xff;
      const number = patch === 0 ? undefined : (words[at + 11] as number) >>> 16;
      const sideOffset = words[at + 9] as number;
      const sizes = words[at + 10] as number;
      const block = side.slice(sideOffset, sideOffset + (sizes >>> 16));
      if (number !== undefined) block.set([number >>> 8, number & 0xff], patch);
      this.left.push({
        nowUs: this.nowUs,
        handle: words[at + 1] as number,
        ssrc: words[at + 7] as number,
        sequence: (words[at + 5] as number) & 0xffff,
        timestamp: words[at + 6] as number,
        number,
        sizeBytes: 12 + (sizes >>> 16) + (sizes & 0xffff) + ((words[at + 4] as number) & 0xffff),
        block,
      });
    }
    this.plan.clear();
  }

  take(): Left[] {
    this.flush();
    return this.left.splice(0);
  }

  writePadding(_nowUs: number, out: EgressPlan): number {
    return this.paddingStream === undefined ? 0 : writePadding(out, 1, this.paddingStream, 97, 0, 3);
  }
  shedRank(ssrc: number): number {
    return this.ranks.get(ssrc) ?? 0;
  }
  handleShed(_nowUs: number, ssrc: number, { last, count }: UnusedNumbers): void {
    this.shed.push(ssrc);
    this.unused.push([last, count]);
  }
}

export interface SendOptions {
  /** RTP sequence number, when it is not the next one. */
  readonly sequence?: number;
  readonly sizeBytes?: number;
  readonly priority?: Priority;
  readonly timestamp?: number;
  /** Offset of the transport-wide number; 0 for none. */
  readonly patch?: number;
  /** Default true: there is a header block. */
  readonly block?: boolean;
  /** Default true: the header block outlives the flush by itself. */
  readonly inRing?: boolean;
}
