/** A global controller on virtual time: its real mirror, reconciler and digest, with the timers of global-controller.ts. */
import type { Logger } from '../../../common/log.ts';
import { GlobalOrders } from '../../../global-controller/admin/global-orders.ts';
import { Reconciler } from '../../../global-controller/daemon/reconciler.ts';
import { WorldMirror } from '../../../global-controller/daemon/world-mirror.ts';
import { DIGEST_SUBJECT, digestOf } from '../../../global-controller/world/world-digest.ts';
import { TICK_MS } from '../../../global-controller/zones/zone-directory.ts';
import { STATUS_PERIOD_MS } from '../../../global-controller/zones/zone-status.ts';
import type { Chance } from '../network/chance.ts';
import type { Bug } from './bugs.ts';
import type { VirtualBus } from './bus/virtual-bus.ts';
import type { DaemonProcess } from './daemon-process.ts';
import { loopingTrees } from './looping-trees.ts';

const ROUND_MS = 1_000;

export interface GlobalDaemonOptions {
  readonly process: DaemonProcess;
  readonly bus: VirtualBus;
  readonly chance: Chance;
  /** Before each round that plans. */
  readonly decides: (mirror: WorldMirror) => void;
  readonly bug: Bug | undefined;
  readonly log: Logger;
}

export class GlobalDaemon {
  readonly process: DaemonProcess;
  readonly bus: VirtualBus;
  readonly mirror: WorldMirror;
  readonly orders: GlobalOrders;
  readonly #reconciler: Reconciler;
  readonly #options: GlobalDaemonOptions;

  constructor(options: GlobalDaemonOptions) {
    const { process, chance, log, bug } = options;
    const bus = bug === 'loops' ? loopingTrees(options.bus) : options.bus;
    this.#options = options;
    this.process = process;
    this.bus = options.bus;
    this.mirror = new WorldMirror(bus, process.now, log);
    this.orders = new GlobalOrders(bus, this.mirror, log);
    const random = (): number => chance.uniform();
    this.#reconciler = new Reconciler({ bus, mirror: this.mirror, now: process.now, random, log });
    this.mirror.start();
    process.host.each(TICK_MS, () => this.mirror.tick());
    process.host.each(STATUS_PERIOD_MS, () => this.#tell());
    this.#round();
  }

  /** It plans. */
  get isWorking(): boolean {
    const { host } = this.process;
    const canWrite = this.bus.state === 'connected' && this.bus.clock.isTrusted;
    return host.isAlive && !host.isFrozen && canWrite && this.mirror.isComplete;
  }

  get writes(): number {
    return this.#reconciler.counts.written;
  }

  #round(): void {
    const { process, chance, decides } = this.#options;
    process.host.after(Math.round(ROUND_MS * (0.5 + chance.uniform())), () => {
      if (this.mirror.isComplete && this.bus.state === 'connected') decides(this.mirror);
      void this.#reconciler.run().finally(() => this.#round());
    });
  }

  #tell(): void {
    if (this.bus.state !== 'connected' || !this.mirror.isComplete) return;
    this.bus.publish(DIGEST_SUBJECT, digestOf(this.mirror.planningWorld().zones.values()));
  }
}
