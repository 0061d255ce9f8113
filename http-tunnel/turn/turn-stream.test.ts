import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { channelData } from './channel-data.ts';
import { plainMessage } from './core/turn-lab.ts';
import { type StreamEnd, type StreamLimits, TurnStream } from './turn-stream.ts';

const LIMITS: StreamLimits = { queueBytes: 20_000, queueDeadlineMs: 500, idleMs: 10_000, stalledMs: 30_000 };
const PACKET = new Uint8Array(1200).fill(9);

/** A client that reads when it is told to. */
class SlowReader extends Duplex {
  readonly taken: Uint8Array[] = [];
  writes = 0;
  isReading = false;
  #done: (() => void) | undefined;

  constructor() {
    super({ writableHighWaterMark: 4000 });
  }

  override _read(): void {}

  override _writev(chunks: { chunk: Uint8Array }[], done: () => void): void {
    this.writes++;
    this.taken.push(...chunks.map(({ chunk }) => chunk));
    this.#done = done;
    if (this.isReading) this.readOn();
  }

  readOn(): void {
    this.isReading = true;
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }
}

function open() {
  const reader = new SlowReader();
  const ends: StreamEnd[] = [];
  const frames: Uint8Array[] = [];
  const clock = { nowMs: 1000 };
  const stream = new TurnStream(
    reader,
    { key: 'tcp 1', transport: 'tcp', address: '192.0.2.1', port: 4000 },
    {
      limits: LIMITS,
      nowMs: () => clock.nowMs,
      handleFrame: (_, bytes, offset, size) => frames.push(bytes.slice(offset, offset + size)),
      handleEnd: (_, why) => ends.push(why),
    },
  );
  return { reader, stream, ends, frames, clock };
}

describe('a reader who keeps up', () => {
  test('gets what is sent in one turn of the event loop in one write, padded', async () => {
    const { reader, stream } = open();
    reader.isReading = true;
    for (let i = 0; i < 3; i++) stream.sendChannelData(0x4000, PACKET, 0, 5);
    expect(reader.writes).toBe(0);
    await turn();
    expect([reader.writes, reader.taken.length, reader.taken[0]?.length]).toEqual([1, 3, 12]);
  });
});

describe('a reader who stalls', () => {
  test('costs bounded memory, and gets what is fresh when he reads again', async () => {
    const { reader, stream, clock } = open();
    for (let i = 0; i < 1000; i++) {
      stream.sendChannelData(0x4000 + (i % 10), PACKET, 0, PACKET.length);
      if (i % 10 === 0) await turn();
      clock.nowMs += 20;
      expect(stream.queue.sizeBytes).toBeLessThanOrEqual(LIMITS.queueBytes);
      expect(reader.writableLength).toBeLessThan(4000 + 1204);
    }
    const before = reader.taken.length;
    clock.nowMs += 300;
    reader.readOn();
    await turn();
    const fresh = reader.taken.slice(before);
    expect(fresh.length).toBeGreaterThan(0);
    expect(before + fresh.length + stream.queue.dropped.full + stream.queue.dropped.late).toBe(1000);
    // 500 ms, at 20 ms each, less the 300 that went by.
    expect(fresh.length).toBeLessThanOrEqual(10 + Math.ceil(4000 / 1204));
  });

  test('gets every answer', async () => {
    const { reader, stream, clock } = open();
    for (let i = 0; i < 50; i++) {
      stream.sendChannelData(0x4000, PACKET, 0, PACKET.length);
      if (i % 10 === 0) stream.sendMessage(Uint8Array.of(i), false);
    }
    await turn();
    clock.nowMs += 10_000;
    reader.readOn();
    await turn();
    expect(reader.taken.filter(({ length }) => length === 1).map(([value]) => value)).toEqual([0, 10, 20, 30, 40]);
  });

  test('is given up after 30 s, and at once when answers alone fill the queue', async () => {
    const { reader, stream, ends, clock } = open();
    for (let i = 0; i < 10; i++) stream.sendChannelData(0x4000, PACKET, 0, PACKET.length);
    await turn();
    stream.handleTimeout(clock.nowMs + 30_000, true);
    expect(ends).toEqual([]);
    stream.handleTimeout(clock.nowMs + 30_001, true);
    expect(ends).toEqual(['stalled']);
    expect(reader.destroyed).toBe(true);

    const other = open();
    for (let i = 0; i < 30; i++) other.stream.sendMessage(PACKET, false);
    expect(other.ends).toEqual([]);
    await turn();
    expect(other.ends).toEqual(['stalled']);
  });
});

describe('the end', () => {
  test('of who sends no TURN', async () => {
    const { reader, ends, frames } = open();
    reader.push(Buffer.concat([plainMessage(0x0001), channelData(0x4000, PACKET, 0, 3, 4), Buffer.from('GET / HTTP')]));
    await turn();
    // "G" begins ChannelData, of a length that it cannot have.
    expect(frames).toHaveLength(2);
    expect(ends).toEqual(['notTurn']);
  });

  test('of who has no allocation for ten seconds', () => {
    const { stream, ends, clock } = open();
    stream.handleTimeout(clock.nowMs + 10_000, false);
    stream.handleTimeout(clock.nowMs + 10_001, true);
    stream.handleTimeout(clock.nowMs + 20_001, false);
    expect(ends).toEqual([]);
    stream.handleTimeout(clock.nowMs + 20_002, false);
    expect(ends).toEqual(['idle']);
  });

  test.each(['end', 'destroy', 'error'] as const)('of who goes by %s is told once', async (how) => {
    const { reader, ends } = open();
    if (how === 'end') reader.push(null);
    else reader.destroy(how === 'error' ? new Error('reset') : undefined);
    await turn();
    await turn();
    expect(ends).toEqual(['left']);
    expect(reader.destroyed).toBe(true);
  });
});
