import { describe, expect, test } from 'vitest';
import type { NegotiatedSource } from '../negotiated.ts';
import { AUDIO_LIMITS, IngressStream, VIDEO_LIMITS } from './ingress-stream.ts';
import { KEYFRAME_REQUEST_INTERVAL_US, MAX_ATTEMPTS } from './keyframe-request.ts';

const VP8 = { name: 'VP8', payloadType: 96, clockRateHz: 90_000, key: 'VP8' } as const;
const H264 = { name: 'H264', payloadType: 127, clockRateHz: 90_000, key: 'H264/42e01f/1' } as const;
const OPUS = { name: 'opus', payloadType: 111, clockRateHz: 48_000, key: 'opus' } as const;
const CAMERA: NegotiatedSource = { mid: '1', kind: 'camera', codecs: [VP8, H264], ssrc: 1, rids: [], muted: false };
const MICROPHONE: NegotiatedSource = { mid: '0', kind: 'microphone', codecs: [OPUS], ssrc: 2, rids: [], muted: false };

const camera = () => new IngressStream(1, CAMERA);
const microphone = () => new IngressStream(2, MICROPHONE);

test('RED has the codec of its blocks', () => {
  const opus = { ...OPUS, redPayloadType: 63 };
  const stream = new IngressStream(2, { ...MICROPHONE, codecs: [opus] });
  expect([111, 63].map((payloadType) => stream.codec(payloadType))).toEqual([opus, opus]);
  expect([111, 63, 97].map((payloadType) => stream.isRed(payloadType))).toEqual([false, true, false]);
});

test('an RTX stream has the codecs that it repeats, by their RTX payload types', () => {
  const vp8 = { ...VP8, rtxPayloadType: 97 };
  const source = { ...CAMERA, codecs: [vp8, H264] };
  const repair = new IngressStream(9, source, 'h', new IngressStream(1, source, 'h'));
  expect([96, 97, 127].map((payloadType) => repair.codec(payloadType))).toEqual([undefined, vp8, undefined]);
  expect(repair.rid).toBe('h');
});

test('codecs by payload type', () => {
  const stream = camera();
  expect(stream.codec(96)).toBe(VP8);
  expect(stream.codec(127)).toBe(H264);
  expect(stream.codec(97)).toBeUndefined();
  expect(stream.codec(0)).toBeUndefined();
  expect(stream.clockRateHz).toBe(90_000);
  expect(microphone().clockRateHz).toBe(48_000);
});

describe('a publisher that floods is policed', () => {
  /**
   * Offers packets evenly over `seconds`; returns bits per second and packets per second let through, after the burst.
   */
  function offer(stream: IngressStream, packetsPerSecond: number, sizeBytes: number, seconds: number) {
    const stepUs = 1e6 / packetsPerSecond;
    const warmUp = 2 * packetsPerSecond;
    let passed = 0;
    for (let i = 0; i < warmUp + seconds * packetsPerSecond; i++) {
      if (stream.receive(i * stepUs, i, i * 3000, sizeBytes) && i >= warmUp) passed++;
    }
    return { bitrateBps: (passed * sizeBytes * 8) / seconds, packetsPerSecond: passed / seconds };
  }

  test('video in bytes', () => {
    const stream = camera();
    const { bitrateBps } = offer(stream, 4500, 1200, 4);
    expect(bitrateBps).toBeGreaterThan(VIDEO_LIMITS.bitrateBps * 0.99);
    expect(bitrateBps).toBeLessThan(VIDEO_LIMITS.bitrateBps * 1.01);
    expect(stream.policed).toBeGreaterThan(0);
    // What is refused counts as lost in reports.
    expect(stream.statistics.takeFractionLost()).toBeGreaterThan(100);
  });

  test('video in packets', () => {
    const { packetsPerSecond } = offer(camera(), 20_000, 60, 4);
    expect(packetsPerSecond).toBeLessThan(VIDEO_LIMITS.packetsPerSecond * 1.01);
  });

  test('audio', () => {
    expect(offer(microphone(), 900, 1000, 4).bitrateBps).toBeLessThan(AUDIO_LIMITS.bitrateBps * 1.01);
    expect(offer(microphone(), 10_000, 13, 4).packetsPerSecond).toBeLessThan(AUDIO_LIMITS.packetsPerSecond * 1.01);
  });

  test('ordinary media never: 8 Mb/s of video with a key frame of 500 packets at once, opus every 10 ms', () => {
    const video = camera();
    let index = 0;
    for (let second = 0; second < 10; second++) {
      for (let i = 0; i < 500; i++) expect(video.receive(second * 1e6, index++, 0, 1200)).toBe(true);
      for (let i = 0; i < 833; i++) expect(video.receive(second * 1e6 + i * 1200, index++, 0, 1200)).toBe(true);
    }
    const audio = microphone();
    for (let i = 0; i < 1000; i++) expect(audio.receive(i * 10_000, i, i * 480, 300)).toBe(true);
    expect(video.policed + audio.policed).toBe(0);
  });
});

