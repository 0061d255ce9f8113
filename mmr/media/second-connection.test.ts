/** Somebody goes over to another way to the same place: for a while he has two connections to one worker. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../common/ids.ts';
import { FIRST_CHECK_US, TWO_CONNECTIONS_US } from './meeting-registry.ts';
import { MediaWorkerLab } from './packet-path-test-lab.ts';
import { labMedia } from './packet-path-test-media.ts';
import { rtpPacket, VP8_DELTA, VP8_KEY } from './packet-path-test-rtp.ts';
import { bindingRequest } from './transport/transport-test-lab.ts';

const FRAME_MS = 20;
const CAMERA = 1;

/** One connection that sends pictures and sound steadily. */
interface Sender {
  readonly by: string;
  readonly ssrc: number;
  frames: number;
}

let lab: MediaWorkerLab;
let senders: Sender[];

/** ann publishes, vic watches; both are watched by each other. */
beforeEach(() => {
  lab = new MediaWorkerLab();
  senders = [];
  lab.enter('ann', labMedia({ ssrc: 100 }));
  lab.enter('vic', labMedia({ ssrc: 200 }));
  begin('ann', 100);
  play(500);
});

function begin(by: string, ssrc: number): void {
  senders.push({ by, ssrc, frames: 0 });
}

function stop(by: string): void {
  senders = senders.filter((sender) => sender.by !== by);
}

/** Sends for a while; returns the longest time without a picture for `watcher`, and how many pictures came. */
function play(ms: number, watcher = 'vic'): { gapMs: number; pictures: number } {
  let [gapMs, longestMs, pictures] = [0, 0, 0];
  for (let at = 0; at < ms; at += FRAME_MS) {
    for (const sender of senders) sendFrame(sender);
    lab.run();
    lab.advance(FRAME_MS);
    const came = lab.takeRtp(watcher).filter(({ header }) => header.payloadType === 96).length;
    pictures += came;
    gapMs = came > 0 ? 0 : gapMs + FRAME_MS;
    longestMs = Math.max(longestMs, gapMs);
  }
  return { gapMs: longestMs, pictures };
}

function sendFrame(sender: Sender): void {
  const number = sender.frames++;
  const [sequenceNumber, timestamp] = [1000 + number, 9000 + number * FRAME_MS * 90];
  const payload = number === 0 ? VP8_KEY : VP8_DELTA;
  lab.receive(sender.by, rtpPacket({ ssrc: sender.ssrc + CAMERA, sequenceNumber, timestamp, marker: true, payload }));
  const sound = { sequenceNumber, timestamp: number * 960, payloadType: 111, payload: [1, 2, 3] };
  lab.receive(sender.by, rtpPacket({ ssrc: sender.ssrc, ...sound }));
}

const open = (by = 'ann2', ssrc = 300) => lab.openConnection('ann', by, labMedia({ ssrc }));
const ann = () => lab.registry.participants.get('ann' as ParticipantId);
const vicSees = () => [lab.slots.get('vic/v0'), lab.slots.get('vic/v1')];

describe('the second connection takes the place of the first', () => {
  test('without a gap for those who watch, and without a picture twice', () => {
    const before = vicSees();
    expect(before).toContain('ann/camera');
    expect(open()).toBeUndefined();
    expect(play(500).gapMs).toBe(0);
    lab.connect('ann', 'ann2');
    // Connected, but no key frame yet: the first one counts.
    expect(play(200)).toEqual({ gapMs: 0, pictures: 200 / FRAME_MS });
    begin('ann2', 300);
    const both = play(400);
    expect(both.gapMs).toBeLessThanOrEqual(40);
    // Each picture once; at the change the key frame is sent again, and what has followed it within a tick or two.
    expect(both.pictures).toBeLessThanOrEqual(400 / FRAME_MS + 2);
    expect(vicSees()).toEqual(before);
    lab.settleConnection('ann');
    stop('ann');
    expect(play(1000).gapMs).toBeLessThanOrEqual(40);
    expect(lab.events.filter((event) => event.startsWith('left'))).toEqual([]);
  });

  test('which is gone afterwards with all that was its own', () => {
    const transports = lab.engine.openTransports.size;
    open();
    expect(lab.engine.openTransports.size).toBe(transports + 1);
    lab.connect('ann', 'ann2');
    begin('ann2', 300);
    play(200);
    lab.settleConnection('ann');
    expect(lab.engine.openTransports.size).toBe(transports);
    expect(lab.registry.byUfrag('ufrag-ann')).toBeUndefined();
    const meeting = [...lab.registry.meetings.values()][0];
    expect([meeting?.participants.size, meeting?.speakers.byLoudness.length]).toEqual([2, 2]);
    for (const name of ['ann', 'vic']) lab.leave(name);
    expect([lab.engine.openTransports.size, lab.registry.meetings.size]).toEqual([0, 0]);
    expect(lab.events.filter((event) => event.startsWith('left'))).toEqual(['left ann left', 'left vic left']);
  });

  test('who goes over is sent everything by both', () => {
    begin('vic', 200);
    play(200);
    open();
    lab.connect('ann', 'ann2');
    senders = senders.filter(({ by }) => by !== 'vic');
    begin('vic', 200);
    for (const sender of senders) if (sender.by === 'vic') sender.frames = 500;
    play(500);
    expect(ann()?.slots.map(({ current }) => current?.kind)).toEqual(expect.arrayContaining(['microphone', 'camera']));
    lab.takeRtp('ann');
    expect(play(400, 'ann').gapMs).toBe(0);
    expect(lab.takeRtp('ann2').length).toBeGreaterThan(400 / FRAME_MS);
  });

  test('a muted camera is not waited for, and unmuting is heard by both', () => {
    lab.mute('ann', 'camera', true);
    play(100);
    lab.openConnection('ann', 'ann2', labMedia({ ssrc: 300, muted: ['camera'] }));
    lab.connect('ann', 'ann2');
    play(100);
    expect(ann()?.standing).toBe('inUse');
    lab.mute('ann', 'camera', false);
    begin('ann2', 300);
    play(300);
    expect(vicSees()).toContain('ann/camera');
  });

  test.each(['is told', 'has waited for ten seconds'])('when the worker %s, and it stands', (how) => {
    open();
    lab.connect('ann', 'ann2');
    if (how !== 'is told') lab.advance(TWO_CONNECTIONS_US / 1000 + 20);
    else lab.settleConnection('ann');
    expect(lab.registry.byUfrag('ufrag-ann')).toBeUndefined();
    stop('ann');
    begin('ann2', 300);
    play(100);
    expect(play(500).gapMs).toBe(0);
  });
});

