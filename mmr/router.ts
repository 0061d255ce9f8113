/** One router: media workers, their gRPC server, and the registration with one of the zone-controllers. */
import { setTimeout as pause } from 'node:timers/promises';
import { mintDtlsCertificate } from '../common/dtls-certificate.ts';
import type { MeetingId, RouterId } from '../common/ids.ts';
import type { Logger } from '../common/log.ts';
import type { MutualTls } from '../common/mutual-tls.ts';
import { VERSION } from '../common/version.ts';
import { Cascade } from './control/cascade/cascade.ts';
import { ControllerEvents } from './control/controller-events.ts';
import type { LiveMeetings } from './control/live-meetings.ts';
import { MeetingCommands } from './control/meeting-commands.ts';
import { MeetingStates } from './control/meeting-states.ts';
import type { RouterMeters } from './control/metrics.ts';
import { withWaiting } from './control/people-report.ts';
import { Registration } from './control/registration.ts';
import { fromPoolError } from './control/router-errors.ts';
import { RouterServer } from './control/router-server.ts';
import { StateOrders } from './control/state-orders.ts';
import { type WorkerEvent, WorkerPool } from './control/worker-pool.ts';
import { ZonesServer } from './control/zones-server.ts';
import type { ProbeCredential } from './media/transport/probe-responder.ts';
import type { WorkerStatistics } from './worker/messages.ts';

/** What one worker forwards on one core at the measured cost of 1.5–2 µs a packet, with head-room. */
const WORKER_PACKETS_PER_SECOND = 300_000;
/** How exactly it is known when somebody has been away for too long. */
const TIMEOUT_CHECK_MS = 250;
const DRAIN_CHECK_MS = 100;
const NO_MESSAGES = { taken: 0, notUnderstood: 0, unknown: 0 };

export interface RouterOptions {
  readonly router: RouterId;
  /** host:port to listen at; port 0 = any. */
  readonly grpcAddress: string;
  /** Host by which zone-controllers reach this router; by default that of `grpcAddress`. */
  readonly grpcAdvertisedHost?: string;
  /** host:port to listen at for routers of other zones; port 0 = any. Without it, this router calls them or has none. */
  readonly zonesAddress?: string;
  /** Host by which they reach this router; by default that of `grpcAdvertisedHost`, else of `zonesAddress`. */
  readonly zonesAdvertisedHost?: string;
  /** host:port of the gRPC service of each zone-controller. */
  readonly zoneControllers: readonly string[];
  /** Where the router stands, and what keeps meetings away (docs/placement.md). */
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly string[];
  readonly tls: MutualTls;
  /** Address that the media workers bind; '::' takes both families. */
  readonly mediaAddress: string;
  /** First port, one per worker; 0 = any. */
  readonly mediaPort: number;
  /** Whether clients may come to the media ports by TCP, too; default true. */
  readonly iceTcp?: boolean;
  /** IP addresses that clients reach, best first; they stand in the SDP as candidates. */
  readonly announce: readonly string[];
  readonly workers: number;
  readonly maxParticipantsPerWorker: number;
  /** In and out; default 300 000. */
  readonly maxPacketsPerSecondPerWorker?: number;
  readonly log: Logger;
}

export class Router {
  readonly #options: RouterOptions;
  #events: ControllerEvents | undefined;
  #timeouts: NodeJS.Timeout | undefined;
  #pool: WorkerPool | undefined;
  #commands: MeetingCommands | undefined;
  #server: RouterServer | undefined;
  #registration: Registration | undefined;
  #cascade: Cascade | undefined;
  #states: MeetingStates | undefined;
  #zonesServer: ZonesServer | undefined;
  #grpcPort = 0;
  #zonesPort: number | undefined;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** The gRPC server's port, once started. */
  get grpcPort(): number {
    return this.#grpcPort;
  }

  /** The port that routers of other zones call, once started, if there is one. */
  get zonesPort(): number | undefined {
    return this.#zonesPort;
  }

  /** Port of each worker, once started: UDP, and TCP unless that is off. */
  get mediaPorts(): readonly number[] {
    return this.#pool?.ports ?? [];
  }

  /** Whether a zone-controller has accepted this router's registration. */
  get registered(): boolean {
    return this.#registration?.registered ?? false;
  }

