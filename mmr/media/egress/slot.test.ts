import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import { MAX_SEQUENCE_GAP } from '../forward/encoding.ts';
import type { SentRtp } from '../packet-path-test-engine.ts';
import { LAB_START_US, MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { type RtpFields, rtpPacket, VP8_DELTA, VP8_KEY } from '../packet-path-test-rtp.ts';
import type { Slot } from './slot.ts';

/** Where slots of SSRC 5100 begin: its low 15 bits. */
const FIRST = 5100;

/** ann and ben publish, vic watches in one video slot (v0). */
class Scene {
  readonly lab = new MediaWorkerLab({ storeSlots: 512 });

  constructor() {
    this.lab.enter('vic', labMedia({ sources: [], audioSlots: 1, videoSlots: 1 }));
    this.lab.enter('ann', labMedia({ ssrc: 100, audioSlots: 0, videoSlots: 0 }));
    this.lab.enter('ben', labMedia({ ssrc: 200, audioSlots: 0, videoSlots: 0 }));
    this.watch('ann');
  }
  watch(name: string | undefined): void {
    const source = name === undefined ? 'off' : ({ participant: name, kind: 'camera' } as const);
    this.lab.registry.setView('vic' as ParticipantId, [{ mid: 'v0', source, maxHeight: undefined, maxFps: undefined }]);
    this.lab.advance(20);
  }
  send(name: 'ann' | 'ben', fields: Omit<RtpFields, 'ssrc'> & { readonly ssrc?: number }): SentRtp | undefined {
    this.lab.receive(name, rtpPacket({ ssrc: name === 'ann' ? 101 : 201, ...fields }));
    this.lab.run();
    return this.lab.takeRtp('vic').at(-1);
  }
  get slot(): Slot {
    const slot = this.lab.registry.participants.get('vic' as ParticipantId)?.slots[1]?.slot;
    if (slot === undefined) throw new Error('vic has no video slot');
    return slot;
  }
}

describe('a slot is one stream, whatever feeds it', () => {
  test('numbers go on across the source’s wrap-around', () => {
    const scene = new Scene();
    const sent = [65_533, 65_534, 65_535, 0, 1, 2].map((sequenceNumber, i) =>
      scene.send('ann', {
        sequenceNumber,
        timestamp: (0xffffff00 + i * 3000) >>> 0,
        payload: i === 0 ? VP8_KEY : VP8_DELTA,
      }),
    );
    expect(sent.map((packet) => packet?.index)).toEqual([0, 1, 2, 3, 4, 5].map((i) => FIRST + i));
    const timestamps = sent.map((packet) => packet?.header.timestamp ?? 0);
    const steps = timestamps.slice(1).map((timestamp, i) => (timestamp - (timestamps[i] ?? 0)) >>> 0);
    expect(steps).toEqual([3000, 3000, 3000, 3000, 3000]);
  });

  test('the roll-over counter goes up when the slot’s own numbers wrap', () => {
    const scene = new Scene();
    const wrong: number[] = [];
    for (let first = 0; first < 70_000; first += 250) {
      for (let i = first; i < first + 250; i++) {
        const payload = i === 0 ? VP8_KEY : VP8_DELTA;
        scene.lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: i & 0xffff, timestamp: i * 90, payload }));
      }
      scene.lab.nowUs += 250_000;
      scene.lab.run();
      scene.lab.takeRtp('vic').forEach(({ index }, i) => {
        if (index !== FIRST + first + i) wrong.push(index);
      });
    }
    expect(scene.slot.packetsSent).toBe(70_000);
    expect(wrong).toEqual([]);
  });

  test('another source begins with its key frame, right after the last number, later by the time that passed', () => {
    const scene = new Scene();
    scene.send('ann', { sequenceNumber: 10, timestamp: 1000, payload: VP8_KEY });
    const last = scene.send('ann', { sequenceNumber: 11, timestamp: 4000 });
    scene.watch('ben');
    expect(scene.send('ben', { sequenceNumber: 900, timestamp: 77 })).toBeUndefined();
    scene.lab.nowUs += 80_000; // 100 ms in all since ann's last packet
    const first = scene.send('ben', { sequenceNumber: 901, timestamp: 3077, payload: VP8_KEY });
    expect(first?.index).toBe((last?.index ?? 0) + 1);
    expect((first?.header.timestamp ?? 0) - (last?.header.timestamp ?? 0)).toBe(9000);
  });

  test('late packets of the earlier source, and of the new one from before its key frame, are not sent', () => {
    const scene = new Scene();
    scene.send('ann', { sequenceNumber: 10, payload: VP8_KEY });
    scene.watch('ben');
    scene.send('ben', { sequenceNumber: 50, payload: VP8_KEY });
    expect(scene.send('ann', { sequenceNumber: 9 })).toBeUndefined();
    expect(scene.send('ann', { sequenceNumber: 11 })).toBeUndefined();
    expect(scene.send('ben', { sequenceNumber: 49 })).toBeUndefined();
    expect(scene.send('ben', { sequenceNumber: 51 })?.index).toBe(FIRST + 2);
    expect(scene.slot.packetsSent).toBe(3);
  });

  test('a gap of the source shows, and a late packet fills it', () => {
    const scene = new Scene();
    scene.send('ann', { sequenceNumber: 10, payload: VP8_KEY });
    expect(scene.send('ann', { sequenceNumber: 13 })?.index).toBe(FIRST + 3);
    expect(scene.send('ann', { sequenceNumber: 11 })?.index).toBe(FIRST + 1);
    expect(scene.send('ann', { sequenceNumber: 11 })).toBeUndefined();
  });

  test('a jump of the source does not show, and a key frame is asked for', () => {
    const scene = new Scene();
    scene.send('ann', { sequenceNumber: 10, payload: VP8_KEY });
    const asked = () =>
      scene.lab.registry.participants.get('ann' as ParticipantId)?.sources[1]?.encodings[0]?.stream?.keyframeRequest
        .asked;
    const before = asked() ?? 0;
    expect(scene.send('ann', { sequenceNumber: 11 + MAX_SEQUENCE_GAP })).toBeUndefined();
    expect(asked()).toBeGreaterThan(before);
    expect(scene.send('ann', { sequenceNumber: 12 + MAX_SEQUENCE_GAP, payload: VP8_KEY })?.index).toBe(FIRST + 1);
  });

  test('two packets at the same moment get different timestamps when they are of different sources', () => {
    const scene = new Scene();
    const first = scene.send('ann', { sequenceNumber: 10, timestamp: 5, payload: VP8_KEY });
    const second = scene.send('ann', { sequenceNumber: 5000, timestamp: 6, payload: VP8_KEY });
    expect((second?.header.timestamp ?? 0) - (first?.header.timestamp ?? 0)).toBe(1);
  });

  test.each([-1_000_000, 500_000_000])('a timestamp jump of %i does not show', (jump) => {
    const scene = new Scene();
    const first = scene.send('ann', { sequenceNumber: 10, timestamp: 2_000_000, payload: VP8_KEY });
    scene.lab.nowUs += 33_000;
    const second = scene.send('ann', { sequenceNumber: 11, timestamp: 2_000_000 + jump });
    expect(second?.index).toBe(FIRST + 1);
    expect(((second?.header.timestamp ?? 0) - (first?.header.timestamp ?? 0)) >>> 0).toBe(2970);
  });

  test('a second SSRC of the source is heard once the first is silent', () => {
    const scene = new Scene();
    const mid = { id: 4, bytes: [...'camera'].map((letter) => letter.charCodeAt(0)) };
    const other = { ssrc: 555, payload: VP8_KEY, extensions: [mid] };
    scene.send('ann', { sequenceNumber: 10, payload: VP8_KEY });
    expect(scene.send('ann', { ...other, sequenceNumber: 3000 })).toBeUndefined();
    scene.lab.nowUs += 600_000;
    expect(scene.send('ann', { ...other, sequenceNumber: 3001 })?.index).toBe(FIRST + 1);
  });

  test('the timestamp of now follows the clock, from the first packet on', () => {
    const scene = new Scene();
    expect(scene.slot.timestampAt(LAB_START_US)).toBeUndefined();
    const sent = scene.send('ann', { sequenceNumber: 10, timestamp: 5, payload: VP8_KEY });
    const at = (ms: number) =>
      (scene.slot.timestampAt(scene.lab.nowUs + ms * 1000) ?? 0) - (sent?.header.timestamp ?? 0);
    expect([at(0), at(10)]).toEqual([0, 900]);
    scene.watch(undefined);
    expect(at(10)).toBe(900 + 1800); // 20 ms went by in `watch`
  });
});

