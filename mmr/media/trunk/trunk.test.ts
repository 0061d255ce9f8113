/** Two workers with a trunk between them: what flows, what does not, and what is asked of whom. */
import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import type { Encoding } from '../forward/encoding.ts';
import { MAX_DEMANDS } from './trunk-end.ts';
import { type LabWorker, TrunkLab } from './trunk-test-lab.ts';

/** ann publishes on a (three encodings, and a microphone), ben watches on b. */
function annAndBen(delayMs = 5): { lab: TrunkLab; a: LabWorker; b: LabWorker } {
  const lab = new TrunkLab();
  lab.publisher('a', 'ann');
  lab.subscriber('b', 'ben');
  lab.link(lab.open('a', 'b', delayMs), 'a');
  lab.advance(200);
  return { lab, a: lab.worker('a'), b: lab.worker('b') };
}

function encodingsOf(worker: LabWorker, name: string): readonly Encoding[] {
  return worker.participant(name).sources.find(({ isAudio }) => !isAudio)?.encodings ?? [];
}

/** Packets that were sent over the trunk in the next `ms`. */
function sentIn(lab: TrunkLab, ms: number): number {
  const wire = lab.wire('a', 'b');
  const before = wire.packets;
  lab.advance(ms);
  return wire.packets - before;
}

describe('what a viewer beyond the trunk gets', () => {
  test('the lowest encoding first, then the highest, as on the publisher’s worker', () => {
    const { lab, b } = annAndBen();
    expect(b.slots('ben')).toBe('ann/microphone - ann/camera');
    expect(b.shown('ben')).toBe('ann:l');
    lab.advance(3000);
    expect(b.shown('ben')).toBe('ann:h');
    expect(b.lab.slots.get('ben/v0')).toBe('ann/camera');
  });

  test('a muted camera leaves his slots, and comes back', () => {
    const { lab, a, b } = annAndBen();
    a.lab.mute('ann', 'camera', true);
    lab.advance(100);
    expect(b.slots('ben')).toBe('ann/microphone - -');
    a.lab.mute('ann', 'camera', false);
    lab.advance(300);
    expect(b.slots('ben')).toBe('ann/microphone - ann/camera');
    expect(b.shown('ben')).toMatch(/^ann:/);
  });

  test('who leaves is gone, with his streams', () => {
    const { lab, a, b } = annAndBen();
    a.lab.leave('ann');
    a.cameras.length = 0;
    lab.advance(100);
    expect(b.slots('ben')).toBe('- - -');
    expect(b.cascade.remotes.size).toBe(0);
    expect([a.trunk('a-b').relays, b.trunk('a-b').demands]).toEqual([0, 0]);
    expect([...b.cascade.links.values()].map(({ heard }) => heard.size)).toEqual([0]);
  });

  test('who joins later, on either side, is seen by all', () => {
    const { lab, a, b } = annAndBen();
    lab.subscriber('a', 'cid', 2);
    lab.publisher('b', 'dan');
    lab.advance(3000);
    expect(a.slots('cid')).toBe('ann/microphone dan/microphone ann/camera dan/camera');
    expect(a.shown('cid')).toBe('ann:h dan:h');
    expect(b.slots('ben')).toBe('ann/microphone dan/microphone ann/camera');
  });

  test('sound comes through, with the publisher’s stream as its contributor', () => {
    const lab = new TrunkLab();
    lab.person('a', 'ann', 100);
    lab.person('b', 'ben', 200);
    lab.link(lab.open('a', 'b'), 'a');
    lab.advance(100);
    lab.voice('a/ann', 100, 20);
    const { lab: b } = lab.worker('b');
    const before = b.path.forwarded;
    const emitted: number[] = [];
    const push = b.rtp.push.bind(b.rtp);
    b.rtp.push = (...packets) => {
      for (const { header, bytes } of packets) {
        if (header.csrcCount > 0) emitted.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(12));
      }
      return push(...packets);
    };
    lab.advance(2000);
    expect(b.path.forwarded - before).toBeGreaterThan(90);
    expect(new Set(emitted)).toEqual(new Set([100]));
  });
});

describe('what is sent over the trunk', () => {
  test('nothing before somebody watches, and nothing once nobody has for 3 s', () => {
    const lab = new TrunkLab();
    lab.publisher('a', 'ann');
    lab.subscriber('b', 'ben');
    lab.worker('b').view('ben', 'v0', { source: 'off' });
    lab.link(lab.open('a', 'b'), 'a');
    expect(sentIn(lab, 1000)).toBe(0);
    const b = lab.worker('b');
    b.view('ben', 'v0', { source: { participant: 'ann', kind: 'camera' } });
    lab.advance(1000);
    expect(b.shown('ben')).toMatch(/^ann:/);
    b.view('ben', 'v0', { source: 'off' });
    lab.advance(3500);
    expect(b.trunk('a-b').demands).toBe(1); // his microphone
    expect(lab.worker('a').trunk('a-b').relays).toBe(1);
    expect(sentIn(lab, 1000)).toBe(0);
    b.view('ben', 'v0', { source: 'auto' });
    lab.advance(500);
    expect(b.shown('ben')).toMatch(/^ann:/);
  });

  test('no taller than it is watched, and more as soon as it is', () => {
    const { lab, a, b } = annAndBen();
    lab.advance(3000);
    b.view('ben', 'v0', { maxHeight: 180 });
    // Each hop waits 3 s before it asks for less.
    lab.advance(7000);
    expect(b.shown('ben')).toBe('ann:l');
    const low = lab.wire('a', 'b');
    const before = low.bytes;
    lab.advance(1000);
    // 150 kb/s of the lowest encoding, and headers.
    expect((low.bytes - before) * 8).toBeLessThan(200_000);
    // The publisher's own worker was told, and told her.
    expect(a.demand('ann')).toBe('l180 - -');
    b.view('ben', 'v0', { maxHeight: 720 });
    lab.advance(3000);
    expect(a.demand('ann')).toBe('l m h720');
    expect(b.shown('ben')).toBe('ann:h');
  });

  test('each packet once, however many watch', () => {
    const { lab, b } = annAndBen();
    lab.advance(3000);
    const one = sentIn(lab, 1000);
    for (let i = 0; i < 20; i++) lab.subscriber('b', `viewer ${i}`);
    lab.advance(500);
    expect(b.shown('viewer 19')).toBe('ann:h');
    expect(Math.abs(sentIn(lab, 1000) - one)).toBeLessThan(one * 0.1);
  });

  test('nothing of a publisher on the same worker as all his viewers', () => {
    const { lab, a } = annAndBen();
    lab.publisher('b', 'dan');
    lab.advance(500);
    expect(a.trunk('a-b').demands).toBe(1); // for ann to hear
    expect(lab.wire('b', 'a').packets).toBe(0);
  });
});

