/** Trunks that break, come back, are replaced, or lose their control stream. */
import { describe, expect, test } from 'vitest';
import { OLDEST_TRUNK_VERSION, TRUNK_VERSION, type TrunkId } from './trunk-messages.ts';
import { type LabWorker, MEETING, TrunkLab } from './trunk-test-lab.ts';

const ID = 'a-b' as TrunkId;

function annAndBen(): { lab: TrunkLab; a: LabWorker; b: LabWorker } {
  const lab = new TrunkLab();
  lab.publisher('a', 'ann');
  lab.subscriber('b', 'ben');
  lab.link(lab.open('a', 'b'), 'a');
  lab.advance(3000);
  return { lab, a: lab.worker('a'), b: lab.worker('b') };
}

const stateOf = (worker: LabWorker) => worker.lab.trunkReports.get(ID)?.state;

function say(lab: TrunkLab, worker: LabWorker, message: unknown): void {
  worker.lab.registry.trunks.handleMessage(lab.nowUs, ID, message, worker.lab.path);
  worker.lab.path.flush();
  worker.lab.registry.settle(lab.nowUs);
}

describe('the path', () => {
  test('cut: within 2.5 s both ends are down and the viewers’ slots are free; back: as before', () => {
    const { lab, a, b } = annAndBen();
    expect(b.shown('ben')).toBe('ann:h');
    lab.cut('a', 'b');
    lab.advance(1500);
    expect(b.slots('ben')).toBe('ann/microphone - ann/camera');
    lab.advance(1000);
    expect([stateOf(a), stateOf(b)]).toEqual(['down', 'down']);
    expect(b.slots('ben')).toBe('- - -');
    expect([a.trunk(ID).relays, b.trunk(ID).demands, b.cascade.remotes.size]).toEqual([0, 0, 0]);
    lab.cut('a', 'b', false);
    lab.advance(1500);
    expect([stateOf(a), stateOf(b)]).toEqual(['up', 'up']);
    expect(b.shown('ben')).toMatch(/^ann:/);
    lab.advance(6000);
    expect(b.shown('ben')).toBe('ann:h');
  });

  test.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('cut from %s to %s only: both ends are down, for the control stream tells', (from, to) => {
    const { lab, a, b } = annAndBen();
    lab.wire(from, to).cut = true;
    lab.advance(2600);
    expect([stateOf(a), stateOf(b)]).toEqual(['down', 'down']);
    expect(b.slots('ben')).toBe('- - -');
    const { packets } = lab.wire('a', 'b');
    lab.advance(1000);
    // But for padding, by which the estimate comes back with the path.
    expect(lab.wire('a', 'b').packets).toBe(packets);
    lab.wire(from, to).cut = false;
    lab.advance(7500);
    expect(b.shown('ben')).toBe('ann:h');
  });

  test('gone for 30 s: the trunk is closed, and a new one of the same name takes its links over', () => {
    const { lab, a, b } = annAndBen();
    lab.cut('a', 'b');
    lab.advance(33_000);
    expect([a.lab.trunkReports.get(ID), b.lab.trunkReports.get(ID)]).toMatchObject([
      { state: 'closed', reason: 'consentExpired' },
      { state: 'closed', reason: 'consentExpired' },
    ]);
    expect(a.lab.registry.byHandle.filter((peer) => peer !== undefined)).toHaveLength(1);
    lab.cut('a', 'b', false);
    lab.reopen(ID);
    lab.advance(7500);
    expect(stateOf(a)).toBe('up');
    expect(b.shown('ben')).toBe('ann:h');
  });

  test('one that never connects is closed after 15 s', () => {
    const lab = new TrunkLab();
    lab.worker('a');
    lab.worker('b');
    lab.open('a', 'b');
    lab.cut('a', 'b');
    lab.reopen(ID);
    lab.advance(16_000);
    expect(lab.worker('a').lab.trunkReports.get(ID)).toMatchObject({ state: 'closed', reason: 'neverConnected' });
    expect(lab.worker('a').lab.engine.openTransports.size).toBe(0);
  });
});

