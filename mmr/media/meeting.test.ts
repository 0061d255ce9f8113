import { describe, expect, test } from 'vitest';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { Meeting } from './meeting.ts';
import type { ViewEntry } from './negotiated.ts';
import { MediaWorkerLab } from './packet-path-test-lab.ts';
import { labMedia } from './packet-path-test-media.ts';
import { rtpPacket, VP8_DELTA, VP8_KEY } from './packet-path-test-rtp.ts';

function meetingOf(lab: MediaWorkerLab): Meeting {
  const meeting = lab.registry.meetings.get('m' as MeetingId);
  if (meeting === undefined) throw new Error('no meeting');
  return meeting;
}

/** What `name` sees and hears, slot by slot. */
function slotsOf(lab: MediaWorkerLab, name: string): string {
  const { slots } = lab.registry.participants.get(name as ParticipantId) ?? { slots: [] };
  return slots.map(({ current }) => (current === undefined ? '-' : `${current.participant}/${current.kind}`)).join(' ');
}

function view(lab: MediaWorkerLab, name: string, mid: string, source: ViewEntry['source']): void {
  lab.registry.setView(name as ParticipantId, [{ mid, source, maxHeight: undefined, maxFps: undefined }]);
  lab.advance(20);
}

/** Everybody with microphone and camera, one audio slot and `videoSlots`. */
function room(names: readonly string[], videoSlots: number, audioSlots = 1): MediaWorkerLab {
  const lab = new MediaWorkerLab();
  for (const [i, name] of names.entries()) lab.enter(name, labMedia({ ssrc: 100 * (i + 1), audioSlots, videoSlots }));
  return lab;
}

/** `name` speaks for `seconds` at `level` −dBov. */
function speak(lab: MediaWorkerLab, name: string, seconds: number, level = 20): void {
  const ssrc = lab.registry.participants.get(name as ParticipantId)?.sources[0]?.encodings[0]?.stream?.ssrc ?? 0;
  const known = [...lab.registry.participants.keys()].indexOf(name as ParticipantId);
  for (let i = 0; i < seconds * 50; i++) {
    const sequenceNumber = (lab.nowUs / 20_000) & 0xffff;
    const extensions = [{ id: 1, bytes: [0x80 | level] }];
    const fields = { payloadType: 111, sequenceNumber, timestamp: sequenceNumber * 960, extensions, payload: [1, 2] };
    lab.receive(name, rtpPacket({ ssrc: ssrc || 100 * (known + 1), ...fields }));
    lab.run();
    lab.advance(20);
  }
}

