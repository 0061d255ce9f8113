/** Meetings over more than two workers: who is announced where, what crosses which trunk, and who ranks the speakers. */
import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { MAX_HOPS } from './meeting-cascade.ts';
import { TrunkLab } from './trunk-test-lab.ts';

/** Opens and links a trunk; `parent` opens it. */
function branch(lab: TrunkLab, parent: string, child: string): string {
  const id = lab.open(parent, child);
  lab.link(id, parent);
  return id;
}

function remotesOf(lab: TrunkLab, worker: string): string[] {
  return [...lab.worker(worker).cascade.remotes.keys()].toSorted();
}

/** Packets on each wire in the next `ms`, as `a→b 12`. */
function traffic(lab: TrunkLab, ms: number): Record<string, number> {
  const before = lab.wires.all.map(({ packets }) => packets);
  lab.advance(ms);
  return Object.fromEntries(
    lab.wires.all.map(({ from, to, packets }, i) => [`${from}→${to}`, packets - (before[i] as number)]),
  );
}

describe('a star: a and b with the root between them', () => {
  function star(): TrunkLab {
    const lab = new TrunkLab();
    lab.publisher('a', 'ann');
    lab.publisher('b', 'ben');
    lab.subscriber('a', 'vic', 2);
    lab.subscriber('b', 'wim', 2);
    branch(lab, 'r', 'a');
    branch(lab, 'r', 'b');
    lab.advance(5000);
    return lab;
  }

  test('everybody sees everybody, and each stream crosses each trunk once', () => {
    const lab = star();
    expect(lab.worker('a').shown('vic')).toBe('ann:h ben:h');
    expect(lab.worker('b').shown('wim')).toBe('ben:h ann:h');
    const sent = traffic(lab, 1000);
    // Three encodings of 2.15 Mb/s in packets of 1000 bytes, some of them short: 300 a second of each camera.
    expect(sent['a→r']).toBeGreaterThan(250);
    expect(sent['a→r']).toBeLessThan(330);
    expect(Math.abs((sent['r→b'] ?? 0) - (sent['a→r'] ?? 0))).toBeLessThan(30);
    expect(Math.abs((sent['r→a'] ?? 0) - (sent['b→r'] ?? 0))).toBeLessThan(30);
  });

  test('split horizon: nobody is announced back to where he came from', () => {
    const lab = star();
    const announced = lab.messages.filter((message) => message.includes(' source '));
    expect(announced).toContain('a → r source ann/camera');
    expect(announced).toContain('r → b source ann/camera');
    expect(announced).not.toContain('r → a source ann/camera');
    expect(announced).not.toContain('b → r source ann/camera');
    expect(remotesOf(lab, 'r')).toEqual(
      ['ann', 'ben', 'vic', 'wim'].filter((name) => name === 'ann' || name === 'ben'),
    );
  });

  test('a packet is repaired on the hop that lost it', () => {
    const lab = star();
    let packets = 0;
    lab.wire('r', 'b').loses = () => packets++ % 20 === 0;
    lab.advance(5000);
    const asked = (worker: string, name: string) => {
      const { cascade } = lab.worker(worker);
      const video = cascade.remotes.get(name as ParticipantId)?.sources.find(({ isAudio }) => !isAudio);
      return (video?.encodings ?? []).reduce((sum, { stream }) => sum + (stream?.nack?.requested ?? 0), 0);
    };
    expect(asked('b', 'ann')).toBeGreaterThan(30);
    expect(asked('r', 'ann')).toBe(0);
  });

  test('the root need not have anybody of its own, and forgets the meeting with its last link', () => {
    const lab = star();
    const { registry } = lab.worker('r').lab;
    expect(registry.participants.size).toBe(0);
    for (const id of ['r-a', 'r-b']) registry.trunks.unlink('m' as never, id as never);
    lab.advance(100);
    expect(registry.meetings.size).toBe(0);
    expect(remotesOf(lab, 'a')).toEqual([]);
    expect(lab.worker('b').slots('wim')).toBe('ben/microphone - ben/camera -');
  });

  test('a branch that is unlinked and linked again is as before', () => {
    const lab = star();
    lab.worker('a').lab.registry.trunks.unlink('m' as never, 'r-a' as never);
    lab.advance(200);
    expect([remotesOf(lab, 'r'), remotesOf(lab, 'b')]).toEqual([['ben'], []]);
    lab.worker('a').lab.registry.trunks.link('m' as never, 'r-a' as never, 'parent');
    lab.advance(5000);
    expect(lab.worker('b').shown('wim')).toBe('ben:h ann:h');
    expect(lab.worker('a').shown('vic')).toBe('ann:h ben:h');
  });
});

