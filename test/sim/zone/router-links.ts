/** A router's streams: its registration with one controller, and its events to every one. */
import { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, ParticipantId } from '../../../common/ids.ts';
import type { SimHost } from '../common/sim-host.ts';
import type { Chance } from '../network/chance.ts';
import type { SimController } from './sim-controller.ts';
import type { SimNetwork, SimStream } from './sim-network.ts';
import type { Report, SimRouter } from './sim-router.ts';

const REPORT_MS = 1_000;
/** For a connection of a process that was killed to be refused. */
const REFUSED_MS = 50;
const SUBSCRIBE_MS = 5_000;

type Event =
  | {
      readonly type: 'subscribed';
      readonly incarnation: number;
      readonly here: readonly { meeting: MeetingId; participant: ParticipantId }[];
    }
  | { readonly type: 'report'; readonly report: Report }
  | { readonly type: 'left'; readonly participant: ParticipantId; readonly reason: 'left' | 'taken' };

interface Registration {
  readonly controller: SimController;
  readonly incarnation: number;
  /** Either end tells the other that it lives. */
  readonly up: SimStream<'alive'>;
  readonly down: SimStream<'alive'>;
}

export class RouterLinks {
  readonly #router: SimRouter;
  readonly #network: SimNetwork;
  readonly #controllers: () => readonly SimController[];
  readonly #chance: Chance;
  readonly #events = new Map<SimController, SimStream<Event>>();
  readonly #asked = new Set<SimController>();
  #registration: Registration | undefined;

  constructor(router: SimRouter, network: SimNetwork, controllers: () => readonly SimController[], chance: Chance) {
    this.#router = router;
    this.#network = network;
    this.#controllers = controllers;
    this.#chance = chance;
  }

  start(): void {
    this.#registration = undefined;
    const { host } = this.#router;
    host.each(REPORT_MS, () => {
      this.#router.handleTimeout();
      const report = this.#router.report();
      for (const stream of this.#events.values()) stream.send({ type: 'report', report });
      this.#registration?.up.send('alive');
    });
    host.each(REPORT_MS / 5, () => this.#register());
  }

  kill(): void {
    const { host } = this.#router;
    host.kill();
    this.#network.clock.after(REFUSED_MS, () => {
      for (const stream of this.#events.values()) stream.end();
      this.#events.clear();
      this.#registration?.up.end();
    });
  }

  controllerKilled(controller: SimHost): void {
    this.#network.clock.after(REFUSED_MS, () => {
      if (this.#registration?.controller.host === controller) this.#registration = undefined;
    });
  }

  left(home: string, participant: ParticipantId, reason: 'left' | 'taken'): void {
    for (const [controller, stream] of this.#events) {
      if (controller.home === home) stream.send({ type: 'left', participant, reason });
    }
  }

  /** The controller looks whether it has to. */
  subscribe(controller: SimController): void {
    const { id, host } = this.#router;
    if (controller.directory.isSubscribed(id) || this.#asked.has(controller)) return;
    if (![...controller.directory.routers].includes(id)) return;
    this.#asked.add(controller);
    const unanswered = (isRefused: boolean) => new ZonecastError('noRouter', isRefused ? 'refused' : 'silent');
    this.#network
      .call(controller.host, host, SUBSCRIBE_MS, unanswered, () => this.#accept(controller))
      .catch((error: unknown) => {
        if (!(error instanceof ZonecastError)) throw error;
        controller.directory.broken(id, error.message === 'refused');
      })
      .finally(() => this.#asked.delete(controller));
  }

  #accept(controller: SimController): void {
    const { id, host } = this.#router;
    this.#events.get(controller)?.end();
    const stream: SimStream<Event> = this.#network.stream<Event>(
      host,
      controller.host,
      (event) => this.#deliver(controller, event),
      () => {
        if (this.#events.get(controller) === stream) this.#events.delete(controller);
        controller.directory.broken(id, !host.isAlive);
      },
    );
    this.#events.set(controller, stream);
    stream.send({ type: 'subscribed', incarnation: host.incarnation, here: this.#router.homedAt(controller.home) });
    stream.send({ type: 'report', report: this.#router.report() });
  }

  #deliver(controller: SimController, event: Event): void {
    const { id } = this.#router;
    if (event.type === 'subscribed') controller.subscribed(id, event.incarnation, event.here);
    else if (event.type === 'report') controller.reported(id, event.report);
    else controller.left(id, event.participant, event.reason);
  }

  #register(): void {
    const { id, host } = this.#router;
    const present = this.#registration;
    if (present !== undefined) {
      const { controller, incarnation, up, down } = present;
      // The controller's keepalive, which a frozen or cut one does not send.
      controller.host.run(() => down.send('alive'), incarnation);
      if (!up.isBroken && !down.isBroken && controller.host.isAlive && controller.host.incarnation === incarnation)
        return;
      this.#registration = undefined;
    }
    const able = this.#controllers().filter(
      (each) => each.host.isAlive && !each.host.isFrozen && !this.#network.isCut(each.host, host),
    );
    const controller = able[Math.floor(this.#chance.uniform() * able.length)];
    if (controller === undefined) return;
    const up = this.#network.stream<'alive'>(
      host,
      controller.host,
      () => undefined,
      () => {
        if (this.#registration?.controller !== controller || this.#registration.up === up || !host.isAlive) {
          controller.unregistered(id);
        }
      },
    );
    const down = this.#network.stream<'alive'>(
      controller.host,
      host,
      () => undefined,
      () => undefined,
    );
    this.#registration = { controller, incarnation: controller.host.incarnation, up, down };
    this.#network.clock.after(5, () => controller.host.run(() => controller.registered(id, `${id}:1`)));
  }
}
