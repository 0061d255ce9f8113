/** The daemons of a world: global controllers, and the controller that speaks for each zone. They die, and are started again. */
import { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../../common/ids.ts';
import type { Logger } from '../../../common/log.ts';
import { POLICIES_BUCKET } from '../../../global-controller/buckets.ts';
import { type Declarations, writeDeclarations } from '../../../global-controller/daemon/declarations.ts';
import type { Policies } from '../../../global-controller/policies/policies.ts';
import type { SimClock } from '../common/sim-clock.ts';
import type { SimJournal } from '../common/sim-journal.ts';
import type { Chance } from '../network/chance.ts';
import type { Bug } from './bugs.ts';
import type { BusServers } from './bus/bus-servers.ts';
import { VirtualBus } from './bus/virtual-bus.ts';
import type { DaemonProcess } from './daemon-process.ts';
import { GlobalDaemon } from './global-daemon.ts';
import type { Trunks } from './trunks.ts';
import type { WideArea } from './wide-area.ts';
import { ZoneDaemon } from './zone-daemon.ts';
import type { ZoneSite } from './zone-site.ts';

export interface DaemonsOptions {
  readonly clock: SimClock;
  readonly area: WideArea;
  readonly servers: BusServers;
  readonly sites: ReadonlyMap<ZoneId, ZoneSite>;
  readonly trunks: Trunks;
  readonly chance: Chance;
  readonly declarations: Declarations;
  readonly accountOf: (meeting: MeetingId) => string | undefined;
  /** A daemon decides something by these policies. */
  readonly decided: (daemon: string, policies: Policies) => void;
  /** Somebody is let in. */
  readonly placed: () => void;
  readonly bug: Bug | undefined;
  readonly journal: SimJournal;
}

export class DaemonsOfWorld {
  readonly globalProcesses: DaemonProcess[] = [];
  readonly speakers = new Map<ZoneId, DaemonProcess>();
  readonly #options: DaemonsOptions;
  readonly #globals = new Map<DaemonProcess, GlobalDaemon>();
  readonly #zones = new Map<ZoneId, ZoneDaemon>();

  constructor(options: DaemonsOptions) {
    this.#options = options;
  }

  get globals(): GlobalDaemon[] {
    return [...this.#globals.values()];
  }

  get zones(): ZoneDaemon[] {
    return [...this.#zones.values()];
  }

  zone(zone: ZoneId): ZoneDaemon | undefined {
    return this.#zones.get(zone);
  }

  /** undefined: nobody answers there. */
  answering(zone: ZoneId): ZoneDaemon | undefined {
    const daemon = this.#zones.get(zone);
    return daemon?.process.host.isAlive && !daemon.process.host.isFrozen ? daemon : undefined;
  }

  /** Somebody plans for meetings. */
  get isPlanning(): boolean {
    return this.globals.some(({ isWorking }) => isWorking);
  }

  busOf(process: DaemonProcess): VirtualBus | undefined {
    return [...this.globals, ...this.zones].find((daemon) => daemon.process === process)?.bus;
  }

  addGlobal(process: DaemonProcess): void {
    this.globalProcesses.push(process);
    this.#startGlobal(process);
  }

  addZone(zone: ZoneId, speaker: DaemonProcess): void {
    this.speakers.set(zone, speaker);
    this.#startZone(zone, speaker);
  }

  /** Everything in the zone is gone until the returned function is called. */
  loseZone(zone: ZoneId): () => void {
    const site = this.#options.sites.get(zone);
    const speaker = this.speakers.get(zone);
    if (site === undefined || speaker === undefined || !site.isAlive) return () => undefined;
    site.die();
    speaker.host.kill();
    const { incarnation } = speaker.host;
    return () => {
      site.isAlive = true;
      this.restart(speaker, incarnation);
    };
  }

  /** Unless it has been started already. */
  restart(process: DaemonProcess, incarnation: number): void {
    const { sites, journal, clock } = this.#options;
    const zone = [...this.speakers].find(([, speaker]) => speaker === process)?.[0];
    const isGone = zone !== undefined && sites.get(zone)?.isAlive === false;
    if (process.host.isAlive || process.host.incarnation !== incarnation || isGone) return;
    journal.tell(`${process.name} starts again`);
    process.host.restart();
    // Services start when the machine's clock has been set (deploy/systemd: time-sync.target).
    process.wallOffsetMs = 0;
    if (zone === undefined) this.#startGlobal(process);
    else this.#startZone(zone, process);
    clock.stir();
  }

  #startGlobal(process: DaemonProcess): void {
    const { chance, decided, bug, clock } = this.#options;
    const bus = this.#bus(process, 'global');
    const daemon = new GlobalDaemon({
      process,
      bus,
      chance,
      decides: ({ policies }) => decided(process.name, policies),
      bug,
      log: this.#log(process.name),
    });
    this.#globals.set(process, daemon);
    void this.#writeDeclarations(bus);
    clock.stir();
  }

  /** As the daemon does when it starts. */
  async #writeDeclarations(bus: VirtualBus): Promise<void> {
    for (;;) {
      try {
        await bus.connected();
        await writeDeclarations(bus, this.#options.declarations, this.#log('declarations'));
        return;
      } catch (error) {
        if (!(error instanceof ZonecastError)) throw error;
        await this.#options.clock.sleep(1_000);
      }
    }
  }

  #startZone(zone: ZoneId, process: DaemonProcess): void {
    const { sites, trunks, clock, chance, accountOf, decided, placed, bug } = this.#options;
    const site = sites.get(zone);
    if (site === undefined) throw new Error(`no zone ${zone}`);
    const daemon = new ZoneDaemon({
      process,
      bus: this.#bus(process, zone),
      site,
      trunks,
      clock,
      chance,
      accountOf,
      decides: ({ policies }) => decided(process.name, policies),
      placed,
      bug,
      log: this.#log(process.name),
    });
    this.#zones.set(zone, daemon);
    clock.stir();
  }

  #bus(process: DaemonProcess, zone: string): VirtualBus {
    const { servers, area, chance, bug } = this.#options;
    const sender = { zone, instance: process.name };
    const isDeaf = bug === 'noPolicies';
    return new VirtualBus({
      servers,
      area,
      process,
      sender,
      chance,
      ...(isDeaf && { deafTo: new Set([POLICIES_BUCKET.name]) }),
    });
  }

  #log(name: string): Logger {
    return this.#options.journal.logger(name, ({ msg, zone, before, now, meeting, why, err }) => {
      const change = before === undefined ? undefined : `${before} → ${now}`;
      return [msg, zone, change, meeting, why, (err as Error | undefined)?.message];
    });
  }
}