  /**
   * Resolves when the workers receive and the gRPC server listens; registering goes on in the background. Rejects with
   * ZonecastError (`portTaken`, `badConfig`, `internal`); then nothing is left running.
   */
  async start(): Promise<void> {
    const { announce, grpcAddress, iceTcp = true, zonesAddress, tls, log } = this.#options;
    const certificate = await mintDtlsCertificate();
    this.#pool = this.#makePool(certificate);
    try {
      await this.#pool.start();
      const { fingerprintSha256 } = certificate;
      const now = (): number => performance.now();
      const events = this.#makeEvents(this.#pool, now);
      this.#events = events;
      const identity = { fingerprintSha256, announce, iceTcp };
      const { meetings } = events;
      const orders = this.#makeOrders(this.#pool, meetings, now);
      const states = this.#makeStates(orders, now);
      this.#states = states;
      const cascade = this.#makeCascade(this.#pool, fingerprintSha256, meetings, states, now);
      this.#cascade = cascade;
      const commands = new MeetingCommands({ pool: this.#pool, identity, meetings, cascade, states, orders, now });
      this.#commands = commands;
      const statistics = (): Promise<WorkerStatistics[]> => this.statistics();
      const setProbes = (credentials: readonly ProbeCredential[]) => this.#setProbes(credentials);
      this.#server = new RouterServer({ tls, commands, cascade, events, statistics, setProbes, log });
      this.#grpcPort = await this.#server.start(grpcAddress);
      if (zonesAddress !== undefined) {
        this.#zonesServer = new ZonesServer(cascade);
        this.#zonesPort = await this.#zonesServer.start(zonesAddress);
      }
    } catch (error) {
      await this.stop();
      throw fromPoolError(error);
    }
    this.#registration = this.#makeRegistration(this.#server);
    this.#registration.start();
    this.#timeouts = setInterval(() => this.#commands?.handleTimeout(), TIMEOUT_CHECK_MS);
    log.info({ grpcPort: this.#grpcPort, mediaPorts: this.mediaPorts }, 'router started');
  }

  /** Has the zone move everybody to other routers; resolves when nobody needs this one, or after `deadlineMs`. */
  async drain(deadlineMs: number): Promise<void> {
    this.#registration?.drain();
    const endMs = performance.now() + deadlineMs;
    const isNeeded = (): boolean => this.#pool?.people().next().done === false || this.#cascade?.joinsOthers === true;
    while (isNeeded() && performance.now() < endMs) await pause(DRAIN_CHECK_MS);
  }

  /** Ends everything; safe at any time. Participants' media stops. */
  async stop(): Promise<void> {
    clearInterval(this.#timeouts);
    this.#registration?.stop();
    this.#events?.stop();
    this.#cascade?.stop();
    await Promise.all([this.#server?.stop(), this.#zonesServer?.stop(), this.#pool?.stop()]);
  }

  /** By worker. */
  async statistics(): Promise<WorkerStatistics[]> {
    return (await this.#pool?.statistics()) ?? [];
  }

  /** For monitoring. */
  async meters(): Promise<RouterMeters> {
    const { open, overflows } = this.#events?.streams ?? { open: 0, overflows: 0 };
    const { acts, messages } = this.#states?.counts ?? { acts: [], messages: NO_MESSAGES };
    const waiting = [...this.#waiting()].reduce((sum, [, people]) => sum + people, 0);
    return {
      acts,
      stateMessages: messages,
      waiting,
      workers: (await this.#pool?.meters()) ?? [],
      workerRestarts: this.#pool?.restarts ?? 0,
      registered: this.registered,
      eventStreams: open,
      eventOverflows: overflows,
    };
  }

  /** Resolves when every worker that is up has answered; rejects when one does not. */
  async ping(): Promise<void> {
    await this.#pool?.ping();
  }

  /** Ends one worker thread as if it had crashed: for operators and tests that try faults. */
  killWorker(index: number, reason: string): void {
    this.#pool?.killWorker(index, reason);
  }

  /** All workers answer; one of them is told of, at each of our addresses. */
  #setProbes(credentials: readonly ProbeCredential[]): { address: string; port: number }[] {
    this.#pool?.setProbes(credentials);
    const [port] = this.mediaPorts;
    return port === undefined ? [] : this.#options.announce.map((address) => ({ address, port }));
  }

  /** How many wait to be let in, by meeting. */
  *#waiting(): Generator<readonly [MeetingId, number]> {
    for (const { id, state } of this.#events?.meetings.all ?? []) yield [id, state.guests.size];
  }

  #makePool(certificate: { readonly certificatePem: string; readonly privateKeyPem: string }): WorkerPool {
    const { workers, mediaAddress, mediaPort, iceTcp = true, maxParticipantsPerWorker } = this.#options;
    return new WorkerPool({
      count: workers,
      address: mediaAddress,
      basePort: mediaPort,
      iceTcp,
      certificatePem: certificate.certificatePem,
      privateKeyPem: certificate.privateKeyPem,
      maxParticipantsPerWorker,
      onEvent: (event) => this.#handleWorkerEvent(event),
      onTrunk: (worker, notice) => {
        if (notice.type === 'trunkMessage') this.#cascade?.trunkMessage(worker, notice.trunk, notice.message);
        else this.#cascade?.trunkReported(worker, notice.trunk, notice.report);
      },
    });
  }

  #makeOrders(pool: WorkerPool, meetings: LiveMeetings, now: () => number): StateOrders {
    return new StateOrders({
      meetings,
      pool,
      leave: (meeting, participant) => this.#states?.leave(meeting, participant),
      router: () => this.#states?.router,
      now,
    });
  }

  #makeStates(orders: StateOrders, now: () => number): MeetingStates {
    return new MeetingStates({
      router: this.#options.router,
      send: (router, meeting, json) => this.#cascade?.sendState(router, meeting, json),
      listener: orders,
      now,
    });
  }

  #makeCascade(
    pool: WorkerPool,
    fingerprintSha256: Uint8Array,
    meetings: LiveMeetings,
    states: MeetingStates,
    now: () => number,
  ): Cascade {
    const { router, tls, announce, log } = this.#options;
    return new Cascade({
      router,
      tls,
      fingerprintSha256,
      announce,
      workers: pool,
      own: (meeting) =>
        (meetings.get(meeting)?.entriesHere ?? []).map((entry) => ({ ...entry, router: entry.router ?? router })),
      apply: (meeting, change) => meetings.get(meeting)?.applyElsewhere(change, now()),
      states,
      now,
      log,
    });
  }

  #makeEvents(pool: WorkerPool, now: () => number): ControllerEvents {
    return new ControllerEvents({
      load: () => {
        const zoneTrunks = this.#cascade?.zoneTrunks ?? [];
        return { load: { workers: [...pool.loads], workerRestarts: pool.restarts, zoneTrunks } };
      },
      people: () => withWaiting(pool.people(), this.#waiting()),
      peers: {
        changedHere: (meeting, participants) => this.#cascade?.changedHere(meeting, participants),
        forgotten: (meeting) => {
          this.#cascade?.drop(meeting);
          this.#states?.drop(meeting);
        },
      },
      now,
    });
  }

  #makeRegistration(server: RouterServer): Registration {
    const { router, zoneControllers, tls, workers, announce, labels = {}, taints = [], log } = this.#options;
    const { grpcAdvertisedHost, grpcAddress, zonesAddress = '' } = this.#options;
    const host = grpcAdvertisedHost ?? hostOf(grpcAddress);
    const zonesHost = this.#options.zonesAdvertisedHost ?? grpcAdvertisedHost ?? hostOf(zonesAddress);
    return new Registration({
      router,
      zoneControllers,
      tls,
      address: `${host}:${this.#grpcPort}`,
      zonesAddress: this.#zonesPort === undefined ? undefined : `${zonesHost}:${this.#zonesPort}`,
      workers,
      media: this.mediaPorts.flatMap((port) => announce.map((address) => ({ address, port }))),
      limits: {
        participants: this.#options.maxParticipantsPerWorker,
        packetsPerSecond: this.#options.maxPacketsPerSecondPerWorker ?? WORKER_PACKETS_PER_SECOND,
      },
      labels,
      taints,
      version: VERSION,
      onChange: (registered) => server.setReady(registered),
      log,
    });
  }

  #handleWorkerEvent(event: WorkerEvent): void {
    if (event.type === 'workerDied') {
      this.#options.log.error({ worker: event.index, reason: event.reason }, 'media worker died; restarting it');
      this.#cascade?.workerLost(event.index);
    }
    this.#commands?.handleWorkerEvent(event);
  }
}

/** `host` of `host:port`; an IPv6 literal keeps its brackets. */
function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
