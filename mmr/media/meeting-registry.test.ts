import { queryObjects } from 'node:v8';
import { describe, expect, test } from 'vitest';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { Rendition } from './forward/rendition.ts';
import { IngressStream } from './ingress/ingress-stream.ts';
import { Meeting } from './meeting.ts';
import { MeetingParticipant } from './meeting-participant.ts';
import { MediaWorkerLab } from './packet-path-test-lab.ts';
import { labMedia } from './packet-path-test-media.ts';
import { rtpPacket, VP8_KEY } from './packet-path-test-rtp.ts';
import { bindingRequest } from './transport/transport-test-lab.ts';

const ann = 'ann' as ParticipantId;

/** How many objects of each kind that belong to somebody are alive, after a garbage collection. */
function alive(): Record<string, number> {
  const kinds = [Meeting, MeetingParticipant, IngressStream, Rendition];
  return Object.fromEntries(kinds.map((kind) => [kind.name, queryObjects(kind, { format: 'count' })]));
}

describe('joining', () => {
  test('is refused twice, when full, and for media that cannot be carried', () => {
    const lab = new MediaWorkerLab({ maxParticipants: 2 });
    const media = labMedia();
    const slot = media.slots[0];
    expect(lab.join('ann', media)).toBeUndefined();
    expect(lab.join('ann', media)).toBe('alreadyJoined');
    expect(lab.join('bad', { ...media, slots: slot === undefined ? [] : [slot, slot] })).toBe('badMedia');
    expect(lab.join('big', labMedia({ videoSlots: 200 }))).toBe('badMedia');
    expect(lab.join('ben', media)).toBeUndefined();
    expect(lab.join('cid', media)).toBe('workerFull');
    expect(lab.registry.byHandle.filter((participant) => participant !== undefined)).toHaveLength(2);
  });

  test('a further offer adds what is new and leaves the rest alone', () => {
    const lab = new MediaWorkerLab();
    lab.enter('ann', labMedia({ videoSlots: 1 }));
    lab.enter('ben', labMedia({ ssrc: 200 }));
    lab.enter('cid', labMedia({ ssrc: 300 }));
    lab.receive('ben', rtpPacket({ ssrc: 201, sequenceNumber: 1, payload: VP8_KEY }));
    lab.run();
    const before = lab.takeRtp('ann')[0];
    expect(
      lab.registry.update(ann, labMedia({ videoSlots: 2, sources: ['microphone', 'camera', 'screen'] })),
    ).toBeUndefined();
    lab.advance(50);
    lab.receive('ben', rtpPacket({ ssrc: 201, sequenceNumber: 2 }));
    lab.receive('cid', rtpPacket({ ssrc: 301, sequenceNumber: 1, payload: VP8_KEY }));
    lab.run();
    expect(lab.takeRtp('ann').map(({ header, index }) => [header.ssrc, index])).toEqual([
      [5100, (before?.index ?? 0) + 1],
      [5101, 5101],
    ]);
    expect(lab.registry.participants.get(ann)?.sources).toHaveLength(3);
  });

  test('offers upon offers do not grow beyond the cap', () => {
    const lab = new MediaWorkerLab();
    lab.enter('ann', labMedia());
    const refusals = Array.from({ length: 200 }, (_, i) => {
      const media = labMedia({ videoSlots: 1 });
      const slots = media.slots.map((slot) => ({ ...slot, mid: `${slot.mid}x${i}`, ssrc: slot.ssrc + 1000 * (i + 1) }));
      return lab.registry.update(ann, { ...media, slots });
    });
    expect(refusals.at(0)).toBeUndefined();
    expect(refusals.at(-1)).toBe('badMedia');
    expect(lab.registry.participants.get(ann)?.slots.length).toBeLessThanOrEqual(128);
    expect(lab.registry.update('eve' as ParticipantId, labMedia())).toBe('noSuchParticipant');
  });

  test('what a further offer adds has the header extensions of that offer', () => {
    const lab = new MediaWorkerLab();
    const audioOnly = { audioLevel: 0, videoOrientation: 0 };
    lab.enter('ann', labMedia({ sources: ['camera'], videoSlots: 0, extensions: audioOnly }));
    lab.enter('ben', labMedia({ ssrc: 200 }));
    expect(lab.registry.update(ann, labMedia({ sources: ['microphone', 'camera'], videoSlots: 1 }))).toBeUndefined();
    lab.advance(50);
    for (let i = 0; i < 50; i++) {
      const level = [{ id: 1, bytes: [0x80 | 20] }];
      lab.receive('ann', rtpPacket({ ssrc: 100, payloadType: 111, sequenceNumber: i, extensions: level }));
      lab.run();
      lab.advance(20);
    }
    expect(lab.events).toContain('speakers ann');
    const orientation = [{ id: 13, bytes: [1] }];
    lab.receive('ben', rtpPacket({ ssrc: 201, sequenceNumber: 1, extensions: orientation, payload: VP8_KEY }));
    lab.run();
    expect(lab.takeRtp('ann').map(({ header }) => header.extensionSize)).toEqual([4]);
  });

  test('a camera that comes back under another mid is not a second camera', () => {
    const lab = new MediaWorkerLab();
    lab.enter('ann', labMedia());
    const media = labMedia({ sources: ['camera'] });
    const sources = media.sources.map((source) => ({ ...source, mid: 'other', ssrc: 999 }));
    expect(lab.registry.update(ann, { ...media, sources })).toBe('badMedia');
  });
});

