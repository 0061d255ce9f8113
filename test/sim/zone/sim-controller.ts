/**
 * A controller: the real registry records, mirror, placements and repairs; routers and clients are simulated, and what a
 * controller does for its clients is a model of zone-controller/meeting.
 */
import { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../../common/ids.ts';
import type { Logger } from '../../../common/log.ts';
import type { Demand } from '../../../zone-controller/placement/meeting-cost.ts';
import { isSamePlace, type WorkerPlace } from '../../../zone-controller/placement/meeting-tree.ts';
import type { PlacementPolicy } from '../../../zone-controller/placement/placement-policy.ts';
import { endedEpoch, isAt, isOn, placesOf } from '../../../zone-controller/placement/placement-tree.ts';
import { Placements } from '../../../zone-controller/placement/placements.ts';
import { OperatorMirror } from '../../../zone-controller/registry/operator-mirror.ts';
import { type MeetingPlacement, ZoneRecords } from '../../../zone-controller/registry/records.ts';
import { ZoneMirror } from '../../../zone-controller/registry/zone-mirror.ts';
import type { RepairPolicy } from '../../../zone-controller/repair/repair-policy.ts';
import { Repairer } from '../../../zone-controller/repair/repairer.ts';
import { ZoneWatch } from '../../../zone-controller/repair/zone-watch.ts';
import type { SimHost } from '../common/sim-host.ts';
import type { SimClient } from './sim-client.ts';
import { SimCommands } from './sim-commands.ts';
import { SimDirectory } from './sim-directory.ts';
import { type Entered, type Seated, SimEntrance } from './sim-entrance.ts';
import { SimKeys } from './sim-keys.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimRegistry } from './sim-registry.ts';
import type { Report, SimRouter } from './sim-router.ts';
import { SimTrees } from './sim-trees.ts';

const TELL_AGAIN_MS = 3_000;

interface Session extends Seated {
  readonly client: SimClient;
  /** The router's process is gone. */
  isPlaceLost: boolean;
  isMoving: boolean;
  toldMs: number;
}

export interface ControllerOptions {
  readonly host: SimHost;
  readonly network: SimNetwork;
  readonly registry: SimRegistry;
  readonly routers: ReadonlyMap<RouterId, SimRouter>;
  readonly zone: ZoneId;
  readonly policy: PlacementPolicy;
  readonly repairs: RepairPolicy;
  /** Of each worker. */
  readonly limits: Demand;
  readonly log: Logger;
}

export class SimController {
  readonly host: SimHost;
  readonly directory: SimDirectory;
  readonly watch: ZoneWatch;
  readonly placements: Placements;
  readonly sessions = new Map<ParticipantId, Session>();
  readonly keys: SimKeys;
  readonly #options: ControllerOptions;
  readonly #records: ZoneRecords;
  readonly #mirror: ZoneMirror;
  readonly #operators: OperatorMirror;
  readonly #commands: SimCommands;
  readonly #trees: SimTrees;
  readonly #entrance: SimEntrance;
  readonly #repairer: Repairer;
  readonly #instances = new Map<RouterId, number>();

  constructor(options: ControllerOptions) {
    const { host, network, registry, zone, policy, repairs, log } = options;
    this.#options = options;
    this.host = host;
    const now = (): number => network.clock.nowMs;
    this.#records = new ZoneRecords(registry, zone, log);
    this.#operators = new OperatorMirror(this.#records);
    this.watch = new ZoneWatch(this.#operators, repairs);
    this.directory = new SimDirectory({
      host,
      policy,
      now,
      isDraining: (router) => this.#operators.drains.has(router),
      lost: (router) => this.#routerLost(router),
    });
    this.#mirror = new ZoneMirror(this.#records, (meeting, placement) => this.#mirrored(meeting, placement));
    this.placements = new Placements({
      records: this.#records,
      mirror: this.#mirror,
      routers: this.directory,
      people: (meeting) => this.#peopleOf(meeting),
      changed: (meeting, placement) => this.#changed(meeting, placement),
      log,
    });
    const { placements } = this;
    this.#commands = new SimCommands(options);
    this.#trees = new SimTrees(host, this.#commands, placements);
    this.#entrance = new SimEntrance({ placements, commands: this.#commands, trees: this.#trees, home: this.home });
    this.keys = new SimKeys(host, registry, this.#records.leaderKey, this.home);
    this.#repairer = new Repairer({
      records: this.#records,
      isLeader: () => this.keys.isLeader,
      world: () =>
        this.#operators.isListed ? this.watch.worldToRepair(now(), now(), this.directory.capacity) : undefined,
      placed: (meeting, placement, left) => {
        this.#trees.send(meeting, placement);
        // The epoch that they were in has ended; under this one they may be asked again.
        for (const router of left)
          void this.#commands.close(router, meeting, endedEpoch(placement)).catch(() => undefined);
      },
      closeIfEmpty: (router, meeting, epoch) => this.#commands.close(router, meeting, epoch),
      reserve: (reservations) => this.directory.capacity.reserve(now(), reservations),
      log,
    });
    this.#start();
  }

  get isLeader(): boolean {
    return this.keys.isLeader;
  }

  get home(): string {
    return `${this.host.name}#${this.host.incarnation}`;
  }

  // Of clients.

  async join(client: SimClient, meeting: MeetingId, participant: ParticipantId): Promise<WorkerPlace> {
    const entered = await this.#entrance.enter(meeting, participant);
    if (!client.isWith(participant)) {
      void this.#entrance.leave(meeting, participant, entered.place.router);
      throw new ZonecastError('notJoined', 'The client went away.');
    }
    this.sessions.set(participant, this.#session(client, meeting, participant, entered));
    this.#lookAt(meeting);
    return entered.place;
  }

  async resume(
    client: SimClient,
    meeting: MeetingId,
    participant: ParticipantId,
    router: RouterId,
  ): Promise<WorkerPlace> {
    const entered = await this.#entrance.takeOver(meeting, participant, router);
    this.sessions.set(participant, this.#session(client, meeting, participant, entered));
    this.#lookAt(meeting);
    return entered.place;
  }

  /** The new place, or undefined when he may stay after all. */
  async move(participant: ParticipantId): Promise<WorkerPlace | undefined> {
    const session = this.sessions.get(participant);
    if (session === undefined) throw new ZonecastError('sessionExpired', 'There is no such session.');
    session.isMoving = true;
    try {
      const entered = await this.#entrance.move(session);
      if (entered === undefined) return undefined;
      Object.assign(session, { ...entered, isPlaceLost: false });
      return entered.place;
    } finally {
      session.isMoving = false;
    }
  }

  /** The client shows what comes from the new place. */
  moveDone(meeting: MeetingId, participant: ParticipantId, old: RouterId): void {
    void this.#entrance.leave(meeting, participant, old);
  }

  leave(participant: ParticipantId): void {
    const session = this.sessions.get(participant);
    if (session === undefined) return;
    this.sessions.delete(participant);
    void this.#entrance.leave(session.meeting, participant, session.place.router);
  }

  disconnected(participant: ParticipantId): void {
    const session = this.sessions.get(participant);
    if (session === undefined) return;
    this.sessions.delete(participant);
    void this.#entrance.detach(session);
  }

  // Of routers.

  /** False: this controller takes nobody at the moment. */
  registered(router: RouterId, address: string): void {
    const there = this.#options.routers.get(router);
    if (there === undefined) return;
    const { limits } = this.#options;
    const { key, value } = this.#records.routerEntry(router, {
      address,
      workers: there.workers,
      limits,
      labels: {},
      taints: [],
      release: '1',
      controller: this.host.name,
    });
    this.keys.want(key, value);
  }

  unregistered(router: RouterId): void {
    this.keys.drop(this.#records.routerKey(router));
  }

  subscribed(
    router: RouterId,
    incarnation: number,
    here: readonly { meeting: MeetingId; participant: ParticipantId }[],
  ): void {
    const before = this.#instances.get(router);
    if (before !== undefined && before !== incarnation) this.#routerLost(router);
    this.#instances.set(router, incarnation);
    this.directory.subscribed(router);
    const there = new Set(here.map(({ participant }) => participant));
    for (const session of [...this.sessions.values()]) {
      if (session.place.router !== router || session.isMoving || session.isPlaceLost) continue;
      if (!there.has(session.participant)) this.#removed(session);
    }
    for (const [meeting, mirrored] of this.#mirror.placements) {
      const placement = this.placements.current(meeting) ?? mirrored;
      if (isOn(placement, router)) this.#trees.send(meeting, placement);
    }
  }

  reported(router: RouterId, report: Report): void {
    this.directory.reported(router, report);
    this.watch.report(this.directory.nowMs, router, report.places, true);
  }

  left(router: RouterId, participant: ParticipantId, reason: 'left' | 'taken'): void {
    const session = this.sessions.get(participant);
    if (session === undefined || session.place.router !== router || session.isMoving) return;
    if (reason === 'left') this.#removed(session);
    else this.sessions.delete(participant);
  }

  #removed(session: Session): void {
    this.sessions.delete(session.participant);
    session.client.removed(session.participant);
  }

  #start(): void {
    this.#mirror.start();
    const routers = this.#records.viewRouters((router, record) => {
      if (record === undefined) this.keys.deleted(this.#records.routerKey(router));
      this.directory.recorded(router, record);
    });
    void routers.listed.then(() => this.directory.listed());
    this.#operators.start();
    this.#operators.onDrain((router) => this.directory.tellCapacity(router));
    this.host.each(1_000, () => {
      this.watch.look(this.directory.nowMs, (router) => this.directory.isAbsent(router));
      for (const session of this.sessions.values()) this.#tell(session);
      if (this.#mirror.isListed) void this.#repairer.run();
    });
  }

  #session(client: SimClient, meeting: MeetingId, participant: ParticipantId, { place, attachment }: Entered): Session {
    return {
      client,
      meeting,
      participant,
      place,
      attachment,
      isPlaceLost: false,
      isMoving: false,
      toldMs: Number.NEGATIVE_INFINITY,
    };
  }

  #peopleOf(meeting: MeetingId): ReadonlyMap<RouterId, number> {
    const people = new Map<RouterId, number>();
    const placement = this.placements.current(meeting);
    for (const place of placement === undefined ? [] : placesOf(placement)) {
      const count = this.watch.people.lastCount(meeting, place);
      people.set(place.router, (people.get(place.router) ?? 0) + count);
    }
    return people;
  }

  #mirrored(meeting: MeetingId, placement: MeetingPlacement | undefined): void {
    if (placement === undefined) return;
    this.placements.mirrored(meeting, placement);
    this.#changed(meeting, placement);
  }

  #changed(meeting: MeetingId, placement: MeetingPlacement): void {
    this.watch.placed(this.directory.nowMs, meeting, placement);
    this.#trees.send(meeting, placement);
    this.#lookAt(meeting);
  }

  #lookAt(meeting: MeetingId): void {
    for (const session of this.sessions.values()) if (session.meeting === meeting) this.#tell(session);
  }

  #routerLost(router: RouterId): void {
    this.watch.people.forget(router);
    for (const session of this.sessions.values()) {
      if (session.place.router !== router) continue;
      session.isPlaceLost = true;
      this.#tell(session);
    }
  }

  /** To move, when his place is not one to be at. */
  #tell(session: Session): void {
    const nowMs = this.directory.nowMs;
    if (session.isMoving || nowMs - session.toldMs < TELL_AGAIN_MS) return;
    const placement = this.placements.current(session.meeting);
    const isElsewhere =
      placement !== undefined &&
      (!isAt(placement, session.place) || placement.leaving.some((place) => isSamePlace(place, session.place)));
    if (!session.isPlaceLost && !isElsewhere) return;
    session.toldMs = nowMs;
    session.client.toldToMove(session.participant);
  }
}