describe('a trunk of the same name', () => {
  test('replaces the one before, with its links, at both ends', () => {
    const { lab, a, b } = annAndBen();
    const former = a.trunk(ID);
    lab.reopen(ID);
    lab.advance(4000);
    expect(a.trunk(ID)).not.toBe(former);
    expect(former.transport.state).toBe('closed');
    expect([former.links.size, former.relays]).toEqual([0, 0]);
    expect(b.shown('ben')).toBe('ann:h');
    expect(a.lab.engine.openTransports.size).toBe(2);
  });

  test('closed at one end: the other hears it at once', () => {
    const { lab, a, b } = annAndBen();
    a.lab.registry.trunks.close(lab.nowUs, ID, a.lab.path);
    a.lab.path.flush();
    a.lab.registry.settle(lab.nowUs);
    lab.advance(100);
    expect(a.lab.trunkReports.get(ID)).toMatchObject({ state: 'closed', reason: 'closed' });
    expect(b.slots('ben')).toBe('- - -');
    lab.advance(3000);
    expect(stateOf(b)).toBe('closed');
  });
});

describe('the control stream', () => {
  test('broken: what flows goes on', () => {
    const { lab, b } = annAndBen();
    lab.breakStream(ID);
    const { packets } = lab.wire('a', 'b');
    lab.advance(10_000);
    expect(lab.wire('a', 'b').packets - packets).toBeGreaterThan(2000);
    expect(b.shown('ben')).toBe('ann:h');
    expect(stateOf(b)).toBe('up');
  });

  test('back: what changed meanwhile is made good, what did not goes on untouched', () => {
    const { lab, a, b } = annAndBen();
    lab.publisher('a', 'dan');
    lab.subscriber('b', 'eva', 3);
    lab.advance(3000);
    const before = a.trunk(ID);
    const annKeyframes = () =>
      a.participant('ann').sources.flatMap(({ encodings }) => encodings.map(({ stream }) => stream?.keyframes ?? 0));
    const keyframes = annKeyframes();
    lab.breakStream(ID);
    a.lab.leave('dan');
    a.cameras.pop();
    lab.publisher('a', 'fay');
    a.lab.mute('ann', 'microphone', true);
    lab.advance(1000);
    expect(b.cascade.remotes.has('dan' as never)).toBe(true);
    lab.restoreStream(ID);
    lab.advance(500);
    expect([...b.cascade.remotes.keys()].toSorted()).toEqual(['ann', 'fay']);
    expect(b.slots('eva')).toContain('fay/camera');
    expect(b.slots('eva')).not.toContain('ann/microphone');
    expect(a.trunk(ID)).toBe(before);
    expect(annKeyframes()).toEqual(keyframes);
    expect(b.shown('ben')).toMatch(/^ann:/);
  });

  test('one end has given up what the other still has: it is demanded under other SSRCs', () => {
    const { lab, a, b } = annAndBen();
    const ssrcs = () => [...(a.trunk(ID).links.values().next().value?.relays.values() ?? [])].map(({ ssrc }) => ssrc);
    const before = ssrcs();
    lab.breakStream(ID);
    a.lab.registry.trunks.unlink(MEETING, ID);
    a.lab.registry.trunks.link(MEETING, ID, 'child');
    lab.advance(500);
    lab.restoreStream(ID);
    lab.advance(5000);
    // The lab throws when an SRTP index is used twice.
    expect(b.shown('ben')).toBe('ann:h');
    expect(ssrcs()).toHaveLength(2);
    expect(Math.min(...ssrcs())).toBeGreaterThan(Math.max(...before));
    expect(lab.messages).toContain('a → b renew ann/camera');
  });

  test('everything said twice changes nothing', () => {
    const { lab, a, b } = annAndBen();
    const told = lab.messages.length;
    for (let i = 0; i < 3; i++) {
      for (const worker of [a, b]) worker.lab.registry.trunks.setStream(ID, true);
      lab.advance(100);
    }
    expect(lab.messages.length).toBeGreaterThan(told + 20);
    expect([a.trunk(ID).relays, b.trunk(ID).demands]).toEqual([2, 2]);
    expect(b.shown('ben')).toBe('ann:h');
  });
});

