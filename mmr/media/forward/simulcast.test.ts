import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DropReason } from '../drop-reason.ts';
import type { SlotTarget } from '../egress/slot.ts';
import { UnusedNumbers } from '../egress/unused-numbers.ts';
import type { SentRtp } from '../packet-path-test-engine.ts';
import { framesOf, undecodable } from './simulcast-test-lab.ts';
import { expectContinuous, FRAME_MS, full, heights, RIDS, type Rid, Scene } from './simulcast-test-scene.ts';

describe('simulcast', () => {
  test('by default a slot gets the best there is, from the first picture on', () => {
    const scene = new Scene();
    scene.capture(RIDS, RIDS);
    scene.captures(8);
    const sent = scene.take();
    expectContinuous(sent);
    expect(new Set(heights(sent).slice(-8))).toEqual(new Set(['h']));
  });

  test('a change down waits for the key frame of the smaller one; of the larger, its base layer goes on meanwhile', () => {
    const scene = new Scene();
    scene.target(full('h'));
    scene.capture(RIDS, RIDS);
    scene.captures(50);
    scene.take();
    scene.target(full('l'));
    for (let i = 0; i < 7; i++) {
      scene.lab.receive('ann', scene.encoders.h.frame(scene.ms, false, 1)[0] as Uint8Array);
      scene.tick();
    }
    const meanwhile = framesOf(scene.take());
    expect(new Set(meanwhile.map(({ encoder }) => encoder))).toEqual(new Set([47]));
    expect(meanwhile.slice(-2).map(({ temporal }) => temporal)).toEqual([0, 0]);
    expect(scene.isAsked('l')).toBe(true);
    scene.capture(RIDS, ['l']);
    scene.captures(3);
    expect(heights(scene.take())).toEqual(['l', 'l', 'l', 'l']);
  });

  test('numbers, times and pictures go on over changes in all directions', () => {
    const scene = new Scene();
    scene.capture(RIDS, RIDS);
    for (const rid of ['l', 'h', 'm', 'l', 'm', 'h'] as const) {
      scene.target(full(rid));
      scene.captures(40);
    }
    const sent = scene.take();
    expectContinuous(sent);
    expect(new Set(heights(sent))).toEqual(new Set(RIDS));
    const frames = framesOf(sent);
    const steps = frames.slice(1).map((frame, i) => (frame.timestamp - (frames[i]?.timestamp ?? 0)) | 0);
    expect(Math.max(...steps)).toBeLessThanOrEqual(2 * FRAME_MS * 90);
  });

  test('the publishers’ clocks, when he tells them, put both encodings on one time line', () => {
    const scene = new Scene();
    scene.target(full('l'));
    scene.capture(RIDS, RIDS);
    for (const { stream, rid } of scene.source.encodings) {
      // NTP seconds 100 at ms 0 of both encodings.
      stream?.handleSenderReport(scene.lab.nowUs, 100, 0, scene.encoders[rid as Rid].options.timestamp >>> 0);
    }
    scene.captures(3);
    scene.target(full('h'));
    // The key frame's packets take 80 ms longer than the others.
    const late = scene.encoders.h.frame(scene.ms, true, 1)[0] as Uint8Array;
    scene.lab.nowUs += 80_000;
    scene.lab.receive('ann', late);
    scene.lab.run();
    const frames = framesOf(scene.take());
    const [before, after] = frames.slice(-2);
    expect(after?.encoder).toBe(47);
    expect(((after?.timestamp ?? 0) - (before?.timestamp ?? 0)) | 0).toBeCloseTo(FRAME_MS * 90, -1);
  });

  test('an encoding that the publisher stops sending is replaced by the next lower one, and taken again', () => {
    const scene = new Scene();
    scene.target(full('h'));
    scene.capture(RIDS, RIDS);
    scene.captures(20);
    scene.captures(40, ['l', 'm']);
    expect(new Set(heights(scene.take()).slice(-10))).toEqual(new Set(['m']));
    scene.capture(RIDS, ['h']);
    scene.captures(20);
    expect(new Set(heights(scene.take()).slice(-10))).toEqual(new Set(['h']));
  });

  test('a suspended slot gets nothing, keeps its numbers, and goes on when it may', () => {
    const scene = new Scene();
    scene.target(full('h'));
    scene.capture(RIDS, RIDS);
    scene.captures(4);
    const before = scene.take();
    scene.target(undefined);
    scene.captures(60);
    expect(scene.take()).toEqual([]);
    scene.target(full('m'));
    scene.captures(40);
    const after = scene.take();
    expect(after.length).toBeGreaterThan(60);
    expectContinuous([...before, ...after]);
  });

  test('what nobody watches counts as that', () => {
    const scene = new Scene();
    scene.target(full('h'));
    scene.capture(RIDS, RIDS);
    const before = scene.lab.path.drops[DropReason.layerUnwatched] as number;
    scene.captures(1);
    expect((scene.lab.path.drops[DropReason.layerUnwatched] as number) - before).toBe(4);
    expect(scene.lab.accountedFor).toBe(scene.lab.path.received);
  });
});

