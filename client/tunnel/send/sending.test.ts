/** How much is sent, and how it is numbered. */
import { describe, expect, test } from 'vitest';
import { fromNtp } from '../rtp/ntp-time.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { audioLevelByte, audioLevelOf } from './audio-level.ts';
import { planBitrates, SOUND_BPS } from './bitrate-plan.ts';
import { LayerNumbers } from './layer-numbers.ts';
import { PictureQueue } from './picture-queue.ts';
import { RtpStream } from './rtp-stream.ts';
import { SendPath } from './send-path.ts';
import { LEAST_BPS, MOST_BPS, UplinkEstimate } from './uplink-estimate.ts';

interface Trace {
  readonly estimate: UplinkEstimate;
  /** Each 100 ms. */
  readonly rates: number[];
  readonly queues: number[];
}

/**
 * Sends as much as is estimated, at most `wishBps`, by a way that takes `capacityBps(ms)` out of one queue; that it has arrived one hears
 * 40 to 140 ms later.
 */
function run(untilMs: number, capacityBps: (ms: number) => number, wishBps = 2_000_000): Trace {
  const estimate = new UplinkEstimate();
  const queue: { number: number; bytes: number; atMs: number }[] = [];
  const arrivals: { atMs: number; number: number }[] = [];
  const rates: number[] = [];
  const queues: number[] = [];
  let number = 0;
  let owed = 0;
  let credit = 0;
  for (let ms = 0; ms < untilMs; ms += 5) {
    owed += (Math.min(estimate.bitrateBps, wishBps) * 0.005) / 8;
    for (; owed >= 1_000 && !estimate.isFull; owed -= 1_000) {
      estimate.handleSent(ms, ++number, 1_000);
      queue.push({ number, bytes: 1_000, atMs: ms });
    }
    owed = Math.min(owed, 5_000);
    credit = queue.length === 0 ? 0 : Math.min(3_000, credit + (capacityBps(ms) * 0.005) / 8);
    while (queue[0] !== undefined && credit >= queue[0].bytes) {
      credit -= queue[0].bytes;
      arrivals.push({ atMs: ms, number: queue.shift()?.number ?? 0 });
    }
    if (ms % 25 !== 0) continue;
    while (ms % 100 === 0 && arrivals[0] !== undefined && arrivals[0].atMs <= ms - 40) {
      const { atMs, number: arrived } = arrivals.shift() ?? { atMs: 0, number: 0 };
      estimate.handleArrival(ms, arrived, atMs);
    }
    const queuedBytes = queue.reduce((sum, { bytes }) => sum + bytes, 0);
    const rate = estimate.poll(ms, ms - (queue[0]?.atMs ?? ms));
    if (ms % 100 !== 0) continue;
    rates.push(rate);
    queues.push((queuedBytes * 8_000) / capacityBps(ms));
  }
  return { estimate, rates, queues };
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('estimate', () => {
  test('grows to what is wanted where the link takes it', () => {
    const { rates } = run(10_000, () => 10_000_000);
    expect(rates.at(-1)).toBeGreaterThan(2_000_000);
    expect(rates.findIndex((rate) => rate > 2_000_000)).toBeLessThan(60);
  });

  test.each([300_000, 800_000, 1_500_000])('stays near a capacity of %i, with a short queue', (capacity) => {
    const { rates, queues } = run(60_000, () => capacity);
    const settled = rates.slice(200);
    expect(mean(settled) / capacity).toBeGreaterThan(0.7);
    expect(mean(settled) / capacity).toBeLessThan(1.15);
    expect(mean(queues.slice(200))).toBeLessThan(200);
    expect(Math.max(...queues.slice(200))).toBeLessThan(600);
  });

  test('a fall from 2 Mb/s to 300 kb/s is followed within 3 s, and the queue stays below 1.6 s', () => {
    const { rates, queues } = run(40_000, (ms) => (ms < 20_000 ? 2_500_000 : 300_000));
    expect(mean(rates.slice(150, 200))).toBeGreaterThan(1_500_000);
    expect(Math.max(...rates.slice(230))).toBeLessThan(500_000);
    expect(Math.max(...queues.slice(201))).toBeLessThan(1_600);
    expect(mean(queues.slice(250))).toBeLessThan(250);
  });

  test('a stall of 3 s stops pictures, and is over soon after', () => {
    const { rates, queues } = run(30_000, (ms) => (ms >= 10_000 && ms < 13_000 ? 1 : 1_000_000));
    expect(rates[129]).toBeLessThan(500_000);
    expect(Math.max(...queues.slice(135))).toBeLessThan(500);
    expect(mean(rates.slice(250))).toBeGreaterThan(450_000);
  });

  test('does not grow by what was never sent', () => {
    const { rates } = run(20_000, () => 10_000_000, 200_000);
    expect(Math.max(...rates)).toBeLessThanOrEqual(500_000);
  });

  test('has bounds, and takes the word of a receiver', () => {
    expect(Math.min(...run(30_000, () => 10_000).rates)).toBe(LEAST_BPS);
    expect(Math.max(...run(60_000, () => 50_000_000, 20_000_000).rates)).toBe(MOST_BPS);
    const estimate = new UplinkEstimate();
    estimate.handleRemb(200_000);
    expect(estimate.poll(0, 0)).toBe(200_000);
  });
});

describe('plan', () => {
  const wish = (mostBps: number, isActive = true) => ({ mostBps, isActive });
  const CAMERA = [wish(160_000), wish(500_000), wish(1_600_000)];
  const none = [false, false, false];

  test.each<[number, number[]]>([
    [10_000, [30_000, 0, 0]],
    [SOUND_BPS + 100_000, [100_000, 0, 0]],
    [SOUND_BPS + 300_000, [160_000, 0, 0]],
    [SOUND_BPS + 460_000, [160_000, 300_000, 0]],
    [SOUND_BPS + 1_700_000, [160_000, 500_000, 1_040_000]],
    [9_000_000, [160_000, 500_000, 1_600_000]],
  ])('of %i b/s', (uplink, expected) => expect(planBitrates(uplink, CAMERA, none)).toEqual(expected));

  test('an encoding that is sent stays on for less than it begins with', () => {
    const uplink = SOUND_BPS + 160_000 + 200_000;
    expect(planBitrates(uplink, CAMERA, none)[1]).toBe(0);
    expect(planBitrates(uplink, CAMERA, [true, true, false])[1]).toBe(200_000);
  });

  test('what nobody wants gets nothing, and the first that is wanted always something', () => {
    expect(planBitrates(100_000, [wish(160_000, false), wish(500_000)], none)).toEqual([0, 36_000]);
  });
});

test('pictures wait while the carrier takes none, in order; nothing is lost', () => {
  let room = 5;
  const left: number[] = [];
  const release = (packet: number) => {
    left.push(packet);
    room--;
  };
  const queue = new PictureQueue(release, () => room > 0);
  for (let i = 0; i < 20; i++) queue.push(100, i);
  expect(left).toEqual([0, 1, 2, 3, 4]);
  expect(queue.waitMs(250)).toBe(150);
  queue.poll();
  expect(left.length).toBe(5);
  room = 100;
  queue.poll();
  expect(left).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(queue.waitMs(900)).toBe(0);
});

describe('the way into the carrier', () => {
  const packet = (bytes: number): RtpPacket => {
    const payload = new Uint8Array(bytes);
    return { payloadType: 96, marker: true, sequenceNumber: 1, timestamp: 0, ssrc: 7, extensions: new Map(), payload };
  };
  function lab() {
    const carrier = {
      sentBytes: 0,
      arrivedBytes: 0,
      open: ['sound', 'pictures'],
      takes: (kind: string) => carrier.open.includes(kind),
    };
    const sent: number[] = [];
    const path = new SendPath(carrier, ({ length }) => {
      sent.push(length);
      carrier.sentBytes += length;
    });
    return { carrier, path, sent };
  }

  test('sound leaves while pictures wait, and is given up when nothing leaves', () => {
    const { carrier, path, sent } = lab();
    carrier.open = ['sound'];
    path.pushPicture(0, packet(1_000));
    path.sendSound(0, () => packet(80));
    expect(sent).toEqual([92]);
    carrier.open = [];
    path.sendSound(20, () => {
      throw new Error('what is not sent is not numbered');
    });
    expect(path.droppedSound).toBe(1);
    expect(path.isFull(150)).toBe(false);
    expect(path.isFull(151)).toBe(true);
    carrier.open = ['sound', 'pictures'];
    path.poll(160);
    expect(sent).toEqual([92, 1_012]);
    expect(path.isFull(160)).toBe(false);
  });

  test('the estimate grows by what has arrived without waiting, late as one hears of it; a new carrier forgets what was under way', () => {
    const { carrier, path } = lab();
    const start = path.poll(0);
    for (let ms = 0; ms < 5_000; ms += 20) {
      path.pushPicture(ms, packet(1_200));
      if (ms >= 500) carrier.arrivedBytes = carrier.sentBytes;
      path.poll(ms);
    }
    expect(path.estimate.bitrateBps).toBeGreaterThan(start * 1.2);
    expect(path.estimate.queueMs).toBe(0);
    carrier.sentBytes = 0;
    carrier.arrivedBytes = 0;
    path.pushPicture(5_000, packet(1_200));
    carrier.arrivedBytes = carrier.sentBytes;
    expect(path.poll(5_010)).toBeGreaterThan(start);
  });
});

test('frames of three temporal layers are numbered as RFC 7741 wants them', () => {
  const numbers = new LayerNumbers(0.999999);
  const frames = [0, 2, 1, 2, 0].map((temporal) => numbers.next(temporal, 3));
  expect(frames.map(({ pictureId }) => pictureId)).toEqual([0, 1, 2, 3, 4]);
  expect(frames.map(({ baseIndex }) => baseIndex)).toEqual([0, 0, 0, 0, 1]);
  expect(frames.map(({ isLayerSync, isDisposable }) => [isLayerSync, isDisposable])).toEqual([
    [false, false],
    [false, true],
    [true, false],
    [false, true],
    [false, false],
  ]);
  expect(numbers.next(0, 1).isDisposable).toBe(false);
});

test('packets go on by one, timestamps by the time that passes, and reports tell of the same clock', () => {
  const stream = new RtpStream({
    ssrc: 9,
    payloadType: 111,
    clockRateHz: 48_000,
    extensions: [[4, Uint8Array.of(48)]],
    random: 0.999999,
  });
  const payload = new Uint8Array(10);
  expect(stream.takeReport(0, 0)).toBeUndefined();
  const [first, second] = [
    stream.next(1_000, payload, true),
    stream.next(1_020, payload, false, [[1, Uint8Array.of(5)]]),
  ];
  expect((second.sequenceNumber - first.sequenceNumber) & 0xffff).toBe(1);
  expect((second.timestamp - first.timestamp + 2 ** 32) % 2 ** 32).toBe(960);
  expect([...second.extensions.keys()]).toEqual([4, 1]);
  const report = stream.takeReport(1_030, 1_795_321_980_000);
  expect(report).toMatchObject({ packets: 2, bytes: 20 });
  expect(((report?.timestamp ?? 0) - second.timestamp + 2 ** 32) % 2 ** 32).toBe(480);
  expect(fromNtp(report?.ntp ?? { high: 0, low: 0 })).toBeCloseTo(1_795_321_981_030, 2);
  expect(stream.takeReport(2_000, 0)).toBeUndefined();
});

test.each<[string, Float32Array, number, number]>([
  ['silence', new Float32Array(960), 127, 0x7f],
  ['full scale', new Float32Array(960).fill(1), 0, 0x80],
  ['a tenth of it', new Float32Array(960).fill(0.1), 20, 0x94],
  ['hardly anything', new Float32Array(960).fill(0.0003), 70, 70],
])('the level of %s', (_, samples, level, byte) => {
  expect(audioLevelOf(samples)).toBe(level);
  expect(audioLevelByte(level)).toEqual(Uint8Array.of(byte));
});