describe('video slots', () => {
  test('are filled with the others’ cameras in the order of joining, never one’s own', () => {
    const lab = room(['ann', 'ben', 'cid'], 3);
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone ben/camera cid/camera -');
    expect(slotsOf(lab, 'cid')).toBe('ann/microphone ann/camera ben/camera -');
  });

  test('a leaver’s slot becomes free, and nothing else moves', () => {
    const lab = room(['ann', 'ben', 'cid', 'dan'], 3);
    lab.leave('ben');
    lab.advance(20);
    expect(slotsOf(lab, 'dan')).toBe('ann/microphone ann/camera - cid/camera');
    expect(lab.slots.get('dan/v1')).toBe('');
    expect(lab.events.at(-1)).toBe('left ben left');
  });

  test('a muted camera frees its slot and comes back', () => {
    const lab = room(['ann', 'ben'], 1);
    lab.mute('ben', 'camera', true);
    lab.advance(20);
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone -');
    lab.mute('ben', 'camera', false);
    lab.advance(20);
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone ben/camera');
  });

  test('a camera that comes back begins with a new key frame, not with what went before the mute', () => {
    const lab = room(['ann', 'ben'], 1);
    const send = (sequenceNumber: number, payload: readonly number[]): number => {
      lab.receive('ben', rtpPacket({ ssrc: 201, sequenceNumber, timestamp: sequenceNumber * 3000, payload }));
      lab.run();
      lab.advance(20);
      return lab.takeRtp('ann').length;
    };
    expect([send(1, VP8_KEY), send(2, VP8_DELTA)]).toEqual([1, 1]);
    lab.mute('ben', 'camera', true);
    lab.advance(20);
    expect([send(3, VP8_DELTA), send(4, VP8_DELTA)]).toEqual([0, 0]);
    lab.mute('ben', 'camera', false);
    lab.advance(20);
    expect([send(5, VP8_DELTA), send(6, VP8_KEY), send(7, VP8_DELTA)]).toEqual([0, 1, 1]);
  });

  test('a screen comes before cameras', () => {
    const lab = room(['ann', 'ben', 'cid'], 2);
    lab.enter(
      'dan',
      labMedia({ ssrc: 900, sources: ['camera', 'screen'], muted: ['screen'], audioSlots: 0, videoSlots: 0 }),
    );
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone ben/camera cid/camera');
    lab.mute('dan', 'screen', false);
    lab.advance(20);
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone ben/camera dan/screen');
  });

  test('who speaks takes the place of the one who counts least, and stays', () => {
    const lab = room(['ann', 'ben', 'cid', 'dan'], 2);
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone ben/camera cid/camera');
    speak(lab, 'dan', 2);
    expect(slotsOf(lab, 'ann')).toBe('dan/microphone ben/camera dan/camera');
    lab.advance(20_000);
    expect(slotsOf(lab, 'ann')).toBe('dan/microphone ben/camera dan/camera');
  });

  test('views: a fixed source, off, and auto again', () => {
    const lab = room(['ann', 'ben', 'cid'], 2);
    view(lab, 'ann', 'v0', { participant: 'cid', kind: 'camera' });
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone cid/camera ben/camera');
    view(lab, 'ann', 'v1', 'off');
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone cid/camera -');
    view(lab, 'ann', 'v0', 'auto');
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone ben/camera -');
    view(lab, 'ann', 'v1', 'auto');
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone ben/camera cid/camera');
  });

  test.each<[string, ViewEntry['source']]>([
    ['one’s own camera', { participant: 'ann', kind: 'camera' }],
    ['somebody who is not here', { participant: 'eve', kind: 'camera' }],
    ['a source that does not exist', { participant: 'ben', kind: 'screen' }],
    ['sound in a video slot', { participant: 'ben', kind: 'microphone' }],
  ])('a view of %s leaves the slot empty', (_name, source) => {
    const lab = room(['ann', 'ben'], 1);
    view(lab, 'ann', 'v0', source);
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone -');
  });

  test('a source that the receiver cannot decode is not assigned', () => {
    const lab = room(['ann'], 1);
    const media = labMedia({ ssrc: 700, sources: ['camera'], audioSlots: 0, videoSlots: 0 });
    const av1 = { name: 'AV1', payloadType: 45, clockRateHz: 90_000, key: 'AV1/0' } as const;
    lab.enter('ben', { ...media, sources: media.sources.map((source) => ({ ...source, codecs: [av1] })) });
    expect(slotsOf(lab, 'ann')).toBe('- -');
  });

  test('a late joiner gets a key-frame request on its way at once', () => {
    const lab = room(['ann'], 0);
    lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: 1, payload: VP8_KEY }));
    lab.run();
    lab.advance(5_000);
    lab.rtcp.length = 0;
    lab.enter('ben', labMedia({ ssrc: 200, sources: [], audioSlots: 0, videoSlots: 1 }));
    const isPli = (bytes: Uint8Array) => bytes.join(' ').includes('129 206 0 2');
    expect(lab.rtcp.filter(({ to, bytes }) => to === 'ann' && isPli(bytes))).toHaveLength(1);
  });
});

describe('audio slots', () => {
  test('carry the loudest of the others, and a slot keeps its source while that is among them', () => {
    const lab = room(['ann', 'ben', 'cid', 'dan', 'eve'], 0, 2);
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone cid/microphone');
    speak(lab, 'eve', 2);
    expect(slotsOf(lab, 'ann')).toBe('ben/microphone eve/microphone');
    speak(lab, 'dan', 2, 10);
    expect(slotsOf(lab, 'ann')).toBe('dan/microphone eve/microphone');
    expect(slotsOf(lab, 'dan')).toBe('ann/microphone eve/microphone');
  });

  test('the first packet of the new source goes out, with its CSRC', () => {
    const lab = room(['ann', 'ben'], 0);
    speak(lab, 'ben', 0.02);
    expect(lab.takeRtp('ann').map(({ header, bytes }) => [header.csrcCount, bytes[15]])).toEqual([[1, 200]]);
  });

  test('speakers are reported when they change', () => {
    const lab = room(['ann', 'ben'], 0);
    speak(lab, 'ben', 1);
    lab.advance(5_000);
    expect(lab.events.filter((event) => event.startsWith('speakers'))).toEqual(['speakers ben', 'speakers ']);
  });

  test('who mutes himself or leaves is no speaker any more with the next decision', () => {
    const lab = room(['ann', 'ben', 'cid'], 0);
    speak(lab, 'ben', 2);
    lab.mute('ben', 'microphone', true);
    lab.advance(300);
    speak(lab, 'cid', 2);
    lab.leave('cid');
    lab.advance(300);
    expect(lab.events.filter((event) => event.startsWith('speakers'))).toEqual([
      'speakers ben',
      'speakers ',
      'speakers cid',
      'speakers ',
    ]);
  });
});

describe('a big meeting', () => {
  test('a storm of joins is assigned in rounds, not once per join', () => {
    const lab = new MediaWorkerLab();
    const subscriber = labMedia({ sources: ['microphone'], audioSlots: 1, videoSlots: 0 });
    for (let i = 0; i < 300; i++) {
      const name = `p${i}`;
      lab.join(name, subscriber);
      lab.connect(name);
      if (i % 10 === 0) lab.advance(10);
    }
    expect(meetingOf(lab).nextTimeoutUs() - lab.nowUs).toBeLessThanOrEqual(300_000);
    lab.advance(300);
    expect(slotsOf(lab, 'p299')).toBe('p0/microphone');
    expect(slotsOf(lab, 'p0')).toBe('p1/microphone');
  });
});