describe('a line', () => {
  const NAMES = Array.from({ length: MAX_HOPS + 2 }, (_, index) => String.fromCharCode(97 + index));

  test(`reaches ${MAX_HOPS} trunks far, and no further`, () => {
    const lab = new TrunkLab();
    lab.publisher('a', 'ann');
    NAMES.slice(1).forEach((name, i) => {
      lab.subscriber(name, `viewer ${name}`);
      branch(lab, NAMES[i] as string, name);
    });
    lab.advance(7000 + 1000 * MAX_HOPS);
    const reached = NAMES.slice(1).map((name) => remotesOf(lab, name).join());
    expect(reached).toEqual([...Array.from({ length: MAX_HOPS }, () => 'ann'), '']);
    const [last = '', beyond = ''] = NAMES.slice(-2);
    expect(lab.worker(last).shown(`viewer ${last}`)).toBe('ann:h');
    expect(lab.worker(beyond).shown(`viewer ${beyond}`)).toBe('-');
  });

  test('what only the far end watches crosses all trunks between, at its height', () => {
    const lab = new TrunkLab();
    lab.publisher('a', 'ann');
    lab.subscriber('c', 'cid');
    branch(lab, 'a', 'b');
    branch(lab, 'b', 'c');
    lab.worker('c').view('cid', 'v0', { maxHeight: 180 });
    lab.advance(8000);
    expect(lab.worker('c').shown('cid')).toBe('ann:l');
    const { 'a→b': first, 'b→c': second } = traffic(lab, 2000);
    // 150 kb/s of the lowest encoding: 25 packets a second.
    expect(first).toBeLessThan(60);
    expect(second).toBeLessThan(60);
    expect(lab.worker('a').demand('ann')).toBe('l180 - -');
  });
});

