/** The router's event streams, one per zone-controller: every event to each, through a bounded queue. */
import type { ServerWritableStream } from '@grpc/grpc-js';
import { ZonecastError } from '../../common/errors.ts';
import { toGrpcStatus } from '../../common/grpc-errors.ts';
import type { ConnectionQuality__Output } from '../../proto/gen/zonecast/router/v1/ConnectionQuality.ts';
import type { Event, Event__Output } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { EventsRequest__Output } from '../../proto/gen/zonecast/router/v1/EventsRequest.ts';
import type { ConnectionQuality } from '../media/negotiated.ts';
import { EventQueue } from './event-queue.ts';
import type { WorkerEvent } from './worker-pool.ts';

/** A zone has a few controllers; one that subscribes again replaces its old stream. */
const MAX_SUBSCRIBERS = 16;

export type EventStream = ServerWritableStream<EventsRequest__Output, Event>;

interface Subscriber {
  readonly stream: EventStream;
  readonly queue: EventQueue;
  isBlocked: boolean;
}

export class EventHub {
  readonly #subscribers = new Map<string, Subscriber>();
  /** Streams that were ended because their reader was too slow. */
  overflows = 0;

  /** Sends `subscribed` and from then on every event, until the stream ends. */
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
      if (this.#subscribers.get(controller) === subscriber) this.#subscribers.delete(controller);
    };
    stream.on('cancelled', forget);
    stream.on('close', forget);
    stream.on('error', forget);
    this.#send(controller, subscriber, { subscribed: {} });
  }

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
    this.#subscribers.delete(controller);
    subscriber.stream.emit('error', toGrpcStatus(reason));
  }
}

/** What controllers are told of a worker's event; undefined for what stays inside the router. */
export function toEvent(event: WorkerEvent): Omit<Event__Output, 'event'> | undefined {
  switch (event.type) {
    case 'connected':
      return { connected: { meeting: event.meeting, participant: event.participant } };
    case 'left':
      return { left: { meeting: event.meeting, participant: event.participant, reason: event.reason } };
    case 'slots':
      return {
        slots: {
          meeting: event.meeting,
          participant: event.participant,
          slots: event.slots.map(({ mid, participant = '', kind = '', suspended = false }) => ({
            mid,
            participant,
            kind,
            suspended,
          })),
        },
      };
    case 'speakers':
      return { speakers: { meeting: event.meeting, participants: [...event.speakers] } };
    case 'encodings':
      return {
        encodings: {
          meeting: event.meeting,
          participant: event.participant,
          source: event.source,
          encodings: event.encodings.map(({ rid, active, maxHeight = 0 }) => ({ rid, active, maxHeight })),
        },
      };
    case 'quality':
      return { quality: { meeting: event.meeting, qualities: event.qualities.map(toQuality) } };
    case 'meetingLost':
      return { lost: { meeting: event.meeting, reason: event.reason } };
    case 'load':
    case 'workerDied':
      return undefined;
  }
}

/** A direction that is not known is absent on the wire. */
function toQuality({ participant, uplink, downlink }: ConnectionQuality): ConnectionQuality__Output {
  return { participant, ...(uplink === undefined ? {} : { uplink }), ...(downlink === undefined ? {} : { downlink }) };
}