type Step =
  | { readonly what: 'watch'; readonly name: 'ann' | 'ben' | undefined }
  | { readonly what: 'wait'; readonly ms: number }
  | {
      readonly what: 'send';
      readonly name: 'ann' | 'ben';
      readonly count: number;
      readonly key: boolean;
      readonly jump: number;
      readonly timestampJump: number;
    };

const steps = fc.array(
  fc.oneof(
    fc.record({
      what: fc.constant('watch' as const),
      name: fc.constantFrom('ann' as const, 'ben' as const, undefined),
    }),
    fc.record({ what: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 2000 }) }),
    fc.record({
      what: fc.constant('send' as const),
      name: fc.constantFrom('ann' as const, 'ben' as const),
      count: fc.integer({ min: 1, max: 12 }),
      key: fc.boolean(),
      jump: fc.constantFrom(0, 0, 0, 2000, 30_000, 0x8000 - 1, -0x8000, -5000),
      timestampJump: fc.constantFrom(0, 0, 0, 0x8000, -0x8000, 0x7fffffff, -90_000 * 60),
    }),
  ),
  { maxLength: 40 },
);

/** Publishers with their own numbers; `order` may lose and swap the packets of one burst. */
function play(list: readonly Step[], order: (burst: Uint8Array[]) => Uint8Array[]): SentRtp[] {
  const scene = new Scene();
  const next = { ann: { sequenceNumber: 60_000, timestamp: 0xfffff000 }, ben: { sequenceNumber: 5, timestamp: 9 } };
  for (const step of list) {
    if (step.what === 'watch') scene.watch(step.name);
    else if (step.what === 'wait') scene.lab.advance(step.ms);
    else {
      const numbers = next[step.name];
      numbers.sequenceNumber += step.jump;
      numbers.timestamp += step.timestampJump;
      const burst = Array.from({ length: step.count }, (_, i) => {
        numbers.sequenceNumber = (numbers.sequenceNumber + 1) & 0xffff;
        if (i % 3 === 0) numbers.timestamp = (numbers.timestamp + 3000) >>> 0;
        const payload = i === 0 && step.key ? VP8_KEY : VP8_DELTA;
        return rtpPacket({ ssrc: step.name === 'ann' ? 101 : 201, payload, ...numbers });
      });
      for (const packet of order(burst)) scene.lab.receive(step.name, packet);
      scene.lab.run();
    }
  }
  return scene.lab.takeRtp('vic');
}

