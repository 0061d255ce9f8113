import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AUDIO_BOUND_MS, MAX_QUEUED_BYTES, MediaQueue, VIDEO_DEADLINE_MS } from './media-queue.ts';
import { KEY_FRAME_REQUEST_INTERVAL_MS } from './video-stream.ts';
import type { PacketKind, WaitingPacket } from './waiting-packet.ts';

interface Labelled extends WaitingPacket {
  /** Of its stream, from 0 on. */
  readonly order: number;
}

/** Writes the packets of one stream. */
class Source {
  readonly #kind: PacketKind;
  readonly #ssrc: number;
  #order = 0;
  #timestamp: number;

  constructor(kind: PacketKind, ssrc: number, timestamp = 0) {
    this.#kind = kind;
    this.#ssrc = ssrc;
    this.#timestamp = timestamp;
  }

  frame(nowMs: number, packets = 1, isKey = false, sizeBytes = 1000): Labelled[] {
    this.#timestamp = (this.#timestamp + 3000) >>> 0;
    return Array.from({ length: packets }, (_, i) => ({
      kind: this.#kind,
      channel: 1,
      bytes: new Uint8Array(sizeBytes),
      arrivedMs: nowMs,
      ssrc: this.#ssrc,
      timestamp: this.#timestamp,
      isPadding: false,
      startsKeyFrame: isKey && i === 0,
      transportNumber: undefined,
      order: this.#order++,
    }));
  }
}

function push(queue: MediaQueue, nowMs: number, packets: readonly WaitingPacket[], flows = true) {
  return packets.map((packet) => queue.push(nowMs, packet, flows));
}
function drain(queue: MediaQueue, nowMs: number): Labelled[] {
  const out: Labelled[] = [];
  for (let next = queue.shift(nowMs); next !== undefined; next = queue.shift(nowMs)) out.push(next as Labelled);
  return out;
}

describe('video', () => {
  test('in time it goes as it came', () => {
    const queue = new MediaQueue();
    const source = new Source('video', 7);
    const packets = [...source.frame(0, 3, true), ...source.frame(33, 2)];
    push(queue, 33, packets);
    expect(drain(queue, VIDEO_DEADLINE_MS)).toEqual(packets);
  });

  test('too old: all of the stream goes, up to the key frame that comes later; another stream goes on', () => {
    const queue = new MediaQueue();
    const [late, fine] = [new Source('video', 7), new Source('video', 8)];
    push(queue, 0, late.frame(0, 3, true));
    const other = fine.frame(100, 2);
    push(queue, 100, [...late.frame(100, 2), ...other]);
    // What arrived at 100 is not too old by itself, but builds on what is.
    expect(drain(queue, VIDEO_DEADLINE_MS + 1)).toEqual(other);
    expect(queue.dropped.video).toBe(5);
    expect(push(queue, 310, late.frame(310, 2))).toEqual(['wantsKeyFrame', 'dropped']);
    const key = late.frame(320, 2, true);
    expect(push(queue, 320, [...key])).toEqual(['queued', 'queued']);
    expect(drain(queue, 320)).toEqual(key);
  });

  test('a frame that was cut in the middle never goes on', () => {
    const queue = new MediaQueue();
    const frame = new Source('video', 7).frame(0, 4, true);
    push(queue, 0, frame.slice(0, 3));
    expect(queue.shift(0)).toBe(frame[0]);
    expect(drain(queue, VIDEO_DEADLINE_MS + 1)).toEqual([]);
    expect(push(queue, VIDEO_DEADLINE_MS + 1, frame.slice(3), false)).toEqual(['dropped']);
  });

  test('a key frame that waits behind the old frames is kept, and stragglers of those are not', () => {
    const queue = new MediaQueue();
    const source = new Source('video', 7, 0xffff_fff0);
    const old = source.frame(0, 2);
    const key = source.frame(200, 2, true);
    push(queue, 0, old.slice(0, 1));
    push(queue, 200, key);
    expect(queue.push(301, old[1] as WaitingPacket, true)).toBe('dropped');
    expect(drain(queue, 301)).toEqual(key);
    // A minute later nothing counts as a straggler, wherever the timestamps have come to.
    for (let i = 0; i < 100; i++) {
      const next = source.frame(1000 + i, 1);
      push(queue, 1000 + i, next);
      expect(drain(queue, 1000 + i)).toEqual(next);
    }
  });

  test('the router is asked once a second, and only while something can be sent', () => {
    const queue = new MediaQueue();
    const source = new Source('video', 7);
    push(queue, 0, source.frame(0));
    queue.handleTimeout(VIDEO_DEADLINE_MS + 1);
    const at = VIDEO_DEADLINE_MS + 1;
    expect(push(queue, at, source.frame(at), false)).toEqual(['dropped']);
    expect(push(queue, at, source.frame(at), true)).toEqual(['wantsKeyFrame']);
    expect(push(queue, at + 999, source.frame(at), true)).toEqual(['dropped']);
    const again = at + KEY_FRAME_REQUEST_INTERVAL_MS;
    expect(push(queue, again, source.frame(again), true)).toEqual(['wantsKeyFrame']);
  });
});

