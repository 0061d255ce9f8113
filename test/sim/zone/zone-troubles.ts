/**
 * The troubles of a simulated zone: what each kind of fault does to its routers, controllers, network, registry and people,
 * and the end of them all.
 */
import type { MeetingId, RouterId } from '../../../common/ids.ts';
import { moveWishId, type ZoneRecords } from '../../../zone-controller/registry/records.ts';
import type { SimClock } from '../common/sim-clock.ts';
import type { SimHost } from '../common/sim-host.ts';
import type { RouterLinks } from './router-links.ts';
import type { SimClient } from './sim-client.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimRegistry } from './sim-registry.ts';
import type { SimRouter } from './sim-router.ts';
import type { ZoneFault } from './zone-faults.ts';
import type { ZoneInvariants } from './zone-invariants.ts';

export interface TroubledZone {
  readonly clock: SimClock;
  readonly network: SimNetwork;
  readonly routers: ReadonlyMap<RouterId, SimRouter>;
  readonly links: ReadonlyMap<RouterId, RouterLinks>;
  readonly controllerHosts: readonly SimHost[];
  readonly registryHost: SimHost;
  /** Each controller's way to the registry. */
  readonly registries: ReadonlyMap<SimHost, SimRegistry>;
  readonly clients: readonly SimClient[];
  readonly operator: ZoneRecords;
  readonly invariants: ZoneInvariants;
  readonly startController: (host: SimHost) => void;
  readonly trace: (line: string) => void;
}

export class ZoneTroubles {
  /** Drained routers, and when that began. */
  readonly drains = new Map<RouterId, number>();
  readonly #zone: TroubledZone;

  constructor(zone: TroubledZone) {
    this.#zone = zone;
  }

  begin(fault: ZoneFault): void {
    const { kind, forMs, target, other } = fault;
    const { clock, network, routers, links, clients, registryHost, controllerHosts } = this.#zone;
    const router = [...routers.values()][target % routers.size] as SimRouter; // an index of it
    const controller = controllerHosts[target % controllerHosts.length] as SimHost; // an index of it
    const meeting = `m${other % 6}` as MeetingId;
    this.#zone.trace(
      `${kind} ${kind.includes('outer') || kind === 'drain' ? router.id : controller.name} for ${forMs} ms`,
    );
    const later = (end: () => void): void => clock.after(forMs, end);
    const effects: Record<typeof kind, () => void> = {
      killRouter: () => {
        links.get(router.id)?.kill();
        later(() => this.#restartRouter(router));
      },
      freezeRouter: () => {
        router.host.freeze();
        later(() => router.host.thaw());
      },
      killController: () => {
        controller.kill();
        for (const each of links.values()) each.controllerKilled(controller);
        later(() => this.#restartController(controller));
      },
      freezeController: () => {
        controller.freeze();
        later(() => controller.thaw());
      },
      registryGone: () => {
        for (const host of controllerHosts) network.cut(host, registryHost);
        later(() => {
          for (const host of controllerHosts) network.heal(host, registryHost);
        });
      },
      registrySlow: () => {
        network.slow.set(registryHost, 800);
        later(() => network.slow.delete(registryHost));
      },
      registryForgets: () => {
        for (const registry of this.#zone.registries.values()) registry.compact();
      },
      cutFromRegistry: () => {
        network.cut(controller, registryHost);
        later(() => network.heal(controller, registryHost));
      },
      cutFromRouter: () => {
        const host = controllerHosts[other % controllerHosts.length] as SimHost; // an index of it
        network.cut(host, router.host);
        later(() => network.heal(host, router.host));
      },
      drain: () => this.#drain(router.id, forMs, other % 2 === 0),
      moveWish: () => this.#wish(meeting),
      joinStorm: () => {
        for (const client of clients) if (client.meeting === meeting && !client.isGone) client.wants = true;
      },
      leaveStorm: () => {
        for (const client of clients) if (client.meeting === meeting) client.wants = false;
      },
      vanish: () => clients[other % clients.length]?.vanish(),
    };
    effects[kind]();
    clock.stir();
  }

  /** All is well again: whoever is dead starts, whatever is cut is whole. */
  endAll(): void {
    this.#zone.trace('faults end');
    this.#zone.network.healAll();
    for (const router of this.#zone.routers.values()) {
      this.#restartRouter(router);
      router.host.thaw();
    }
    for (const host of this.#zone.controllerHosts) {
      this.#restartController(host);
      host.thaw();
    }
    this.#zone.clock.stir();
  }

  #drain(router: RouterId, forMs: number, isUndrained: boolean): void {
    // The others have to have room.
    if (this.drains.size > 0) return;
    const startedMs = this.#zone.clock.nowMs;
    const deadlineMs = startedMs + forMs / 3;
    this.drains.set(router, startedMs);
    this.#zone.operator.putDrain(router, { startedMs, deadlineMs, by: 'operator' }).catch(() => undefined);
    if (!isUndrained) return;
    this.#zone.clock.after(forMs / 2, () => {
      this.#zone.trace(`undrain ${router}`);
      this.drains.delete(router);
      this.#zone.operator.deleteDrain(router).catch(() => undefined);
      this.#zone.clock.stir();
    });
  }

  #wish(meeting: MeetingId): void {
    const root = this.#zone.invariants.current(meeting)?.root;
    if (root == null) return;
    const wish = {
      from: { router: root.router, worker: root.worker },
      expiresMs: this.#zone.clock.nowMs + 10_000,
      by: 'operator',
    };
    this.#zone.operator.putMove(moveWishId(meeting, root), wish).catch(() => undefined);
  }

  #restartRouter(router: SimRouter): void {
    if (router.host.isAlive) return;
    this.#zone.trace(`${router.id} starts again`);
    router.forget();
    router.host.restart();
    this.#zone.links.get(router.id)?.start();
  }

  #restartController(host: SimHost): void {
    if (host.isAlive) return;
    this.#zone.trace(`${host.name} starts again`);
    host.restart();
    this.#zone.startController(host);
  }
}
