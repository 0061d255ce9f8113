import { describe, expect, test } from 'vitest';
import { MEASURE_INTERVAL_US, type MeasuredEncoding, SourceLayers } from './source-layers.ts';

class FakeEncoding implements MeasuredEncoding {
  readonly rid: string;
  codec: MeasuredEncoding['codec'];
  active = true;
  spatialLayers = 1;
  temporalLayers = 1;
  rateBps: number;
  heightPixels: number | undefined;

  constructor(rid: string, heightPixels: number | undefined, rateBps: number) {
    this.rid = rid;
    this.heightPixels = heightPixels;
    this.rateBps = rateBps;
  }
  bitrateBps(spatial: number, temporal: number): number {
    return (this.rateBps * (1 + temporal + spatial * this.temporalLayers)) / (this.spatialLayers * this.temporalLayers);
  }
  framesPerSecond(_spatial: number, temporal: number): number {
    return 30 / 2 ** (this.temporalLayers - 1 - temporal);
  }
  height(spatial: number): number | undefined {
    return this.heightPixels === undefined ? undefined : this.heightPixels / 2 ** (this.spatialLayers - 1 - spatial);
  }
}

class Lab {
  readonly encodings: FakeEncoding[];
  readonly layers: SourceLayers;
  #nowUs = 0;

  constructor(kind: string, ...encodings: FakeEncoding[]) {
    this.encodings = encodings;
    this.layers = new SourceLayers({ isAudio: false, kind, encodings });
  }
  /** Number of measurements at which what is published changed. */
  measure(count: number, prepare: (i: number) => void = () => {}): number {
    let changes = 0;
    for (let i = 0; i < count; i++) {
      prepare(i);
      if (this.layers.measure(this.#nowUs)) changes++;
      this.#nowUs += MEASURE_INTERVAL_US;
    }
    return changes;
  }
  get published(): string {
    return this.layers.published.ladder
      .map(({ rid, spatial, temporal, height }) => `${rid}${spatial}${temporal}@${height}`)
      .join(' ');
  }
}

const l = () => new FakeEncoding('l', 180, 150e3);
const h = () => new FakeEncoding('h', 720, 1500e3);

describe('what a source offers', () => {
  test('to receivers without dependency descriptors: of AV1 the lowest picture only, in all its frame rates', () => {
    const lab = new Lab('camera', Object.assign(h(), { codec: { name: 'AV1' }, spatialLayers: 2, temporalLayers: 2 }));
    lab.measure(4);
    const offered = (hasDescriptor: boolean): string[] =>
      lab.layers.publishedFor(hasDescriptor).options.map(({ spatial, temporal }) => `${spatial}${temporal}`);
    expect(offered(true)).toEqual(['00', '01', '10', '11']);
    expect(offered(false)).toEqual(['00', '01']);
    expect(lab.layers.publishedFor(false).ladder.at(-1)?.height).toBe(360);
  });

  test('to receivers without dependency descriptors: of all other codecs, and of AV1 without spatial layers, the same', () => {
    for (const fields of [
      { codec: { name: 'VP9' }, spatialLayers: 3 },
      { codec: { name: 'AV1' }, temporalLayers: 3 },
    ]) {
      const lab = new Lab('camera', Object.assign(h(), fields));
      lab.measure(4);
      expect(lab.layers.publishedFor(false)).toBe(lab.layers.publishedFor(true));
    }
  });

  test('encodings that have sent for half a second, and no longer when they stop', () => {
    const lab = new Lab('camera', l(), h());
    expect([lab.measure(2), lab.published]).toEqual([0, '']);
    expect([lab.measure(1), lab.published]).toEqual([1, 'l00@180 h00@720']);
    (lab.encodings[1] as FakeEncoding).active = false;
    expect([lab.measure(5), lab.published]).toEqual([1, 'l00@180']);
    (lab.encodings[1] as FakeEncoding).active = true;
    expect([lab.measure(2), lab.measure(1), lab.layers.version]).toEqual([0, 1, 3]);
  });

  test('every layer of an encoding', () => {
    const encoding = h();
    encoding.spatialLayers = 2;
    encoding.temporalLayers = 2;
    const lab = new Lab('camera', encoding);
    lab.measure(3);
    expect(lab.published).toBe('h00@360 h01@360 h10@720 h11@720');
    expect(lab.layers.bitrateBps).toBe(1500e3);
  });

  test('heights that nobody tells are guessed, from those that are known', () => {
    const lab = new Lab('camera', new FakeEncoding('l', undefined, 1), new FakeEncoding('m', undefined, 2), h());
    expect(lab.layers.heights.map(({ height }) => height)).toEqual([180, 360, 720]);
    (lab.encodings[0] as FakeEncoding).heightPixels = 270;
    lab.measure(3);
    expect(lab.layers.heights.map(({ height }) => height)).toEqual([270, 540, 720]);
  });
});

describe('measured rates', () => {
  test('that waver by 5 % change nothing', () => {
    const lab = new Lab('camera', l(), h());
    lab.measure(10);
    const wavering = (i: number): void => {
      for (const encoding of lab.encodings) encoding.rateBps *= i % 2 === 0 ? 1.05 : 1 / 1.05;
    };
    expect(lab.measure(200, wavering)).toBe(0);
  });

  test('of a key frame are no rise', () => {
    const lab = new Lab('camera', h());
    lab.measure(40);
    const [encoding] = lab.encodings as [FakeEncoding];
    const usual = encoding.rateBps;
    const withKeyframes = (i: number): void => {
      encoding.rateBps = i % 20 < 4 ? usual * 1.4 : usual;
    };
    expect(lab.measure(100, withKeyframes)).toBe(0);
  });

  test('that rise are believed when they last, that fall slowly, of a screen slower still', () => {
    const camera = new Lab('camera', h());
    const screen = new Lab('screen', h());
    const timeTo = (lab: Lab, rateBps: number): number => {
      lab.measure(40);
      (lab.encodings[0] as FakeEncoding).rateBps = rateBps;
      let measurements = 0;
      while (Math.abs(lab.layers.bitrateBps - rateBps) > 0.3 * rateBps) measurements += 1 + 0 * lab.measure(1);
      return measurements;
    };
    const up = timeTo(camera, 3000e3);
    const down = timeTo(camera, 1000e3);
    const downOfScreen = timeTo(screen, 1000e3 / 2);
    expect(up).toBeLessThanOrEqual(6);
    expect(down).toBeGreaterThan(5);
    expect(downOfScreen).toBeGreaterThan(2 * down);
  });

  test('an encoding that comes back is measured anew', () => {
    const lab = new Lab('camera', h());
    lab.measure(10);
    const [encoding] = lab.encodings as [FakeEncoding];
    encoding.active = false;
    lab.measure(1);
    encoding.active = true;
    encoding.rateBps = 100e3;
    lab.measure(3);
    expect(lab.layers.bitrateBps).toBe(100e3);
  });
});