describe('temporal layers', () => {
  test.each([0, 1, 2])('down to %i at once, up again at a frame that allows it; nobody sees a hole', (temporal) => {
    const scene = new Scene();
    scene.target(full('h'));
    scene.capture(RIDS, RIDS);
    scene.captures(7);
    const before = scene.take();
    scene.target(full('h', temporal));
    scene.captures(16);
    scene.target(full('h'));
    scene.captures(16);
    const sent = scene.take();
    expectContinuous([...before, ...sent]);
    const temporals = framesOf(sent).map((frame) => frame.temporal);
    expect(Math.max(...temporals.slice(0, 4))).toBe(temporal);
    expect(Math.max(...temporals.slice(-4))).toBe(2);
    expect(scene.isAsked('h')).toBe(false);
  });

  test('a late packet that nobody is to get is replaced by padding; one of a picture that is sent comes', () => {
    const scene = new Scene();
    scene.target(full('h', 0));
    scene.capture(['h'], ['h']);
    scene.capture(['h']);
    const third = scene.encoders.h.frame(scene.ms, false, 2);
    scene.tick();
    scene.capture(['h']); // T2: left out
    scene.capture(['h']); // T0
    const before = scene.take();
    expect(before.at(-1)?.index).toBe((before[0]?.index ?? 0) + 5); // two numbers for the third frame
    for (const packet of third) scene.lab.receive('ann', packet);
    scene.lab.run();
    const sent = [...before, ...scene.take()];
    expect(new Set(sent.map(({ index }) => index)).size).toBe(6);
    expect(undecodable(framesOf(sent).filter(({ temporal }) => temporal === 0))).toEqual([]);
  });

  test('packets of padding leave no hole', () => {
    const scene = new Scene();
    scene.capture(['h'], ['h']);
    for (let i = 0; i < 8; i++) {
      scene.lab.receive('ann', scene.encoders.h.padding(scene.ms));
      scene.capture(['h']);
    }
    expectContinuous(scene.take());
    expect(scene.lab.path.drops[DropReason.paddingOnly]).toBe(8);
  });
});

describe('a late joiner', () => {
  function join(age: number, packets = 2): { readonly scene: Scene; readonly sent: SentRtp[] } {
    const scene = new Scene();
    scene.target(undefined);
    scene.capture(RIDS, RIDS, packets);
    for (let i = 0; i < age; i++) scene.capture(RIDS, [], packets);
    scene.target(full('m'));
    scene.captures(3);
    return { scene, sent: scene.take() };
  }

  test('begins with the key frame that went by, and the publisher hears nothing of it', () => {
    const { scene, sent } = join(20);
    expectContinuous(sent);
    const frames = framesOf(sent);
    expect(frames).toHaveLength(24);
    expect(frames[0]?.isKeyframe).toBe(true);
    const stream = scene.source.encodings.find(({ rid }) => rid === 'm')?.stream;
    expect(stream?.keyframeRequest.asked).toBe(0);
  });

  test('sees the pictures in between at one moment, and those that follow at their pace', () => {
    const { sent } = join(20);
    const frames = framesOf(sent);
    const steps = frames.slice(1).map((frame, i) => (frame.timestamp - (frames[i]?.timestamp ?? 0)) | 0);
    expect(Math.max(...steps.slice(0, 20))).toBeLessThanOrEqual(6);
    expect(steps.slice(20)).toEqual([FRAME_MS * 90, FRAME_MS * 90, FRAME_MS * 90]);
  });

  test('what he missed of them is sent again as it was', () => {
    const { scene, sent } = join(20);
    for (const packet of sent)
      scene.slot.handleNack(scene.lab.nowUs, packet.index & 0xffff, 0, scene.lab.path.makeTransportRoom());
    scene.lab.path.flush();
    expect(scene.take()).toEqual(sent);
  });

  test.each([
    ['too many pictures', 60, 1],
    ['too many packets', 40, 4],
  ])('%s since the key frame: the publisher is asked', (_, age, packets) => {
    const { scene, sent } = join(age, packets);
    const stream = scene.source.encodings.find(({ rid }) => rid === 'm')?.stream;
    expect(stream?.keyframeRequest.asked).toBeGreaterThan(0);
    expectContinuous(sent);
  });
});

describe('RTX', () => {
  test('a lost packet comes on the stream for that, with its number in front and its pictures renumbered', () => {
    const scene = new Scene({ rtx: true });
    scene.target(full('l'));
    scene.capture(RIDS, RIDS);
    scene.target(full('h'));
    scene.captures(20);
    const sent = scene.take();
    const lost = sent.at(-3) as SentRtp;
    scene.slot.handleNack(scene.lab.nowUs, lost.index & 0xffff, 0, scene.lab.path.makeTransportRoom());
    scene.lab.path.flush();
    const [repair] = scene.take();
    expect(repair?.header).toMatchObject({
      ssrc: 5150,
      payloadType: 97,
      timestamp: lost.header.timestamp,
      marker: lost.header.marker,
    });
    expect([...(repair?.payload ?? [])]).toEqual([(lost.index >> 8) & 0xff, lost.index & 0xff, ...lost.payload]);
  });
});