describe('leaving', () => {
  test('frees everything; messages about who has left are ignored', () => {
    const lab = new MediaWorkerLab();
    lab.enter('ann', labMedia());
    lab.leave('ann');
    lab.leave('ann');
    lab.mute('ann', 'camera', true);
    lab.registry.setView(ann, []);
    expect(lab.registry.participants.size + lab.registry.meetings.size).toBe(0);
    expect(lab.registry.byUfrag('ufrag-ann')).toBeUndefined();
    expect(lab.engine.openTransports.size).toBe(0);
    expect(lab.events).toEqual(['connected ann', 'left ann left']);
    expect(lab.join('ann', labMedia())).toBeUndefined();
  });

  test('a thousand who come, talk and go leave nothing behind', () => {
    const lab = new MediaWorkerLab({ remembers: false });
    const before = alive();
    lab.enter('host', labMedia({ rtx: true }));
    for (let round = 0; round < 100; round++) {
      const names = Array.from({ length: 10 }, (_, i) => `p${round}-${i}`);
      for (const [i, name] of names.entries()) {
        lab.join(name, labMedia({ ssrc: 1000 * (i + 1), rtx: true }), i < 5 ? 'm' : `own-${name}`);
        if (i % 3 > 0) lab.connect(name);
      }
      lab.receive('host', bindingRequest({ username: 'ufrag-host:peer' }));
      lab.advance(50);
      const fields = { sequenceNumber: round, timestamp: round * 3000, payload: VP8_KEY };
      for (const [i, name] of names.entries()) lab.receive(name, rtpPacket({ ssrc: 1000 * (i + 1) + 1, ...fields }));
      lab.run();
      lab.advance(20);
      for (const name of names) lab.leave(name);
    }
    expect(lab.path.forwarded).toBeGreaterThan(100);
    expect(lab.engine.openTransports.size).toBe(1);
    // A slot remembers what fed it lately: so he is the last to go.
    lab.leave('host');
    expect(alive()).toEqual(before);
  });

  test('packets of who has left are strangers’', () => {
    const lab = new MediaWorkerLab();
    lab.enter('ann', labMedia());
    lab.leave('ann');
    lab.receive('ann', rtpPacket({ ssrc: 101, sequenceNumber: 1, payload: VP8_KEY }));
    lab.receive('ann', bindingRequest({ username: 'ufrag-ann:peer' }));
    lab.run();
    expect(lab.path.consumed + lab.path.forwarded).toBe(1); // the check of before
    expect(lab.accountedFor).toBe(lab.path.received);
  });

  test('who never connects, and who stops answering, is gone in time', () => {
    const lab = new MediaWorkerLab();
    lab.join('ann', labMedia());
    lab.enter('ben', labMedia({ ssrc: 200 }));
    lab.advance(20_000);
    expect(lab.events).toContain('left ann neverConnected');
    lab.advance(15_000);
    expect(lab.events).toContain('left ben consentExpired');
    expect(lab.registry.meetings.size).toBe(0);
  });

  test('closing a meeting ends it for everybody, and for nobody else', () => {
    const lab = new MediaWorkerLab();
    for (const name of ['ann', 'ben']) lab.enter(name, labMedia(), 'one');
    lab.enter('cid', labMedia(), 'two');
    lab.registry.closeMeeting('one' as MeetingId, lab.path);
    lab.path.flush();
    lab.registry.settle(lab.nowUs);
    expect(lab.events.slice(-2)).toEqual(['left ann meetingClosed', 'left ben meetingClosed']);
    expect([...lab.registry.participants.keys()]).toEqual(['cid']);
  });
});
