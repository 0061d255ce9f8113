/**
 * Every mode as Chromium sends it, and a receiver whose wish changes all the time: what he gets must always be
 * decodable, complete and in time. The streams contain a key frame on request, and the loss and return of upper layers.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DependencyDescriptor, parseDependencyDescriptor } from '../../rtp/dependency-descriptor.ts';
import { writeActiveDecodeTargets } from '../../rtp/dependency-descriptor-writer.ts';
import { DependencyStructure } from '../../rtp/dependency-structure.ts';
import { includes, type Layer } from './layer.ts';
import { incoming, LAB_EXTENSIONS, LabSlot } from './layer-test-lab.ts';
import { makeLayerReader } from './make-layer-reader.ts';
import { parseTrace, type Trace, type TracePacket } from './trace-test-lab.ts';

const TRACES: readonly [name: string, spatial: number, temporal: number, heights: readonly number[]][] = [
  ['vp8-l1t3', 1, 3, [360]],
  ['vp8-l1t3-described', 1, 3, [360]],
  ['h264-l1t3', 1, 3, [360]],
  ['vp9-l1t3', 1, 3, [360]],
  ['vp9-l2t2', 2, 2, [360, 720]],
  ['vp9-l2t2-key', 2, 2, [360, 720]],
  ['vp9-l3t3', 3, 3, [180, 360, 720]],
  ['vp9-l3t3-key', 3, 3, [180, 360, 720]],
  ['av1-l1t3', 1, 3, [360]],
  ['av1-l2t2-key', 2, 2, [360, 720]],
  ['av1-l3t3', 3, 3, [180, 360, 720]],
  ['av1-l3t3-key', 3, 3, [180, 360, 720]],
];

/** Pictures until a higher frame rate may begin: one cycle of VP8's pattern, which has one sync frame each. */
const MAX_TEMPORAL_WAIT = 8;

/** What a receiver makes of the packets: throws when he could not have decoded them, or is told wrongly. */
class Receiver {
  readonly decoded = new Set<string>();
  /** Frames whose last packet was the last of the picture for him. */
  pictures = 0;
  readonly #structure: { known: DependencyStructure | undefined } = { known: undefined };
  #told = -1;
  readonly #numbers = new Set<number>();

  handle(packet: TracePacket): void {
    const { frame } = packet;
    for (const reference of frame.references) {
      if (!this.decoded.has(reference)) throw new Error(`frame ${frame.name} refers to ${reference}, which is missing`);
    }
    this.decoded.add(frame.name);
  }