describe('key-frame requests', () => {
  /** Plays events in seconds; `viewer` asks, `key` is a key frame. Returns the times at which a PLI goes out. */
  function played(events: { at: number; what: 'viewer' | 'key' }[], untilSeconds: number): number[] {
    const stream = camera();
    const sent: number[] = [];
    let next = 0;
    for (let ms = 0; ms <= untilSeconds * 1000; ms += 10) {
      for (; next < events.length && (events[next]?.at ?? 0) * 1000 <= ms; next++) {
        if (events[next]?.what === 'viewer') stream.requestKeyframe(ms * 1000);
        else stream.handleKeyframe();
      }
      if (stream.keyframeRequest.take(ms * 1000)) sent.push(ms / 1000);
    }
    return sent;
  }
  const viewer = (at: number) => ({ at, what: 'viewer' }) as const;
  const key = (at: number) => ({ at, what: 'key' }) as const;

  test.each([
    ['nobody asks', [], []],
    ['one asks: at once', [viewer(0.5), key(0.6)], [0.5]],
    ['two ask within a second: at once, and at its end', [viewer(0), key(0.1), viewer(0.3), key(1.1)], [0, 1]],
    ['a key frame answers all who asked before it', [viewer(0), viewer(0.3), key(0.4)], [0]],
    ['asked again after more than a second: at once', [viewer(0), key(0.1), viewer(2.25), key(2.3)], [0, 2.25]],
    ['no key frame comes: repeated, then given up', [viewer(0)], [0, 1, 2, 3, 4]],
    ['asked again after giving up', [viewer(0), viewer(6), key(6.1)], [0, 1, 2, 3, 4, 6]],
  ])('%s', (_, events, expected) => {
    expect(played(events, 8)).toEqual(expected);
    expect(MAX_ATTEMPTS).toBe(5);
  });

  test('a storm of 5000 viewers for 10 s: one a second', () => {
    const stream = camera();
    let sent = 0;
    for (let ms = 0; ms < 10_000; ms++) {
      for (let v = 0; v < 50; v++) stream.requestKeyframe(ms * 1000);
      if (stream.keyframeRequest.take(ms * 1000)) sent++;
      if (ms % 100 === 0) stream.handleKeyframe();
    }
    expect(sent).toBe(10);
    expect(stream.keyframeRequest.asked).toBe(500_000);
    expect(stream.keyframes).toBe(100);
  });

  test('wakes its transport for the time at which the request may go out', () => {
    const stream = camera();
    const wakes: number[] = [];
    stream.waker = { schedule: (atUs) => wakes.push(atUs) };
    stream.requestKeyframe(5);
    stream.keyframeRequest.take(7);
    stream.requestKeyframe(8);
    expect(wakes).toEqual([5, 7 + KEYFRAME_REQUEST_INTERVAL_US]);
  });

  test('a microphone has no key frames', () => {
    const stream = microphone();
    stream.requestKeyframe(0);
    expect(stream.keyframeRequest.take(0)).toBe(false);
  });
});

test('BYE ends the stream until it sends again', () => {
  const stream = camera();
  stream.receive(0, 1, 0, 100);
  stream.requestKeyframe(0);
  stream.handleBye();
  expect(stream.ended).toBe(true);
  expect(stream.keyframeRequest.take(0)).toBe(false);
  stream.receive(1, 2, 0, 100);
  expect(stream.ended).toBe(false);
});

test('sender report: the middle 32 bits of its NTP time are kept', () => {
  const stream = camera();
  stream.handleSenderReport(77, 0xaaaabbbb, 0xccccdddd, 5);
  expect(stream.lastSenderReport).toBe(0xbbbbcccc);
  expect(stream.senderReportTimestamp).toBe(5);
  expect(stream.senderReportArrivalUs).toBe(77);
});

describe('NACK', () => {
  /** A camera that has received packet 1, and when it woke its transport. */
  function started(source: NegotiatedSource = CAMERA): { stream: IngressStream; wakes: number[] } {
    const stream = new IngressStream(1, source);
    const wakes: number[] = [];
    stream.waker = { schedule: (atUs) => wakes.push(atUs) };
    stream.receive(0, 1, 0, 100);
    return { stream, wakes };
  }

  test('a gap wakes the transport at once', () => {
    const { stream, wakes } = started();
    stream.receive(10, 2, 0, 100);
    expect(wakes).toEqual([]);
    stream.receive(20, 4, 0, 100);
    expect(wakes).toEqual([20]);
    expect(stream.nack?.missing).toBe(1);
  });

  test('too large a gap asks for a key frame', () => {
    const { stream } = started();
    stream.receive(20, 1000, 0, 100);
    expect(stream.keyframeRequest.take(20)).toBe(true);
  });

  test('a key frame or BYE ends the asking', () => {
    const { stream } = started();
    stream.receive(20, 5, 0, 100);
    stream.handleKeyframe(5);
    expect(stream.nack?.missing).toBe(0);
    stream.receive(30, 8, 0, 100);
    stream.handleBye();
    expect(stream.nack?.dueUs).toBe(Number.POSITIVE_INFINITY);
  });

  test('what was refused is not asked for again', () => {
    const { stream } = started();
    for (let index = 2; index < 2000; index++) stream.receive(0, index, 0, 1500);
    stream.receive(1e6, 2000, 0, 100);
    expect(stream.policed).toBeGreaterThan(0);
    expect(stream.nack?.missing).toBe(0);
  });

  test('neither audio nor RTX is asked for again, nor is a key frame of RTX', () => {
    expect(microphone().nack).toBeUndefined();
    const repair = new IngressStream(9, CAMERA, '', camera());
    expect(repair.nack).toBeUndefined();
    repair.requestKeyframe(0);
    expect(repair.keyframeRequest.take(0)).toBe(false);
  });
});
