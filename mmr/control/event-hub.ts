/**
 * The router's event streams, one per instance of a zone-controller, each behind a bounded queue. Knows where events go,
 * not what they are.
 */
import type { ServerWritableStream } from '@grpc/grpc-js';
import { ZonecastError } from '../../common/errors.ts';
import { toGrpcStatus } from '../../common/grpc-errors.ts';
import type { Event } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { EventsRequest__Output } from '../../proto/gen/zonecast/router/v1/EventsRequest.ts';
import { EventQueue } from './event-queue.ts';
import type { EventSink } from './live-meeting.ts';

/** A zone has a few controllers; one that subscribes again replaces its old stream. */
const MAX_SUBSCRIBERS = 64;

export type EventStream = ServerWritableStream<EventsRequest__Output, Event>;

interface Subscriber {
  readonly stream: EventStream;
  readonly queue: EventQueue;
  isBlocked: boolean;
}

export interface HubListener {
  /** A controller listens: `send` reaches it. To be told first what it has missed. */
  subscribed(controller: string): void;
  /** It does not any more. */
  unsubscribed(controller: string): void;
}

export class EventHub implements EventSink {
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #listener: HubListener;
  /** Streams that were ended because their reader was too slow. */
  overflows = 0;

  constructor(listener: HubListener) {
    this.#listener = listener;
  }

  /** Controllers that listen. */
  get size(): number {
    return this.#subscribers.size;
  }

  /** From now on `controller` is sent events, until the stream ends. */
  subscribe(controller: string, stream: EventStream): void {
    const earlier = this.#subscribers.get(controller);
    if (earlier) this.#end(controller, earlier, new ZonecastError('revisionConflict', 'subscribed again elsewhere'));
    if (this.#subscribers.size >= MAX_SUBSCRIBERS) {
      stream.emit('error', toGrpcStatus(new ZonecastError('rateLimited', `more than ${MAX_SUBSCRIBERS} subscribers`)));
      return;
    }
    const subscriber: Subscriber = { stream, queue: new EventQueue(), isBlocked: false };
    this.#subscribers.set(controller, subscriber);
    stream.on('drain', () => {
      subscriber.isBlocked = false;
      this.#flush(subscriber);
    });
    const forget = (): void => {
      if (this.#subscribers.get(controller) === subscriber) this.#forget(controller);
    };
    stream.on('cancelled', forget);
    stream.on('close', forget);
    stream.on('error', forget);
    this.#listener.subscribed(controller);
  }

  /** Nothing happens when it does not listen. */
  send(controller: string, event: Event): void {
    const subscriber = this.#subscribers.get(controller);
    if (subscriber !== undefined) this.#send(controller, subscriber, event);
  }

  /** To everybody. */
  publish(event: Event): void {
    for (const [controller, subscriber] of this.#subscribers) this.#send(controller, subscriber, event);
  }

  /** Ends every stream in good order. */
  stop(): void {
    for (const { stream } of this.#subscribers.values()) stream.end();
    this.#subscribers.clear();
  }

  #send(controller: string, subscriber: Subscriber, event: Event): void {
    subscriber.queue.push(event);
    if (subscriber.queue.overflowed) {
      this.overflows++;
      this.#end(controller, subscriber, new ZonecastError('rateLimited', 'events are read too slowly'));
      return;
    }
    this.#flush(subscriber);
  }

  #flush(subscriber: Subscriber): void {
    while (!subscriber.isBlocked) {
      const event = subscriber.queue.take();
      if (event === undefined) return;
      subscriber.isBlocked = !subscriber.stream.write(event);
    }
  }

  #end(controller: string, subscriber: Subscriber, reason: ZonecastError): void {
    this.#forget(controller);
    subscriber.stream.emit('error', toGrpcStatus(reason));
  }

  #forget(controller: string): void {
    this.#subscribers.delete(controller);
    this.#listener.unsubscribed(controller);
  }
}
