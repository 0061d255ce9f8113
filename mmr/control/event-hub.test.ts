import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../proto/gen/zonecast/router/v1/Event.ts';
import { EventHub, type EventStream } from './event-hub.ts';
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

/** A hub that says `subscribed` to whoever subscribes, and notes who comes and goes. */
function newHub(): { readonly hub: EventHub; readonly seen: string[] } {
  const seen: string[] = [];
  const hub = new EventHub({
    subscribed: (controller) => {
      seen.push(`+${controller}`);
      hub.send(controller, { subscribed: {} });
    },
    unsubscribed: (controller) => seen.push(`-${controller}`),
  });
  return { hub, seen };
}

const fact = (i: number): Event => ({ connected: { meeting: 'm', participant: `p${i}` } });

describe('EventHub', () => {
  test('every subscriber gets what is published, and one what is for him', () => {
    const { hub } = newHub();
    const [first, second] = [new FakeStream(), new FakeStream()];
    hub.subscribe('zc-1', first.asStream);
    hub.publish(fact(1));
    hub.subscribe('zc-2', second.asStream);
    hub.publish(fact(2));
    hub.send('zc-2', fact(3));
    hub.send('nobody', fact(4));
    expect(first.written).toEqual([{ subscribed: {} }, fact(1), fact(2)]);
    expect(second.written).toEqual([{ subscribed: {} }, fact(2), fact(3)]);
    hub.stop();
    expect([first.ended, second.ended]).toEqual([true, true]);
  });

  test('a stalled reader gets the rest in order when it reads again', () => {
    const { hub } = newHub();
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
    const { hub } = newHub();
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
    const { hub, seen } = newHub();
    const [old, fresh] = [new FakeStream(), new FakeStream()];
    hub.subscribe('zc-1', old.asStream);
    hub.subscribe('zc-1', fresh.asStream);
    expect(old.failure).toBeDefined();
    old.emit('close');
    hub.publish(fact(1));
    expect(fresh.written).toEqual([{ subscribed: {} }, fact(1)]);
    expect(seen).toEqual(['+zc-1', '-zc-1', '+zc-1']);
    fresh.emit('cancelled');
    expect(seen.at(-1)).toBe('-zc-1');
  });

  test('more controllers than the maximum are refused', () => {
    const { hub } = newHub();
    const streams = Array.from({ length: 65 }, () => new FakeStream());
    for (const [i, stream] of streams.entries()) hub.subscribe(`zc-${i}`, stream.asStream);
    expect(streams.map(({ failure }) => failure !== undefined)).toEqual([...Array(64).fill(false), true]);
  });
});
