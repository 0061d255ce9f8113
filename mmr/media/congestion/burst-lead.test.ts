import { describe, expect, test } from 'vitest';
import { BurstLead, LONG_LEAD_US, SHORT_LEAD_US } from './burst-lead.ts';

const PACKET_BYTES = 1200;
/** At 2.4 Mb/s the short lead is 1500 bytes: two packets leave at once, and four are a picture. */
const PACING_BPS = 2_400_000;
const PICTURE_US = 33_333;

/** Pictures of some packets that leave at once, over a link whose buffer takes `bufferPackets` beside the one on the wire. */
class Pictures {
  readonly lead = new BurstLead();
  nowUs = 0;
  lost = 0;
  readonly #linkBps: number;
  readonly #bufferPackets: number;
  #chance = 1;

  constructor(linkBps: number, bufferPackets = Number.POSITIVE_INFINITY) {
    this.#linkBps = linkBps;
    this.#bufferPackets = bufferPackets;
  }

  /** `random`: part of the packets that is lost wherever it stands. */
  run(pictures: number, packets: number, { isAtRest = true, random = 0 } = {}): this {
    for (let picture = 0; picture < pictures; picture++) {
      const leaving = Math.min(packets, 2 + Math.floor((this.lead.us * PACING_BPS) / 8e6 / PACKET_BYTES));
      for (let i = 0; i < leaving; i++) {
        const isLost = i > this.#bufferPackets || this.#draw() < random;
        this.lead.handleFate(this.nowUs, PACKET_BYTES, isLost);
        if (isLost) this.lost++;
        else this.lead.speed.add(this.nowUs, this.nowUs + ((i + 1) * PACKET_BYTES * 8e6) / this.#linkBps, PACKET_BYTES);
      }
      this.nowUs += PICTURE_US;
      if (picture % 3 === 0) this.lead.update(this.nowUs, PACING_BPS, isAtRest);
    }
    return this;
  }

  #draw(): number {
    this.#chance = (this.#chance * 48_271) % 2_147_483_647;
    return this.#chance / 2_147_483_647;
  }
}

test.each([
  [2.5e6, SHORT_LEAD_US],
  [4.5e6, SHORT_LEAD_US],
  [9.6e6, 20_000],
  [100e6, LONG_LEAD_US],
])('on a link of %d b/s the lead is %d µs: what leaves at once takes no more of its time than before', (bps, us) => {
  const { lead } = new Pictures(bps).run(3, 4);
  expect(lead.us).toBe(SHORT_LEAD_US);
  expect(new Pictures(bps).run(30, 4).lead.us).toBeCloseTo(us, -2);
});

test('packets that are alone tell nothing of the link', () => {
  expect(new Pictures(100e6).run(100, 1).lead.us).toBe(SHORT_LEAD_US);
});

test('short while a queue stands or the path is full, and long again at once', () => {
  const pictures = new Pictures(100e6).run(30, 4);
  expect(pictures.run(4, 4, { isAtRest: false }).lead.us).toBe(SHORT_LEAD_US);
  expect(pictures.run(4, 4).lead.us).toBe(LONG_LEAD_US);
});

describe('a fast link with a buffer of three packets', () => {
  test('loses the ends of some pictures, then none for half a minute, and for twice as long each time', () => {
    const pictures = new Pictures(100e6, 3).run(60, 8);
    expect(pictures.lead.us).toBe(SHORT_LEAD_US);
    expect(pictures.lost).toBeGreaterThanOrEqual(3);
    const found = [pictures.lost];
    for (const seconds of [28, 58, 118]) {
      const before = pictures.lost;
      pictures.run(seconds * 30 - 60, 8);
      expect(pictures.lost).toBe(before);
      pictures.run(150, 8);
      found.push(pictures.lost - before);
    }
    // Four of eight packets, and feedback comes after three pictures: some dozen each time.
    for (const lost of found) expect(lost).toBeLessThanOrEqual(24);
    expect(Math.min(...found)).toBeGreaterThan(0);
  });
});

test.each([0.01, 0.05, 0.2, 0.5])(
  'loss of %f that does not care where a packet stands hardly ever shortens it',
  (random) => {
    const pictures = new Pictures(100e6).run(30, 8);
    let short = 0;
    for (let i = 0; i < 100; i++) if (pictures.run(30, 8, { random }).lead.us === SHORT_LEAD_US) short++;
    expect(short).toBeLessThanOrEqual(30);
  },
);
