/**
 * What this router tells controllers by itself: to each that subscribes how things are, then what happens in its
 * people's meetings, and each second the load and where people are.
 */
import { randomUUID } from 'node:crypto';
import { EventHub, type EventStream } from './event-hub.ts';
import type { MeetingPeers } from './live-meeting.ts';
import { LiveMeetings } from './live-meetings.ts';
import { PeopleReport } from './people-report.ts';
import type { WireEvent } from './to-event.ts';
import type { PlacePeople } from './worker-pool.ts';

const REPORT_MS = 1_000;

export interface ControllerEventsOptions {
  /** The event that says how loaded the router is. */
  readonly load: () => WireEvent;
  /** How many are where; without it, controllers are not told. */
  readonly people?: () => Iterable<PlacePeople>;
  /** The other routers of meetings. */
  readonly peers: MeetingPeers;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Between two reports; default 1 s. */
  readonly reportMs?: number;
}

export class ControllerEvents {
  readonly meetings: LiveMeetings;
  readonly #hub: EventHub;
  readonly #options: ControllerEventsOptions;
  readonly #people: PeopleReport | undefined;
  /** Of this process. */
  readonly #instance = randomUUID();
  readonly #reports: NodeJS.Timeout;

  constructor(options: ControllerEventsOptions) {
    this.#options = options;
    this.#people = options.people && new PeopleReport(options.people);
    this.#hub = new EventHub({
      subscribed: (controller) => this.#subscribed(controller),
      unsubscribed: (controller) => this.#unsubscribed(controller),
    });
    this.meetings = new LiveMeetings(this.#hub, options.peers);
    this.#reports = setInterval(() => this.#report(), options.reportMs ?? REPORT_MS);
  }

  /** `controller`: name and instance. */
  subscribe(controller: string, stream: EventStream): void {
    this.#hub.subscribe(controller, stream);
  }

  /** Controllers that listen, and streams that were ended because one listened too slowly. */
  get streams(): { readonly open: number; readonly overflows: number } {
    return { open: this.#hub.size, overflows: this.#hub.overflows };
  }

  /** Ends every stream in good order. */
  stop(): void {
    clearInterval(this.#reports);
    this.#hub.stop();
  }

  #subscribed(controller: string): void {
    for (const meeting of this.meetings.all) meeting.subscribe(controller);
    this.#hub.send(controller, this.#options.load());
    if (this.#people !== undefined) this.#hub.send(controller, this.#people.whole());
    this.#hub.send(controller, { subscribed: { instance: this.#instance } });
  }

  #unsubscribed(controller: string): void {
    for (const meeting of this.meetings.all) meeting.unsubscribed(controller, this.#options.now());
  }

  #report(): void {
    this.#hub.publish(this.#options.load());
    if (this.#people !== undefined) this.#hub.publish(this.#people.changes());
  }
}