describe('what the other end says', () => {
  test('of a version too old: the trunk is closed', () => {
    const { lab, a } = annAndBen();
    say(lab, a, { type: 'hello', version: TRUNK_VERSION + 1, up: true });
    expect(stateOf(a)).toBe('up');
    say(lab, a, { type: 'hello', version: OLDEST_TRUNK_VERSION - 1, up: true });
    expect(a.lab.trunkReports.get(ID)).toMatchObject({ state: 'closed', reason: 'version' });
    expect(a.lab.registry.trunks.trunks.size).toBe(0);
  });

  test('that we do not know, or about a meeting that does not use the trunk, is counted and ignored', () => {
    const { lab, a } = annAndBen();
    const ignored = a.trunk(ID).ignored;
    const name = { participant: 'ann', kind: 'camera' };
    say(lab, a, { type: 'of a later version', meeting: 'm' });
    say(lab, a, { type: 'withdraw', meeting: 'other', ...name });
    say(lab, a, null);
    say(lab, a, { type: 'demand', meeting: 'm', ...name, ssrc: -1, maxHeight: 0 });
    expect(a.trunk(ID).ignored - ignored).toBe(4);
  });

  test('a demand for nobody is refused; one under another SSRC begins anew; a later field is ignored', () => {
    const { lab, a } = annAndBen();
    const demand = { type: 'demand', meeting: 'm', participant: 'ann', kind: 'camera', maxHeight: 360 };
    const { refused } = a.cascade;
    say(lab, a, { ...demand, participant: 'nobody', ssrc: 4000 });
    expect([a.cascade.refused - refused, a.trunk(ID).relays]).toEqual([1, 2]);
    say(lab, a, { ...demand, ssrc: 3 });
    expect(a.trunk(ID).relays).toBe(1);
    say(lab, a, { ...demand, ssrc: 0x9000_0000, ofALaterVersion: true });
    const relay = [...(a.trunk(ID).links.values().next().value?.relays.values() ?? [])].find(({ isAudio }) => !isAudio);
    expect([relay?.ssrc, relay?.maxHeight, a.trunk(ID).relays]).toEqual([0x9000_0000, 360, 2]);
    say(lab, a, { ...demand, type: 'release' });
    expect(a.trunk(ID).relays).toBe(1);
  });

  test('levels from the parent and rankings from a child are not listened to', () => {
    const { lab, a, b } = annAndBen();
    say(lab, a, { type: 'ranking', meeting: 'm', heard: ['x'], seen: ['x'], speaking: ['x'] });
    say(lab, b, { type: 'levels', meeting: 'm', levels: [{ participant: 'ann', loudness: 100, presence: 100 }] });
    lab.advance(1000);
    expect(a.lab.events.filter((event) => event.includes('speakers'))).toEqual([]);
    expect(b.lab.events.filter((event) => event.includes('speakers'))).toEqual([]);
  });

  test('packets of no demand are dropped, and leave nothing behind', () => {
    const { lab, a, b } = annAndBen();
    const key = { type: 'release', meeting: 'm', participant: 'ann', kind: 'camera' };
    // a goes on for a moment with what b has forgotten.
    const link = b.trunk(ID).links.values().next().value;
    link?.cut();
    lab.advance(100);
    expect(b.trunk(ID).unresolved).toBeGreaterThan(0);
    say(lab, a, key);
    expect(b.lab.path.received).toBe(b.lab.accountedFor);
  });
});

test('a participant’s media that comes over a trunk is counted like any other', () => {
  const { a, b } = annAndBen();
  for (const { lab } of [a, b]) expect(lab.path.received).toBe(lab.accountedFor);
});