describe('for any interleaving of sources', () => {
  test('whole bursts: the number is one more each time, the timestamp never goes back', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const sent = play(list, (burst) => burst);
        sent.forEach(({ index, header }, i) => {
          expect(index).toBe(FIRST + i);
          const before = sent[i - 1]?.header.timestamp ?? header.timestamp;
          expect((header.timestamp - before) | 0).toBeGreaterThanOrEqual(0);
        });
      }),
      { seed: 5489, numRuns: 300 },
    );
  });

  test('losses and reordering: every number at most once, and timestamps in the order of numbers', () => {
    const shuffles = fc.array(fc.integer({ min: 0, max: 11 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(steps, shuffles, (list, picks) => {
        const sent = play(list, (burst) => shuffled(burst, picks));
        const byIndex = sent.toSorted((a, b) => a.index - b.index);
        byIndex.forEach(({ index, header }, i) => {
          const before = byIndex[i - 1];
          if (before === undefined) return;
          expect(index).toBeGreaterThan(before.index);
          expect(index - before.index).toBeLessThanOrEqual(MAX_SEQUENCE_GAP);
          expect((header.timestamp - before.header.timestamp) | 0).toBeGreaterThanOrEqual(0);
        });
      }),
      { seed: 5489, numRuns: 300 },
    );
  });
});

/** Loses the packet at picks[0] and moves some others to the end. */
function shuffled(burst: readonly Uint8Array[], picks: readonly number[]): Uint8Array[] {
  const rest = [...burst];
  picks.forEach((pick, i) => {
    const [moved] = rest.splice(pick, 1);
    if (moved !== undefined && i > 0) rest.push(moved);
  });
  return rest;
}