test('audio goes before video, and reports before both', () => {
  const queue = new MediaQueue();
  const video = new Source('video', 7).frame(0, 2);
  const audio = new Source('audio', 8).frame(0, 2);
  const reports = new Source('rtcp', 0).frame(0, 1);
  push(queue, 0, [...video, ...audio, ...reports]);
  expect(drain(queue, 0)).toEqual([...reports, ...audio, ...video]);
});

test('what a leg that is over has left waiting is forgotten', () => {
  const queue = new MediaQueue();
  const [packet] = new Source('video', 7).frame(0);
  push(queue, 0, [packet as WaitingPacket, { ...(packet as WaitingPacket), channel: 3 }]);
  queue.forget(1);
  expect(drain(queue, 0)).toMatchObject([{ channel: 3 }]);
});

const actions = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('frame' as const),
        stream: fc.nat(2),
        packets: fc.integer({ min: 1, max: 6 }),
        isKey: fc.boolean(),
        size: fc.integer({ min: 20, max: 60_000 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('audio' as const),
        stream: fc.nat(1),
        size: fc.integer({ min: 20, max: 9_000 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('send' as const), count: fc.nat(12) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(250) }) },
  ),
  { maxLength: 120 },
);

test('whatever the carrier does: order, no partial frame that goes on, nothing too old, bytes bounded, every packet counted', () => {
  fc.assert(
    fc.property(actions, (plan) => {
      const queue = new MediaQueue();
      const videos = [1, 2, 3].map((ssrc) => new Source('video', ssrc, 0xffff_0000));
      const audios = [11, 12].map((ssrc) => new Source('audio', ssrc));
      const next = new Map<number, number>();
      let [nowMs, pushed, sent] = [0, 0, 0];
      for (const action of plan) {
        if (action.do === 'wait') nowMs += action.ms;
        else if (action.do === 'send') {
          for (let i = 0; i < action.count; i++) {
            const packet = queue.shift(nowMs) as Labelled | undefined;
            if (packet === undefined) break;
            sent++;
            expect(nowMs - packet.arrivedMs).toBeLessThanOrEqual(
              packet.kind === 'video' ? VIDEO_DEADLINE_MS : AUDIO_BOUND_MS,
            );
            const expected = next.get(packet.ssrc) ?? 0;
            expect(packet.order).toBeGreaterThanOrEqual(expected);
            // A gap in a video stream ends with a key frame.
            if (packet.kind === 'video' && packet.order > expected) expect(packet.startsKeyFrame).toBe(true);
            next.set(packet.ssrc, packet.order + 1);
          }
        } else {
          const source = action.do === 'frame' ? videos[action.stream] : audios[action.stream];
          const packets =
            source?.frame(
              nowMs,
              ...(action.do === 'frame'
                ? ([action.packets, action.isKey, action.size] as const)
                : ([1, false, action.size] as const)),
            ) ?? [];
          pushed += packets.length;
          push(queue, nowMs, packets);
        }
        expect(queue.bytes).toBeLessThanOrEqual(MAX_QUEUED_BYTES.audio + MAX_QUEUED_BYTES.video);
        expect(pushed).toBe(sent + queue.length + queue.dropped.audio + queue.dropped.video);
      }
    }),
    { seed: 20261122, numRuns: 500 },
  );
});

test('audio younger than its bound is never dropped while it keeps to its bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60), { maxLength: 60 }), (gaps) => {
      const queue = new MediaQueue();
      const source = new Source('audio', 1);
      const kept: Labelled[] = [];
      let nowMs = 0;
      for (const gap of gaps) {
        nowMs += gap;
        const packets = source.frame(nowMs, 1, false, 160);
        push(queue, nowMs, packets, false);
        kept.push(...packets);
      }
      expect(drain(queue, nowMs)).toEqual(kept.filter(({ arrivedMs }) => nowMs - arrivedMs <= AUDIO_BOUND_MS));
    }),
    { seed: 20261122, numRuns: 300 },
  );
});
