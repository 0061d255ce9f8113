/** For tests: a whole worker on which ann sends a camera in three encodings, and vic watches it in one slot. */
import { expect } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import type { Slot, SlotTarget } from '../egress/slot.ts';
import type { SentRtp } from '../packet-path-test-engine.ts';
import { MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { framesOf, undecodable, Vp8Encoder } from './simulcast-test-lab.ts';
import type { Source } from './source.ts';

export const RIDS = ['l', 'm', 'h'] as const;
export type Rid = (typeof RIDS)[number];
export const FRAME_MS = 33;

/** ann sends three encodings, vic watches in v0. The allocator never runs: tests set the target. */
export class Scene {
  readonly lab = new MediaWorkerLab({ storeSlots: 512 });
  readonly encoders: Record<Rid, Vp8Encoder>;
  ms = 0;

  constructor(options: { readonly rtx?: boolean } = {}) {
    const rtx = options.rtx ?? false;
    this.lab.enter('vic', labMedia({ sources: [], audioSlots: 0, videoSlots: 1, rtx }));
    this.lab.enter('ann', labMedia({ sources: ['camera'], audioSlots: 0, videoSlots: 0, simulcast: RIDS }));
    this.encoders = {
      l: new Vp8Encoder({
        rid: 'l',
        ssrc: 301,
        height: 180,
        sequenceNumber: 65_500,
        timestamp: 7,
        pictureId: 32_700,
        zeroIndex: 250,
      }),
      m: new Vp8Encoder({
        rid: 'm',
        ssrc: 302,
        height: 360,
        sequenceNumber: 20,
        timestamp: 0xffff0000,
        pictureId: 5,
        zeroIndex: 9,
      }),
      h: new Vp8Encoder({
        rid: 'h',
        ssrc: 303,
        height: 720,
        sequenceNumber: 9000,
        timestamp: 5e8,
        pictureId: 900,
        zeroIndex: 77,
      }),
    };
    this.target('best');
  }
  get slot(): Slot {
    const slot = this.lab.registry.participants.get('vic' as ParticipantId)?.slots[0]?.slot;
    if (slot === undefined) throw new Error('vic has no slot');
    return slot;
  }
  get source(): Source {
    const source = this.lab.registry.participants.get('ann' as ParticipantId)?.sources[0];
    if (source === undefined) throw new Error('ann has no camera');
    return source;
  }
  target(target: SlotTarget): void {
    this.slot.setTarget(this.lab.nowUs, target, 'test');
  }
  /** Whether the publisher would have got a key-frame request by now. */
  isAsked(rid: Rid): boolean {
    const stream = this.source.encodings.find((encoding) => encoding.rid === rid)?.stream;
    return stream?.keyframeRequest.take(this.lab.nowUs) ?? false;
  }
  /** One capture: a frame of each of `rids`, a key frame where asked for or named. */
  capture(rids: readonly Rid[] = RIDS, keyframes: readonly Rid[] = [], packets = 2): void {
    for (const rid of rids) {
      const frame = this.encoders[rid].frame(this.ms, this.isAsked(rid) || keyframes.includes(rid), packets);
      for (const packet of frame) this.lab.receive('ann', packet);
    }
    this.tick();
  }
  tick(): void {
    this.lab.run();
    this.ms += FRAME_MS;
    this.lab.nowUs += FRAME_MS * 1000;
  }
  captures(count: number, rids: readonly Rid[] = RIDS): void {
    for (let i = 0; i < count; i++) this.capture(rids);
  }
  take(): SentRtp[] {
    return this.lab.takeRtp('vic');
  }
}

export function full(rid: Rid, temporal = 2): SlotTarget {
  return { rid, spatial: 0, temporal };
}

/** Without loss: every number once and the next one each time, everything decodable, nothing goes back. */
export function expectContinuous(sent: readonly SentRtp[]): void {
  sent.forEach(({ index, header }, i) => {
    const before = sent[i - 1];
    if (before === undefined) return;
    expect(index).toBe(before.index + 1);
    expect((header.timestamp - before.header.timestamp) | 0).toBeGreaterThanOrEqual(0);
  });
  const frames = framesOf(sent);
  expect(undecodable(frames)).toEqual([]);
  frames.forEach((frame, i) => {
    const before = frames[i - 1];
    if (before === undefined) return;
    expect(frame.isWhole).toBe(true);
    expect((frame.timestamp - before.timestamp) | 0).toBeGreaterThan(0);
    expect(frame.pictureId).toBe((before.pictureId + 1) & 0x7fff);
    expect(frame.zeroIndex).toBe((before.zeroIndex + Number(frame.temporal === 0)) & 0xff);
  });
}

export const heights = (sent: readonly SentRtp[]) =>
  framesOf(sent).map(({ encoder }) => ({ 45: 'l', 46: 'm', 47: 'h' })[encoder]);