  /** AV1: the descriptor as he gets it. No chain that protects a decode target he was told of may be broken. */
  handleDescriptor(packet: TracePacket, bytes: Uint8Array): void {
    const descriptor = new DependencyDescriptor();
    const spare = new DependencyStructure();
    expect(parseDependencyDescriptor(bytes, 0, bytes.length, this.#structure.known, spare, descriptor)).toBe(true);
    const structure = descriptor.structure as DependencyStructure;
    if (descriptor.hasStructure) {
      this.#structure.known = structure;
      this.#told = structure.allTargets;
      this.#numbers.clear();
    }
    if (descriptor.hasActiveTargets) this.#told = descriptor.activeTargets;
    expect(descriptor.frameNumber).toBe(packet.frame.number);
    expect(descriptor.present & this.#told).not.toBe(0);
    for (let target = 0; target < structure.decodeTargetCount; target++) {
      if ((this.#told & (1 << target)) === 0 || structure.chainCount === 0) continue;
      const previous = packet.frame.chains[structure.protectedBy[target] as number] as number;
      if (previous >= 0 && !this.#numbers.has(previous)) throw new Error(`chain of target ${target} is broken`);
    }
    this.#numbers.add(packet.frame.number);
  }
}

interface Change {
  readonly picture: number;
  readonly wish: Layer;
}

/** Plays the trace to a receiver whose wish changes; returns how many pictures each change waited for. */
function play(trace: Trace, first: Layer, changes: readonly Change[]): readonly number[] {
  const reader = makeLayerReader(trace.codec);
  const slot = new LabSlot(reader, first);
  const receiver = new Receiver();
  const ended = new Set(trace.packets.filter(({ marker }) => marker).map(({ picture }) => picture));
  const pending = [...changes];
  const waits: number[] = [];
  let since = -1;
  let last: { picture: number; marker: boolean } | undefined;
  for (const recorded of trace.packets) {
    while (pending[0] !== undefined && pending[0].picture <= recorded.picture) {
      slot.wish = (pending.shift() as Change).wish;
      since = recorded.picture;
    }
    const packet = incoming(recorded);
    expect(reader.read(packet, LAB_EXTENSIONS)).toBe(true);
    const before = slot.current;
    const kept = slot.handle(packet);
    if (slot.current !== before && before !== undefined) {
      waits.push(recorded.picture - since);
      if (includes(before, slot.wish)) expect(recorded.picture - since).toBe(0);
      else if (before.spatial >= slot.wish.spatial) {
        expect(recorded.picture - since).toBeLessThanOrEqual(MAX_TEMPORAL_WAIT);
      }
    }
    if (!kept) continue;
    if (last?.picture === recorded.picture) expect(last.marker, 'nothing of a picture behind its marker').toBe(false);
    // Chromium itself leaves it out where it takes an upper layer back.
    else if (last !== undefined && ended.has(last.picture)) expect(last.marker, `marker of ${last.picture}`).toBe(true);
    const marker = slot.selector.endsPicture(packet.frame, recorded.marker);
    last = { picture: recorded.picture, marker };
    receiver.handle(recorded);
    if (trace.codec === 'AV1') receiver.handleDescriptor(recorded, toldDescriptor(slot, recorded));
  }
  return waits;
}

interface Fate {
  readonly at: number;
  /** Packets that overtake it; 0: it is lost. */
  readonly behind: number;
}

/** Where a packet comes in the order of arrival; undefined: it does not. */
function arrivals(trace: Trace, fates: readonly Fate[]): readonly TracePacket[] {
  const places = trace.packets.map((packet, at) => ({ packet, place: at as number | undefined }));
  for (const { at, behind } of fates) {
    const one = places[at % places.length];
    if (one !== undefined) one.place = behind === 0 ? undefined : (at % places.length) + behind + 0.5;
  }
  const came = places.filter(({ place }) => place !== undefined);
  return came.sort((a, b) => (a.place as number) - (b.place as number)).map(({ packet }) => packet);
}

/** The same over a bad network: what the receiver gets must need nothing that came in time and was kept from him. */
function playBroken(trace: Trace, first: Layer, changes: readonly Change[], fates: readonly Fate[]): void {
  const reader = makeLayerReader(trace.codec);
  const slot = new LabSlot(reader, first);
  const withheld = new Set<string>();
  const pending = [...changes];
  let newest = -1;
  for (const recorded of arrivals(trace, fates)) {
    while (pending[0] !== undefined && pending[0].picture <= recorded.picture) {
      slot.wish = (pending.shift() as Change).wish;
    }
    const packet = incoming(recorded);
    expect(reader.read(packet, LAB_EXTENSIONS)).toBe(true);
    const isNewest = recorded.index > newest;
    const mayChange = isNewest && (packet.frame.isKeyframe || recorded.index === newest + 1);
    newest = Math.max(newest, recorded.index);
    if (!isNewest) continue;
    const { frame } = recorded;
    if (!slot.handle(packet, mayChange)) {
      withheld.add(frame.name);
      continue;
    }
    for (const reference of frame.references) {
      if (withheld.has(reference)) throw new Error(`frame ${frame.name} refers to ${reference}, which was left out`);
    }
  }
}

function toldDescriptor(slot: LabSlot, { descriptor = new Uint8Array(0) }: TracePacket): Uint8Array {
  const { activeDecodeTargets, decodeTargetCount } = slot.selector;
  const out = new Uint8Array(256);
  const targets = activeDecodeTargets;
  if (targets === undefined) return descriptor;
  const size = writeActiveDecodeTargets(descriptor, 0, descriptor.length, decodeTargetCount, targets, out, 0);
  return out.slice(0, size);
}

describe.each(TRACES)('%s', (name, spatialLayers, temporalLayers, heights) => {
  const trace = parseTrace(name, readFileSync(new URL(`traces/${name}.txt`, import.meta.url), 'utf8'));
  const pictures = (trace.packets.at(-1)?.picture ?? 0) + 1;
  const layer = fc.record({
    spatial: fc.nat({ max: spatialLayers - 1 }),
    temporal: fc.nat({ max: temporalLayers - 1 }),
  });

  test('layers and heights are known after the first cycle', () => {
    const reader = makeLayerReader(trace.codec);
    for (const packet of trace.packets) {
      if (packet.picture < 8) expect(reader.read(incoming(packet), LAB_EXTENSIONS)).toBe(true);
    }
    expect(reader.spatialLayers).toBe(spatialLayers);
    expect(reader.temporalLayers).toBe(temporalLayers);
    expect(heights.map((_, spatial) => reader.height(spatial))).toEqual(heights);
    expect(reader.height(spatialLayers)).toBeUndefined();
  });

  test('whatever is wished when, everything sent can be decoded', () => {
    const change = fc.record({ picture: fc.nat({ max: pictures }), wish: layer });
    fc.assert(
      fc.property(layer, fc.array(change, { maxLength: 40 }), (first, changes) => {
        play(
          trace,
          first,
          [...changes].sort((a, b) => a.picture - b.picture),
        );
      }),
      { seed: 20261121, numRuns: 60 },
    );
  });

  test('with packets lost or late, too', () => {
    const change = fc.record({ picture: fc.nat({ max: pictures }), wish: layer });
    const fate = fc.record({ at: fc.nat({ max: trace.packets.length - 1 }), behind: fc.nat({ max: 6 }) });
    fc.assert(
      fc.property(
        layer,
        fc.array(change, { maxLength: 40 }),
        fc.array(fate, { maxLength: 60 }),
        (first, wishes, fates) => {
          const changes = [...wishes].sort((a, b) => a.picture - b.picture);
          playBroken(trace, first, changes, fates);
        },
      ),
      { seed: 20261122, numRuns: 60 },
    );
  });

  test('key pictures are the first and the one asked for, and where a _KEY mode gets a layer back', () => {
    const reader = makeLayerReader(trace.codec);
    const keys = trace.packets.filter((packet) => {
      const read = incoming(packet);
      reader.read(read, LAB_EXTENSIONS);
      return read.frame.isKeyframe;
    });
    expect(keys[0]?.picture).toBe(0);
    expect(keys.map(({ frame }) => frame.references)).toEqual(keys.map(() => []));
    expect(keys.length).toBeGreaterThanOrEqual(2);
    // Whoever depends on nothing is one.
    const independent = new Set(
      trace.packets.filter(({ frame }) => frame.references.length === 0).map((p) => p.picture),
    );
    expect(new Set(keys.map(({ picture }) => picture))).toEqual(independent);
  });
});
