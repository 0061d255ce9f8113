import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { Event } from '../../proto/gen/zonecast/router/v1/Event.ts';
import { RouterService } from '../../proto/load.ts';
import { EventHub, type EventStream, toEvent } from './event-hub.ts';
import { EVENT_QUEUE_CAPACITY } from './event-queue.ts';

/** The writing side of a gRPC stream whose reader can stall. */
class FakeStream extends EventEmitter {
  readonly written: Event[] = [];
  stalled = false;
  ended = false;
  failure: { code: number; details: string } | undefined;

  constructor() {
    super();
    this.on('error', (failure) => {
      this.failure = failure;
    });
  }
  write(event: Event): boolean {
    this.written.push(event);
    return !this.stalled;
  }
  end(): void {
    this.ended = true;
  }
  get asStream(): EventStream {
    return this as unknown as EventStream; // The hub uses write, end, emit and on.
  }
}

/** Through the serialisation that gRPC uses. */
function overTheWire(event: Event | undefined): Event {
  const { responseSerialize, responseDeserialize } = RouterService.service.Events;
  return responseDeserialize(responseSerialize(event ?? {}));
}

const fact = (i: number): Event => ({ connected: { meeting: 'm', participant: `p${i}` } });

describe('EventHub', () => {
  test('every subscriber gets every event after "subscribed"', () => {
    const hub = new EventHub();
    const [first, second] = [new FakeStream(), new FakeStream()];
    hub.subscribe('zc-1', first.asStream);
    hub.publish(fact(1));
    hub.subscribe('zc-2', second.asStream);
    hub.publish(fact(2));
    expect(first.written).toEqual([{ subscribed: {} }, fact(1), fact(2)]);
    expect(second.written).toEqual([{ subscribed: {} }, fact(2)]);
    hub.stop();
    expect([first.ended, second.ended]).toEqual([true, true]);
  });

  test('a stalled reader gets the rest in order when it reads again', () => {
    const hub = new EventHub();
    const stream = new FakeStream();
    hub.subscribe('zc-1', stream.asStream);
    stream.stalled = true;
    for (let i = 0; i < 100; i++) hub.publish(fact(i));
    expect(stream.written).toHaveLength(2);
    stream.stalled = false;
    stream.emit('drain');
    expect(stream.written.slice(1)).toEqual(Array.from({ length: 100 }, (_, i) => fact(i)));
  });

  test('a reader that never reads is cut at the maximum, counted, and forgotten; others live on', () => {
    const hub = new EventHub();
    const [slow, fast] = [new FakeStream(), new FakeStream()];
    hub.subscribe('slow', slow.asStream);
    hub.subscribe('fast', fast.asStream);
    slow.stalled = true;
    for (let i = 0; i <= EVENT_QUEUE_CAPACITY + 1; i++) hub.publish(fact(i));
    expect(slow.failure).toMatchObject({ details: 'events are read too slowly' });
    expect(hub.overflows).toBe(1);
    hub.publish(fact(-1));
    expect(fast.written.at(-1)).toEqual(fact(-1));
    expect(slow.written).toHaveLength(2);
  });

  test('a controller that subscribes again replaces its old stream; the old one ending later changes nothing', () => {
    const hub = new EventHub();
    const [old, fresh] = [new FakeStream(), new FakeStream()];
    hub.subscribe('zc-1', old.asStream);
    hub.subscribe('zc-1', fresh.asStream);
    expect(old.failure).toBeDefined();
    old.emit('close');
    hub.publish(fact(1));
    expect(fresh.written).toEqual([{ subscribed: {} }, fact(1)]);
  });

  test('more controllers than the maximum are refused', () => {
    const hub = new EventHub();
    const streams = Array.from({ length: 17 }, () => new FakeStream());
    for (const [i, stream] of streams.entries()) hub.subscribe(`zc-${i}`, stream.asStream);
    expect(streams.map(({ failure }) => failure !== undefined)).toEqual([...Array(16).fill(false), true]);
  });
});

describe('toEvent', () => {
  const meeting = 'm' as MeetingId;
  const participant = 'p' as ParticipantId;

  test('empty slots are empty strings on the wire', () => {
    const slots = [{ mid: '4', participant: undefined, kind: undefined }];
    expect(toEvent({ type: 'slots', meeting, participant, slots })).toEqual({
      slots: { meeting, participant, slots: [{ mid: '4', participant: '', kind: '', suspended: false }] },
    });
  });

  test('a suspended slot, a stopped encoding and a quality of one direction pass the wire as they are', () => {
    const slots = [{ mid: '4', participant: 'q', kind: 'camera' as const, suspended: true }];
    const encodings = [
      { rid: 'l', active: true, maxHeight: undefined },
      { rid: 'h', active: false, maxHeight: 540 },
    ];
    const qualities = [{ participant: 'p', uplink: undefined, downlink: 0 }];
    const events = [
      toEvent({ type: 'slots', meeting, participant, slots }),
      toEvent({ type: 'encodings', meeting, participant, source: 'camera', encodings }),
      toEvent({ type: 'quality', meeting, qualities }),
    ];
    expect(events.map((event) => overTheWire(event))).toMatchObject([
      { slots: { slots } },
      { encodings: { source: 'camera', encodings: [{ rid: 'l', active: true, maxHeight: 0 }, encodings[1]] } },
      { quality: { qualities: [{ participant: 'p', downlink: 0 }] } },
    ]);
    expect(overTheWire(events[2]).quality?.qualities?.[0]?._uplink).toBeUndefined();
  });

  test('what stays inside the router has none', () => {
    expect(toEvent({ type: 'workerDied', index: 0, reason: 'x' })).toBeUndefined();
  });
});