type Step =
  | { readonly what: 'target'; readonly target: SlotTarget }
  | {
      readonly what: 'capture';
      readonly count: number;
      readonly key: readonly Rid[];
      readonly packets: number;
      readonly rids: readonly Rid[];
    }
  | { readonly what: 'padding'; readonly rid: Rid }
  | { readonly what: 'wait'; readonly ms: number }
  | { readonly what: 'shed' };

const rid = fc.constantFrom(...RIDS);
const steps = fc.array(
  fc.oneof(
    fc.record({
      what: fc.constant('target' as const),
      target: fc.oneof(
        fc.constant<SlotTarget>('best'),
        fc.constant<SlotTarget>(undefined),
        fc.record({ rid, spatial: fc.constant(0), temporal: fc.integer({ min: 0, max: 3 }) }),
        fc.record({ rid, spatial: fc.constant(0), temporal: fc.integer({ min: 0, max: 3 }) }),
      ),
    }),
    fc.record({
      what: fc.constant('capture' as const),
      count: fc.integer({ min: 1, max: 12 }),
      key: fc.subarray([...RIDS], { maxLength: 1 }),
      packets: fc.integer({ min: 1, max: 4 }),
      rids: fc.oneof(fc.constant(RIDS), fc.subarray([...RIDS], { minLength: 1 })),
    }),
    fc.record({ what: fc.constant('padding' as const), rid }),
    fc.record({ what: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 1500 }) }),
    fc.record({ what: fc.constant('shed' as const) }),
  ),
  { maxLength: 40 },
);

/** `order` may lose, double and swap the packets of one capture; every so often packets are asked for again. */
function play(list: readonly Step[], rtx: boolean, order: (burst: Uint8Array[]) => Uint8Array[]): SentRtp[] {
  const scene = new Scene({ rtx });
  const sent: SentRtp[] = [];
  for (const step of list) {
    if (step.what === 'target') scene.target(step.target);
    else if (step.what === 'wait') {
      scene.lab.nowUs += step.ms * 1000;
      scene.ms += step.ms;
    } else if (step.what === 'shed') scene.slot.handlePacerDrop(scene.lab.nowUs, new UnusedNumbers());
    else if (step.what === 'padding') scene.lab.receive('ann', scene.encoders[step.rid].padding(scene.ms));
    else {
      for (let i = 0; i < step.count; i++) {
        const burst = step.rids.flatMap((of) =>
          scene.encoders[of].frame(scene.ms, scene.isAsked(of) || (i === 0 && step.key.includes(of)), step.packets),
        );
        for (const packet of order(burst)) scene.lab.receive('ann', packet);
        scene.tick();
      }
    }
    scene.lab.run();
    sent.push(...scene.take());
    // The lab throws when an index comes with other content than before.
    const { highestIndex } = scene.slot;
    for (let back = 0; back < 60; back += 17) {
      scene.slot.handleNack(
        scene.lab.nowUs,
        (highestIndex - back) & 0xffff,
        0xffff,
        scene.lab.path.makeTransportRoom(),
      );
    }
    scene.lab.path.flush();
    scene.take();
  }
  expect(scene.lab.accountedFor).toBe(scene.lab.path.received);
  return sent;
}

describe('for any interleaving of targets, key frames and pauses', () => {
  test('without loss, the receiver sees one stream without a hole, and can decode all of it', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (list, rtx) => expectContinuous(play(list, rtx, (burst) => burst))),
      { seed: 31_415, numRuns: 100 },
    );
  });

  test('with loss, reordering and duplicates: no number twice, no time back, whole pictures have ids of their own', () => {
    const picks = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(steps, fc.boolean(), picks, (list, rtx, order) => {
        const sent = play(list, rtx, (burst) => disturbed(burst, order));
        const sorted = sent.toSorted((a, b) => a.index - b.index);
        sorted.forEach(({ index, header }, i) => {
          const before = sorted[i - 1];
          if (before === undefined) return;
          expect(index).toBeGreaterThan(before.index);
          expect((header.timestamp - before.header.timestamp) | 0).toBeGreaterThanOrEqual(0);
        });
        const frames = framesOf(sent);
        const names = new Map<number, string>();
        for (const { pictureId, encoder, frame } of frames) {
          const name = `${encoder}/${frame}`;
          expect(names.get(pictureId) ?? name).toBe(name);
          names.set(pictureId, name);
        }
      }),
      { seed: 27_182, numRuns: 100 },
    );
  });
});

/** Loses the packet at picks[0], doubles the one at picks[1], and moves some others to the end. */
function disturbed(burst: readonly Uint8Array[], picks: readonly number[]): Uint8Array[] {
  const rest = [...burst];
  picks.forEach((pick, i) => {
    const [moved] = rest.splice(pick, 1);
    if (moved === undefined || i === 0) return;
    rest.push(moved);
    if (i === 1) rest.push(moved);
  });
  return rest;
}
