import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import type { MeetingParticipant } from '../meeting-participant.ts';
import { ParticipantQuality, QUALITY_INTERVAL_US } from './quality.ts';

interface Stream {
  readonly statistics: { expected: number; packets: number };
  readonly nack: { overflows: number };
}

class Encoding {
  readonly rid: string;
  stream: Stream | undefined = newStream();
  active = true;

  constructor(rid: string) {
    this.rid = rid;
  }
}

function newStream(): Stream {
  return { statistics: { expected: 0, packets: 0 }, nack: { overflows: 0 } };
}

/** A participant with a microphone and one more source, and his quality interval by interval. */
class Publisher {
  readonly quality = new ParticipantQuality();
  readonly microphone = { kind: 'microphone', isAudio: true, muted: false, encodings: [new Encoding('')] };
  readonly video: { kind: string; isAudio: false; muted: boolean; encodings: Encoding[] };
  readonly stopped = new Set<string>();
  readonly allocation: { slots: unknown[] } = { slots: [] };
  readonly slots: { suspended: boolean; slot: { packetsSent: number } }[] = [];
  #nowUs = 0;

  constructor(kind: 'camera' | 'screen', ...rids: string[]) {
    this.video = { kind, isAudio: false, muted: false, encodings: rids.map((rid) => new Encoding(rid)) };
  }

  /** An interval in which all active streams send `packets`, of which `lost` do not arrive. */
  interval(packets = 100, lost = 0): number | undefined {
    for (const { stream, active } of [...this.microphone.encodings, ...this.video.encodings]) {
      if (stream === undefined || !active) continue;
      stream.statistics.expected += packets;
      stream.statistics.packets += packets - lost;
    }
    this.#nowUs += QUALITY_INTERVAL_US;
    const participant = {
      id: 'p' as ParticipantId,
      sources: [this.microphone, this.video],
      slots: this.slots,
      lossFraction: 0,
      transport: { roundTripMs: undefined, rtcp: { keyframesAsked: 0 } },
      allocator: { allocation: this.allocation },
    };
    // All that is read of a participant.
    const asParticipant = participant as unknown as MeetingParticipant;
    this.quality.update(this.#nowUs, asParticipant, (_source, rid) => this.stopped.has(rid));
    return this.quality.uplink.rounded;
  }
}

describe('uplink', () => {
  test('an encoding that is wanted and has stopped costs; one that nobody wants does not', () => {
    const ann = new Publisher('camera', 'l', 'm', 'h');
    expect([ann.interval(), ann.interval()]).toEqual([100, 100]);
    const [, , h] = ann.video.encodings;
    if (h !== undefined) h.active = false;
    expect(ann.interval()).toBeLessThan(95);
    ann.stopped.add('h');
    for (let i = 0; i < 20; i++) ann.interval();
    expect(ann.interval()).toBe(100);
  });

  test('what is wanted only now has an interval to begin: after a mute, and after nobody watched', () => {
    const ann = new Publisher('camera', 'l', 'h');
    ann.interval();
    ann.video.muted = true;
    for (const encoding of ann.video.encodings) encoding.active = false;
    ann.interval();
    ann.video.muted = false;
    expect(ann.interval()).toBe(100);
    for (const encoding of ann.video.encodings) encoding.active = true;
    expect(ann.interval()).toBe(100);
  });

  test('a camera that sends nothing although it is on costs, a screen on which nothing moves does not', () => {
    const score = (kind: 'camera' | 'screen') => {
      const ann = new Publisher(kind, '');
      ann.interval();
      for (const encoding of ann.video.encodings) encoding.active = false;
      return ann.interval();
    };
    expect(score('camera')).toBe(70);
    expect(score('screen')).toBe(100);
  });

  test('another SSRC neither ends the score nor brings back old losses', () => {
    const ann = new Publisher('camera', '');
    const [camera] = ann.video.encodings;
    const [first, second] = [newStream(), newStream()];
    if (camera === undefined) throw new Error('no camera');
    camera.stream = first;
    first.nack.overflows = 3;
    for (let i = 0; i < 30; i++) ann.interval(1000);
    const before = ann.quality.uplink.rounded;
    camera.stream = second;
    expect(ann.interval(10)).toBe(before);
    camera.stream = first;
    expect(ann.interval(10)).toBe(before);
  });

  test('few packets say nothing about loss, none end the score', () => {
    const ann = new Publisher('camera');
    expect(ann.interval(4, 2)).toBe(100);
    expect(ann.interval(100, 5)).toBeLessThan(100);
    expect(ann.interval(0)).toBeUndefined();
  });
});

describe('downlink', () => {
  test('has no score while nothing is sent, but one while all is suspended', () => {
    const ann = new Publisher('camera');
    const slot = { suspended: false, slot: { packetsSent: 0 } };
    ann.slots.push(slot);
    ann.interval();
    expect(ann.quality.downlink.rounded).toBeUndefined();
    slot.suspended = true;
    ann.allocation.slots = [{ wanted: { height: 720 }, layer: undefined }];
    ann.interval();
    expect(ann.quality.downlink.rounded).toBe(50);
    slot.suspended = false;
    slot.slot.packetsSent = 100;
    ann.allocation.slots = [{ wanted: { height: 720 }, layer: { height: 360 } }, { wanted: undefined }];
    for (let i = 0; i < 30; i++, slot.slot.packetsSent += 100) ann.interval();
    expect(ann.quality.downlink.rounded).toBe(75);
  });
});
