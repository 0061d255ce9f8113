/** What comes late, or after a pause: a slot shows no hole that nobody can fill, and nothing of long ago. */
import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import { MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { rtpPacket } from '../packet-path-test-rtp.ts';
import { framesOf } from './simulcast-test-lab.ts';
import { expectContinuous, FRAME_MS, full, heights, RIDS, Scene } from './simulcast-test-scene.ts';

describe('a key frame whose first packet comes late', () => {
  /** Five packets of a key frame in `order`, then three pictures. */
  function play(order: readonly number[]): Scene {
    const scene = new Scene();
    scene.target(full('h'));
    scene.capture(['h'], []);
    const keyframe = scene.encoders.h.frame(scene.ms, true, 5);
    for (const at of order) {
      scene.lab.receive('ann', keyframe[at] as Uint8Array);
      scene.lab.run();
    }
    scene.tick();
    scene.captures(3, ['h']);
    return scene;
  }

  test.each([[[1, 2, 0, 3, 4]], [[1, 2, 3, 4, 0]], [[1, 3, 0, 2, 4]], [[4, 3, 2, 1, 0]]])(
    '%j: goes out whole',
    (order) => {
      const sent = play(order).take();
      expectContinuous(sent.toSorted((a, b) => a.index - b.index));
      expect(framesOf(sent)).toHaveLength(4);
      expect(sent).toHaveLength(5 + 6);
    },
  );

  test('and of which a packet is lost for good, lets nobody in', () => {
    const scene = play([1, 3, 0, 4]);
    expect(scene.take()).toEqual([]);
    scene.capture(['h'], ['h']);
    expectContinuous(scene.take());
  });
});

describe('an encoding that was silent', () => {
  test('for more than two seconds: what it sent before is not shown to who comes now', () => {
    const scene = new Scene();
    scene.target(undefined);
    scene.capture(['h'], ['h']);
    scene.captures(5, ['h']);
    const pauseMs = 600_000;
    scene.ms += pauseMs;
    scene.lab.nowUs += pauseMs * 1000;
    scene.target(full('h'));
    const delta = scene.encoders.h.frame(scene.ms, false, 2);
    for (const packet of delta) scene.lab.receive('ann', packet);
    scene.tick();
    expect(scene.take()).toEqual([]);
    scene.captures(3, ['h']); // the first of them is the key frame that was asked for
    const frames = framesOf(scene.take());
    expect(frames).toHaveLength(3);
    expect(((frames[2]?.timestamp ?? 0) - (frames[0]?.timestamp ?? 0)) | 0).toBe(2 * FRAME_MS * 90);
  });

  test('for a second, as a screen is: its key frame serves all who come', () => {
    const scene = new Scene();
    scene.target(undefined);
    scene.capture(['h'], ['h']);
    for (let i = 0; i < 4; i++) {
      scene.ms += 1000;
      scene.lab.nowUs += 1_000_000;
      scene.capture(['h']);
    }
    scene.target(full('h'));
    const packets = scene.encoders.h.frame(scene.ms, false, 2);
    for (const packet of packets) scene.lab.receive('ann', packet);
    scene.tick();
    expect(framesOf(scene.take())).toHaveLength(6);
  });
});

describe('muted and unmuted before slots are assigned anew', () => {
  /** ann is muted for three pictures of `h`. */
  function muteShortly(scene: Scene): void {
    scene.lab.mute('ann', 'camera', true);
    for (let i = 0; i < 3; i++) {
      for (const packet of scene.encoders.h.frame(scene.ms, false, 2)) scene.lab.receive('ann', packet);
      scene.tick();
    }
    scene.lab.mute('ann', 'camera', false);
  }

  test('a slot goes on without a hole, with a key frame that is asked for at once', () => {
    const scene = new Scene();
    scene.target(full('h'));
    scene.capture(['h'], ['h']);
    scene.captures(40, ['h']);
    const before = scene.take();
    muteShortly(scene);
    expect(scene.take()).toEqual([]);
    expect(scene.isAsked('h')).toBe(true);
    scene.capture(['h']);
    expect(scene.take()).toEqual([]);
    scene.capture(['h'], ['h']);
    scene.captures(3, ['h']);
    const after = scene.take();
    expect(after[0]?.index).toBe((before.at(-1)?.index ?? 0) + 1);
    expectContinuous([...before, ...after]);
    expect(framesOf(after).at(0)?.isKeyframe).toBe(true);
  });

  test('a key frame of before the mute that comes late is not shown', () => {
    const scene = new Scene();
    scene.target(full('h'));
    scene.capture(RIDS, RIDS);
    const late = scene.encoders.h.frame(scene.ms, true, 1);
    scene.tick();
    scene.captures(2, ['h']);
    scene.take();
    muteShortly(scene);
    for (const packet of late) scene.lab.receive('ann', packet);
    scene.captures(1, ['l']);
    for (const packet of scene.encoders.h.frame(scene.ms, false, 1)) scene.lab.receive('ann', packet);
    scene.tick();
    expect(new Set(heights(scene.take()))).not.toContain('h');
  });

  test('a microphone goes on with the next packet, right after the last number', () => {
    const lab = new MediaWorkerLab({ storeSlots: 512 });
    lab.enter('vic', labMedia({ sources: [], audioSlots: 1, videoSlots: 0 }));
    lab.enter('ann', labMedia({ ssrc: 100, sources: ['microphone'], audioSlots: 0, videoSlots: 0 }));
    const speak = (sequenceNumber: number): void => {
      const extensions = [{ id: 1, bytes: [0x85] }];
      const timestamp = sequenceNumber * 960;
      lab.receive(
        'ann',
        rtpPacket({ ssrc: 100, payloadType: 111, sequenceNumber, timestamp, extensions, payload: [1] }),
      );
      lab.run();
    };
    for (let i = 1; i <= 3; i++) speak(i);
    lab.mute('ann', 'microphone', true);
    for (let i = 4; i <= 6; i++) speak(i);
    lab.mute('ann', 'microphone', false);
    for (let i = 7; i <= 9; i++) speak(i);
    const indices = lab.takeRtp('vic').map(({ index }) => index);
    expect(indices.map((index) => index - (indices[0] ?? 0))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(lab.registry.participants.get('ann' as ParticipantId)?.sources[0]?.waiting).toBe(0);
  });
});