describe('demands that come and go', () => {
  test('leave nothing behind, and never use an SSRC twice', () => {
    const { lab, a, b } = annAndBen();
    const seen = new Set<number>();
    const relayed = () => [...(a.trunk('a-b').links.values().next().value?.relays.values() ?? [])];
    for (let round = 0; round < 12; round++) {
      b.view('ben', 'v0', { source: round % 2 === 0 ? 'off' : 'auto' });
      lab.advance(round % 2 === 0 ? 4000 : 500);
      const video = relayed().find(({ isAudio }) => !isAudio);
      if (round % 2 === 0) expect(video).toBeUndefined();
      else seen.add(video?.ssrc ?? 0);
    }
    expect(seen.size).toBe(6);
    expect(Math.min(...seen)).toBeGreaterThan(3);
    // Seven demands of three encodings with RTX each have ended or go on; what is forgotten includes packets that came late.
    expect(new Set(b.lab.engine.forgottenStreams).size).toBe(6 * 6);
    for (const ssrc of b.lab.engine.forgottenStreams)
      expect(b.trunk('a-b').transport.ingressStream(ssrc)).toBeUndefined();
    expect([a.trunk('a-b').relays, b.trunk('a-b').demands]).toEqual([2, 2]);
  });

  test('more than a trunk carries are refused, and counted', () => {
    const { lab, b } = annAndBen();
    const trunk = b.trunk('a-b');
    while (trunk.takeSsrcs() !== undefined);
    expect([trunk.demands, trunk.refused]).toEqual([MAX_DEMANDS, 1]);
    lab.publisher('a', 'dan');
    b.view('ben', 'v0', { source: { participant: 'dan', kind: 'camera' } });
    lab.advance(1000);
    expect(b.shown('ben')).toBe('-');
    expect(trunk.refused).toBeGreaterThan(1);
    for (let i = 0; i < 10; i++) trunk.returnSsrcs();
    lab.advance(1000);
    expect(b.shown('ben')).toMatch(/^dan:/);
  });
});

describe('key frames', () => {
  test('twenty viewers who come at once beyond the trunk cost the publisher at most one', () => {
    const { lab, a } = annAndBen();
    lab.advance(3000);
    const sent = () => encodingsOf(a, 'ann').map(({ stream }) => stream?.keyframeRequest.sent ?? 0);
    const before = sent();
    for (let i = 0; i < 20; i++) lab.subscriber('b', `viewer ${i}`);
    lab.advance(900);
    expect(Math.max(...sent().map((count, i) => count - (before[i] ?? 0)))).toBeLessThanOrEqual(1);
  });

  test('viewers who ask for one all the time are answered by one a second', () => {
    const { lab, a, b } = annAndBen();
    lab.advance(3000);
    const [, , high] = encodingsOf(a, 'ann');
    const before = high?.stream?.keyframes ?? 0;
    for (let i = 0; i < 50; i++) {
      const slot = b.participant('ben').slotsOf('video')[0]?.slot;
      slot?.handleKeyframeRequest(lab.nowUs);
      lab.advance(60);
    }
    expect((high?.stream?.keyframes ?? 0) - before).toBeLessThanOrEqual(4);
    expect((high?.stream?.keyframes ?? 0) - before).toBeGreaterThanOrEqual(2);
  });
});

describe('loss on the trunk', () => {
  test('is repaired there: the publisher hears nothing of it, and the viewer misses nothing', () => {
    const { lab, a, b } = annAndBen(75);
    lab.advance(3000);
    const asked = () => encodingsOf(a, 'ann').reduce((sum, { stream }) => sum + (stream?.nack?.requested ?? 0), 0);
    let packets = 0;
    lab.wire('a', 'b').loses = () => packets++ % 50 === 0;
    const remote = b.cascade.remotes.get('ann' as ParticipantId)?.sources.find(({ isAudio }) => !isAudio);
    const missingBefore = b.participant('ben').slotsOf('video')[0]?.slot.packetsSent ?? 0;
    lab.advance(20_000);
    lab.wire('a', 'b').loses = () => false;
    lab.advance(1000);
    expect(asked()).toBe(0);
    const nacks = remote?.encodings.map(({ stream }) => stream?.nack) ?? [];
    const repaired = nacks.reduce((sum, nack) => sum + (nack?.repaired ?? 0), 0);
    const given = nacks.reduce((sum, nack) => sum + (nack?.abandoned ?? 0) + (nack?.missing ?? 0), 0);
    expect(repaired).toBeGreaterThan(50);
    const forwarded = (b.participant('ben').slotsOf('video')[0]?.slot.packetsSent ?? 0) - missingBefore;
    expect(given / forwarded).toBeLessThan(0.001);
  });
});