describe('what should not be', () => {
  test('a ring: everybody is there once, and nothing circles', () => {
    const lab = new TrunkLab();
    lab.publisher('a', 'ann');
    lab.subscriber('b', 'ben');
    lab.subscriber('c', 'cid');
    branch(lab, 'a', 'b');
    branch(lab, 'b', 'c');
    branch(lab, 'c', 'a');
    lab.advance(3000);
    expect(lab.worker('b').shown('ben')).toBe('ann:h');
    expect(lab.worker('c').shown('cid')).toBe('ann:h');
    const duplicates = ['a', 'b', 'c'].map((name) => lab.worker(name).cascade.duplicates);
    expect(duplicates.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(0);
    const sent = traffic(lab, 1000);
    // Each viewer's worker has her from one side, and sends her nowhere that she is wanted from.
    expect((sent['a→b'] ?? 0) + (sent['a→c'] ?? 0) + (sent['c→b'] ?? 0) + (sent['b→c'] ?? 0)).toBeLessThan(700);
    lab.worker('a').lab.leave('ann');
    lab.worker('a').cameras.length = 0;
    lab.advance(1000);
    expect(['a', 'b', 'c'].map((name) => remotesOf(lab, name).join())).toEqual(['', '', '']);
    const told = lab.messages.length;
    lab.advance(1000);
    // Levels and rankings apart, silence: the phantom has counted itself out.
    expect(lab.messages.slice(told).filter((message) => /source|withdraw/.test(message))).toEqual([]);
  });

  test('the same participant on two workers, as in the middle of a move: the first is taken, then the other', () => {
    const lab = new TrunkLab();
    lab.publisher('a', 'ann');
    lab.subscriber('b', 'vic');
    branch(lab, 'r', 'a');
    branch(lab, 'r', 'b');
    branch(lab, 'r', 'c');
    lab.advance(5000);
    expect(lab.worker('b').shown('vic')).toBe('ann:h');
    lab.publisher('c', 'ann');
    lab.advance(2000);
    expect(lab.worker('r').cascade.duplicates).toBe(2);
    const seen = lab.worker('b').slots('vic');
    const told = lab.messages.length;
    lab.worker('a').lab.leave('ann');
    lab.worker('a').cameras.length = 0;
    lab.advance(5000);
    expect(lab.worker('b').slots('vic')).toBe(seen);
    expect(lab.worker('b').shown('vic')).toBe('ann:h');
    // Towards b nothing has changed: the same announcement holds, and the stream goes on.
    expect(lab.messages.slice(told).filter((message) => /r → b (source|withdraw)/.test(message))).toEqual([]);
  });
});

describe('somebody moves to the worker of those who watch him', () => {
  /** ann on a, vic on r, wim on b; r is between them. */
  function scene(): TrunkLab {
    const lab = new TrunkLab();
    lab.publisher('a', 'ann');
    lab.subscriber('r', 'vic');
    lab.subscriber('b', 'wim');
    branch(lab, 'r', 'a');
    branch(lab, 'r', 'b');
    lab.advance(5000);
    return lab;
  }

  /** The longest time in which `name` was sent no picture, in steps of a frame; each step is looked at by `inBetween`. */
  function longestGapMs(lab: TrunkLab, worker: string, name: string, ms: number, inBetween = () => {}): number {
    const { sentBytes } = lab.worker(worker);
    let longestMs = 0;
    let gapMs = 0;
    for (let at = 0; at < ms; at += 40) {
      const before = sentBytes.get(name) ?? 0;
      lab.advance(40);
      inBetween();
      gapMs = (sentBytes.get(name) ?? 0) > before ? 0 : gapMs + 40;
      longestMs = Math.max(longestMs, gapMs);
    }
    return longestMs;
  }

  test('whoever watches him sees him go on while his connection there is made, and afterwards', () => {
    const lab = scene();
    const { lab: router } = lab.worker('r');
    const slots = lab.worker('r').slots('vic');
    expect(slots).toBe('ann/microphone - ann/camera');
    const announced = lab.messages.length;
    expect(router.join('ann', labMedia({ ssrc: 7000, sources: ['camera'], videoSlots: 0 }))).toBeUndefined();
    const kept = () => expect(lab.worker('r').slots('vic')).toBe(slots);
    expect(longestGapMs(lab, 'r', 'vic', 1000, kept)).toBeLessThanOrEqual(40);
    expect(longestGapMs(lab, 'b', 'wim', 1000)).toBeLessThanOrEqual(40);
    expect(remotesOf(lab, 'r')).toEqual(['ann']);
    router.leave('ann');
    lab.publisher('r', 'ann');
    expect(longestGapMs(lab, 'r', 'vic', 1000, kept)).toBeLessThanOrEqual(80);
    expect(remotesOf(lab, 'r')).toEqual([]);
    expect(longestGapMs(lab, 'b', 'wim', 1000)).toBeLessThanOrEqual(80);
    lab.worker('a').lab.leave('ann');
    lab.worker('a').cameras.length = 0;
    expect(longestGapMs(lab, 'r', 'vic', 3000, kept)).toBeLessThanOrEqual(40);
    expect(longestGapMs(lab, 'b', 'wim', 1000)).toBeLessThanOrEqual(40);
    expect(lab.worker('b').shown('wim')).toMatch(/^ann:/);
    expect(lab.messages.slice(announced).filter((message) => /r → b withdraw/.test(message))).toEqual([]);
  });

  test('another way to the worker where he is: seen neither there nor beyond a trunk', () => {
    const lab = scene();
    lab.subscriber('a', 'xen');
    lab.advance(2000);
    const a = lab.worker('a');
    const announced = lab.messages.length;
    a.secondConnection('ann', 'ann2');
    for (const [worker, name] of [
      ['a', 'xen'],
      ['r', 'vic'],
      ['b', 'wim'],
    ] as const) {
      expect(longestGapMs(lab, worker, name, 400)).toBeLessThanOrEqual(80);
    }
    a.lab.settleConnection('ann');
    a.cameras.shift();
    for (const [worker, name] of [
      ['a', 'xen'],
      ['r', 'vic'],
      ['b', 'wim'],
    ] as const) {
      expect(longestGapMs(lab, worker, name, 1000)).toBeLessThanOrEqual(40);
    }
    expect(lab.worker('b').shown('wim')).toMatch(/^ann:/);
    expect(lab.messages.slice(announced).filter((message) => /withdraw|renew|release/.test(message))).toEqual([]);
  });

  test('who sends no picture there is taken from where he was until he has left that', () => {
    const lab = scene();
    const { lab: router } = lab.worker('r');
    router.enter('ann', labMedia({ ssrc: 7000, sources: ['camera'], videoSlots: 0 }), 'm', 0);
    expect(longestGapMs(lab, 'r', 'vic', 5000)).toBeLessThanOrEqual(40);
    expect(remotesOf(lab, 'r')).toEqual(['ann']);
    lab.worker('a').lab.leave('ann');
    lab.worker('a').cameras.length = 0;
    lab.advance(100);
    expect(remotesOf(lab, 'r')).toEqual([]);
  });
});

describe('the speaker ranking', () => {
  /** ann on a, ben on b, cid on the root; each hears one voice at a time. */
  function room(): TrunkLab {
    const lab = new TrunkLab();
    const slots = { audioSlots: 1, videoSlots: 1 };
    lab.person('a', 'ann', 100, slots);
    lab.person('b', 'ben', 200, slots);
    lab.person('r', 'cid', 300, slots);
    lab.person('a', 'dan', 400, slots);
    branch(lab, 'r', 'a');
    branch(lab, 'r', 'b');
    lab.advance(500);
    return lab;
  }
  const heard = (lab: TrunkLab) =>
    [
      ['a', 'dan'],
      ['b', 'ben'],
      ['r', 'cid'],
    ].map(([worker = '', name = '']) => lab.worker(worker).slots(name).split(' ')[0]);

  test('who speaks anywhere is heard and named everywhere', () => {
    const lab = room();
    lab.voice('a/ann', 100, 20);
    lab.advance(3000);
    expect(heard(lab)).toEqual(['ann/microphone', 'ann/microphone', 'ann/microphone']);
    const told = ['a', 'b', 'r'].map((name) => lab.worker(name).lab.events.findLast((event) => /speakers/.test(event)));
    expect(told).toEqual(['speakers ann', 'speakers ann', 'speakers ann']);
    lab.voices.clear();
    lab.voice('b/ben', 200, 20);
    lab.advance(8000);
    expect(heard(lab).slice(0, 1)).toEqual(['ben/microphone']);
    expect(lab.worker('r').slots('cid')).toBe('ben/microphone ben/camera');
    expect(lab.worker('a').lab.events.at(-1)).toBe('speakers ben');
  });

  test('of two loud ones on different workers the louder is the same for all', () => {
    const lab = room();
    lab.voice('a/ann', 100, 40);
    lab.voice('b/ben', 200, 15);
    lab.advance(5000);
    expect(lab.worker('a').slots('dan').split(' ')[0]).toBe('ben/microphone');
    expect(lab.worker('r').slots('cid').split(' ')[0]).toBe('ben/microphone');
    expect(['a', 'b', 'r'].map((name) => lab.worker(name).lab.events.at(-1))).toEqual(
      Array(3).fill('speakers ben ann'),
    );
  });

  test('only who is ranked is sent', () => {
    const lab = room();
    lab.voice('a/ann', 100, 20);
    lab.voice('a/dan', 400, 127);
    lab.advance(8000);
    // b's one listener has one audio slot: ann's sound, not dan's.
    const demanded = [...(lab.worker('a').trunk('r-a').links.values().next().value?.relays.keys() ?? [])];
    expect(demanded).toContain('microphone/ann');
    expect(demanded).not.toContain('microphone/dan');
  });

  test('a part that is cut off ranks itself, and is overruled when it is back', () => {
    const lab = room();
    lab.voice('b/ben', 200, 15);
    lab.voice('a/ann', 100, 30);
    lab.advance(4000);
    expect(lab.worker('a').lab.events.at(-1)).toBe('speakers ben ann');
    lab.cut('r', 'a');
    lab.advance(5000);
    expect(lab.worker('a').lab.events.at(-1)).toBe('speakers ann');
    expect(lab.worker('b').lab.events.at(-1)).toBe('speakers ben');
    lab.cut('r', 'a', false);
    lab.advance(6000);
    expect(lab.worker('a').lab.events.at(-1)).toBe('speakers ben ann');
  });

  test('another root: it ranks from now on, and the media goes on', () => {
    const lab = room();
    lab.voice('b/ben', 200, 15);
    lab.voice('a/ann', 100, 30);
    lab.advance(4000);
    const told = lab.messages.length;
    lab.link('r-a', 'a');
    lab.advance(200);
    lab.voices.clear();
    lab.voice('a/dan', 400, 15);
    lab.advance(8000);
    expect(['a', 'b', 'r'].map((name) => lab.worker(name).lab.events.at(-1))).toEqual(Array(3).fill('speakers dan'));
    const since = lab.messages.slice(told);
    expect(since.filter((message) => message.startsWith('r → a levels')).length).toBeGreaterThan(0);
    expect(since.filter((message) => message.startsWith('a → r ranking')).length).toBeGreaterThan(0);
    expect(since.filter((message) => /link|source|withdraw/.test(message))).toEqual([]);
  });

  test('costs at most ten messages a second and direction', () => {
    const lab = room();
    lab.voice('a/ann', 100, 20);
    lab.voice('b/ben', 200, 25);
    lab.advance(1000);
    const before = lab.messages.length;
    lab.advance(10_000);
    const ranked = lab.messages.slice(before).filter((message) => /levels|ranking/.test(message));
    for (const way of ['a → r', 'b → r', 'r → a', 'r → b']) {
      expect(ranked.filter((message) => message.startsWith(way)).length).toBeLessThanOrEqual(100);
    }
    expect(ranked.length).toBeGreaterThan(10);
  });
});
