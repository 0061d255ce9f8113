/** A camera with spatial layers in one stream (VP9 SVC) over a trunk: layers that nobody beyond it watches stay behind. */
import { describe, expect, test } from 'vitest';
import { keyframeRequests, type LabCamera } from '../allocation/meeting-allocation-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { rtpPacket } from '../packet-path-test-rtp.ts';
import { parseVp9Descriptor, Vp9Descriptor } from '../rtp/codec/vp9-descriptor.ts';
import { parseRtpHeader, RtpHeader } from '../rtp/rtp-header.ts';
import { type LabWorker, TrunkLab } from './trunk-test-lab.ts';

const FRAME_TICKS = 40 * 90;
const SSRC = 101;
/** Pixels and payload bytes of a picture in each spatial layer. */
const LAYERS = [
  { width: 320, height: 180, bytes: 700 },
  { width: 640, height: 360, bytes: 1000 },
  { width: 1280, height: 720, bytes: 1200 },
] as const;

/** L3T1 in non-flexible mode (RFC 9628 section 4.2), a key picture when one is asked for. */
class Vp9Camera implements LabCamera {
  readonly name = 'ann';
  readonly kind = 'camera';
  keyframes = 0;
  readonly #worker: LabWorker;
  #sequenceNumber = 0;
  #picture = 0;
  #isKeyNeeded = true;

  constructor(worker: LabWorker) {
    this.#worker = worker;
  }

  handleRtcp(bytes: Uint8Array): void {
    if (keyframeRequests(bytes).includes(SSRC)) this.#isKeyNeeded = true;
  }

  frame(): void {
    const isKey = this.#isKeyNeeded;
    this.#isKeyNeeded = false;
    if (isKey) this.keyframes++;
    this.#picture++;
    LAYERS.forEach(({ bytes }, spatial) => {
      const payload = [...this.#descriptor(spatial, isKey), ...new Array<number>(bytes).fill(spatial)];
      const marker = spatial === LAYERS.length - 1;
      const timestamp = this.#picture * FRAME_TICKS;
      const sequenceNumber = this.#sequenceNumber++ & 0xffff;
      const packet = rtpPacket({ ssrc: SSRC, payloadType: 98, sequenceNumber, timestamp, marker, payload });
      this.#worker.lab.receive(this.name, packet);
    });
  }

  #descriptor(spatial: number, isKey: boolean): number[] {
    const hasStructure = isKey && spatial === 0;
    const first = 0x80 | (isKey ? 0 : 0x40) | 0x20 | 0x08 | 0x04 | (hasStructure ? 0x02 : 0);
    const layer = (spatial << 1) | (spatial > 0 ? 1 : 0);
    const sizes = LAYERS.flatMap(({ width, height }) => [width >> 8, width & 0xff, height >> 8, height & 0xff]);
    const structure = hasStructure ? [((LAYERS.length - 1) << 5) | 0x10, ...sizes] : [];
    const picture = this.#picture & 0x7fff;
    return [first, 0x80 | (picture >> 8), picture & 0xff, layer, picture & 0xff, ...structure];
  }
}

/** Spatial layers of the packets that cross the trunk. */
function watchLayers(lab: TrunkLab): Set<number> {
  const seen = new Set<number>();
  const header = new RtpHeader();
  const descriptor = new Vp9Descriptor();
  lab.wire('a', 'b').loses = (bytes) => {
    if (!parseRtpHeader(bytes, 0, bytes.length, header) || header.payloadType !== 96) return false;
    if (!parseVp9Descriptor(bytes, header.payloadOffset, header.payloadSize, descriptor)) return false;
    seen.add(descriptor.spatialLayer);
    return false;
  };
  return seen;
}

function annAndBen(maxHeight: number): { lab: TrunkLab; camera: Vp9Camera } {
  const lab = new TrunkLab();
  const a = lab.worker('a');
  a.lab.enter('ann', labMedia({ codec: 'VP9', videoSlots: 0 }), 'm', 0);
  const camera = new Vp9Camera(a);
  a.cameras.push(camera);
  lab.worker('b').lab.enter('ben', labMedia({ sources: [], codec: 'VP9', videoSlots: 1 }), 'm', 0);
  lab.worker('b').view('ben', 'v0', { maxHeight });
  lab.link(lab.open('a', 'b'), 'a');
  lab.advance(2500);
  return { lab, camera };
}

/** Height of what ben's slot is given. */
function heightOf(lab: TrunkLab): number | undefined {
  return lab.worker('b').participant('ben').slotsOf('video')[0]?.present?.height;
}

describe('VP9 with three spatial layers', () => {
  test('a small view beyond the trunk: only the base layer crosses it, with its pictures’ ends marked', () => {
    const { lab } = annAndBen(180);
    const seen = watchLayers(lab);
    const { packets } = lab.wire('a', 'b');
    lab.advance(2000);
    expect([...seen]).toEqual([0]);
    // One packet a picture, 25 a second, and a little padding.
    expect(lab.wire('a', 'b').packets - packets).toBeLessThan(80);
    const slot = lab.worker('b').participant('ben').slotsOf('video')[0]?.slot;
    const before = slot?.packetsSent ?? 0;
    lab.advance(1000);
    expect((slot?.packetsSent ?? 0) - before).toBeGreaterThanOrEqual(24);
  });

  test('a taller one: the layers up to it follow, with one key picture', () => {
    const { lab, camera } = annAndBen(180);
    const seen = watchLayers(lab);
    const before = camera.keyframes;
    lab.worker('b').view('ben', 'v0', { maxHeight: 360 });
    lab.advance(4000);
    expect([...seen].toSorted()).toEqual([0, 1]);
    expect(heightOf(lab)).toBe(360);
    expect(camera.keyframes - before).toBeLessThanOrEqual(2);
    lab.worker('b').view('ben', 'v0', { maxHeight: 720 });
    lab.advance(4000);
    expect([...seen].toSorted()).toEqual([0, 1, 2]);
    expect(heightOf(lab)).toBe(720);
  });

  test('a smaller one again: after a while the upper layers stay behind', () => {
    const { lab } = annAndBen(720);
    const all = watchLayers(lab);
    lab.advance(2000);
    expect([...all].toSorted()).toEqual([0, 1, 2]);
    lab.worker('b').view('ben', 'v0', { maxHeight: 180 });
    lab.advance(5000);
    const seen = watchLayers(lab);
    lab.advance(1000);
    expect([...seen]).toEqual([0]);
  });
});