describe('the second connection comes to nothing', () => {
  test.each([
    ['that nothing comes by', FIRST_CHECK_US, false],
    ['that never stands', TWO_CONNECTIONS_US, true],
  ])('one %s is dropped after %i µs, and the first one is told of again', (_, afterUs, isReached) => {
    const transports = lab.engine.openTransports.size;
    open();
    expect(lab.events.at(-1)).toBe('by ufrag-ann2 ann');
    if (isReached) lab.receive('ann2', bindingRequest({ username: 'ufrag-ann2:peer', useCandidate: true }));
    lab.settleConnection('ann');
    expect(play(afterUs / 1000 - 100).gapMs).toBe(0);
    expect(lab.events.at(-1)).toBe('by ufrag-ann2 ann');
    lab.slots.clear();
    expect(play(200).gapMs).toBe(0);
    expect(lab.events.at(-1)).toBe('by ufrag-ann ann');
    expect([...lab.slots.keys()]).toEqual(['ann/a0', 'ann/a1', 'ann/v0', 'ann/v1']);
    expect(lab.engine.openTransports.size).toBe(transports);
    expect([ann()?.standing, play(500).gapMs]).toEqual(['inUse', 0]);
  });

  test.each([false, true])('one that is given up is gone at once, also when it stands (%s)', (stands) => {
    const transports = lab.engine.openTransports.size;
    open();
    if (stands) {
      lab.connect('ann', 'ann2');
      begin('ann2', 300);
    }
    expect(play(200).gapMs).toBeLessThanOrEqual(40);
    stop('ann2');
    lab.settleConnection('ann', true);
    expect([lab.events.at(-1), lab.engine.openTransports.size]).toEqual(['by ufrag-ann ann', transports]);
    expect(play(500).gapMs).toBeLessThanOrEqual(40);
    expect([...lab.slots.keys()]).toEqual(expect.arrayContaining(['ann/a0', 'ann/v0']));
    // There is no other any more that he could give up.
    lab.settleConnection('ann', true);
    expect([ann()?.standing, lab.events.filter((event) => event.startsWith('left'))]).toEqual(['inUse', []]);
  });

  test('the first one may end before the second stands, and before it is settled', () => {
    open();
    lab.dtls('ann', 'goodbye', 'ann');
    expect(lab.registry.byUfrag('ufrag-ann')).toBeUndefined();
    stop('ann');
    lab.connect('ann', 'ann2');
    begin('ann2', 300);
    play(200);
    expect(play(500).gapMs).toBe(0);
    open('ann3', 500);
    lab.connect('ann', 'ann3');
    lab.dtls('ann', 'goodbye', 'ann2');
    begin('ann3', 500);
    play(200);
    expect([lab.events.filter((event) => event.startsWith('left')), play(500).gapMs]).toEqual([[], 0]);
  });

  test('a third takes its place', () => {
    open();
    expect(open('ann3', 500)).toBeUndefined();
    expect([lab.registry.byUfrag('ufrag-ann2'), lab.registry.byUfrag('ufrag-ann')?.transport.state]).toEqual([
      undefined,
      'connected',
    ]);
    lab.connect('ann', 'ann3');
    begin('ann3', 500);
    expect(play(300).gapMs).toBeLessThanOrEqual(40);
    // Now the one that stands stays, and the first one goes.
    expect(open('ann4', 700)).toBeUndefined();
    expect(lab.registry.byUfrag('ufrag-ann')).toBeUndefined();
    stop('ann');
    expect(play(300).gapMs).toBeLessThanOrEqual(40);
  });

  test('who leaves leaves by both, once', () => {
    open();
    lab.leave('ann');
    expect(lab.events.filter((event) => event.startsWith('left'))).toEqual(['left ann left']);
    expect([lab.engine.openTransports.size, ann()]).toEqual([1, undefined]);
    expect(open()).toBe('noSuchParticipant');
  });

  test('what is refused changes nothing', () => {
    expect(lab.openConnection('ann', 'ann', labMedia({ ssrc: 300 }))).toBe('badMedia');
    expect(lab.openConnection('nobody', 'x', labMedia({ ssrc: 300 }))).toBe('noSuchParticipant');
    expect(play(200).gapMs).toBe(0);
  });
});
