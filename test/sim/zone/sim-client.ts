/** Somebody who wants to be in a meeting, as the client library goes about it; or who has gone without a word. */
import { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, ParticipantId } from '../../../common/ids.ts';
import type { WorkerPlace } from '../../../zone-controller/placement/meeting-tree.ts';
import type { SimHost } from '../common/sim-host.ts';
import type { Chance } from '../network/chance.ts';
import type { SimController } from './sim-controller.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimRouter } from './sim-router.ts';

const EACH_MS = 500;
const ANSWER_MS = 10_000;
/** Until a connection of which nothing comes is given up, and a controller that does not answer pings. */
const MEDIA_DEAD_MS = 8_000;
const SOCKET_DEAD_MS = 4_000;
/** From the answer of a move until pictures come from the new place. */
const MOVE_MS = 300;

interface Connection {
  readonly router: SimRouter;
  readonly incarnation: number;
  readonly place: WorkerPlace;
}

export interface ClientWorld {
  readonly network: SimNetwork;
  readonly chance: Chance;
  readonly routers: ReadonlyMap<string, SimRouter>;
  controllers(): readonly SimController[];
}

export class SimClient {
  readonly name: string;
  readonly meeting: MeetingId;
  /** Whether he wants to be in the meeting. */
  wants = false;
  /** Gone without a word: no message, no media. */
  isGone = false;
  participant: ParticipantId | undefined;
  media: Connection | undefined;
  #old: Connection | undefined;
  #controller: SimController | undefined;
  #controllerIncarnation = 0;
  #socketDeadMs = 0;
  #mediaDeadMs = 0;
  #isBusy = false;
  #isToldToMove = false;
  #joins = 0;
  #retryMs = 0;
  #resumeFailures = 0;
  readonly #world: ClientWorld;
  readonly #host: SimHost;

  constructor(name: string, meeting: MeetingId, host: SimHost, world: ClientWorld) {
    this.name = name;
    this.meeting = meeting;
    this.#host = host;
    this.#world = world;
    host.after(world.chance.between(0, EACH_MS), () => host.each(EACH_MS, () => this.#look()));
  }

  get isIn(): boolean {
    return this.participant !== undefined && this.media !== undefined;
  }

  isWith(participant: ParticipantId): boolean {
    return this.wants && !this.isGone && this.participant === participant;
  }

  hasMedia(participant: ParticipantId, router: SimRouter): boolean {
    if (this.isGone || this.participant !== participant) return false;
    return [this.media, this.#old].some(
      (connection) => connection?.router === router && connection.incarnation === router.host.incarnation,
    );
  }

  toldToMove(participant: ParticipantId): void {
    this.#host.after(this.#world.chance.between(1, 15), () => {
      if (!this.isWith(participant)) return;
      this.#isToldToMove = true;
      this.#look();
    });
  }

  /** His stay is over, as the router says. */
  removed(participant: ParticipantId): void {
    this.#host.after(5, () => {
      if (this.participant === participant) this.#forget();
    });
  }

  #look(): void {
    if (this.isGone || this.#isBusy) return;
    this.#checkSocket();
    if (!this.wants) this.#end();
    else if (this.#now() >= this.#retryMs) this.#lookAtStay();
  }

  #lookAtStay(): void {
    if (this.participant === undefined) this.#do(() => this.#join());
    else if (this.media === undefined || this.#isMediaDead()) this.#forget();
    else if (this.#controller === undefined) this.#do(() => this.#resume());
    else if (this.#isToldToMove) this.#do(() => this.#move());
  }

  /** One thing at a time. */
  #do(work: () => Promise<void>): void {
    this.#isBusy = true;
    work()
      .catch((error: unknown) => {
        if (!(error instanceof ZonecastError)) throw error;
        this.#retryMs = this.#now() + (error.retryAfterMs ?? this.#world.chance.between(200, 1_000));
      })
      .finally(() => {
        this.#isBusy = false;
      });
  }

  async #join(): Promise<void> {
    const controller = this.#pick();
    if (controller === undefined) return;
    this.#connect(controller);
    const participant = `${this.name}-${++this.#joins}` as ParticipantId;
    this.participant = participant;
    try {
      this.#connected(await this.#ask(controller, () => controller.join(this, this.meeting, participant)));
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  async #resume(): Promise<void> {
    const controller = this.#pick();
    const { participant, media } = this;
    if (controller === undefined || participant === undefined || media === undefined) return;
    this.#connect(controller);
    const { router } = media.place;
    try {
      await this.#ask(controller, () => controller.resume(this, this.meeting, participant, router));
      this.#resumeFailures = 0;
    } catch (error) {
      this.#controller = undefined;
      const isOver = error instanceof ZonecastError && error.code === 'sessionExpired';
      if (isOver || ++this.#resumeFailures >= 3) this.#forget();
      throw error;
    }
  }

  async #move(): Promise<void> {
    const { participant, media } = this;
    const controller = this.#controller;
    if (participant === undefined || media === undefined || controller === undefined) return;
    this.#isToldToMove = false;
    const place = await this.#ask(controller, () => controller.move(participant));
    if (place === undefined || this.participant !== participant) return;
    this.#old = media;
    this.#connected(place);
    await this.#world.network.clock.sleep(MOVE_MS);
    this.#old = undefined;
    if (place.router !== media.place.router)
      controller.host.run(() => controller.moveDone(this.meeting, participant, media.place.router));
  }

  #ask<Reply>(controller: SimController, work: () => Promise<Reply>): Promise<Reply> {
    const unanswered = () => new ZonecastError('noRouter', 'The controller does not answer.');
    return this.#world.network.call(this.#host, controller.host, ANSWER_MS, unanswered, work);
  }

  #connected(place: WorkerPlace): void {
    const router = this.#world.routers.get(place.router);
    if (router === undefined) throw new Error(`no router ${place.router}`);
    this.media = { router, incarnation: router.host.incarnation, place };
    this.#mediaDeadMs = 0;
  }

  #connect(controller: SimController): void {
    this.#controller = controller;
    this.#controllerIncarnation = controller.host.incarnation;
    this.#socketDeadMs = 0;
  }

  #pick(): SimController | undefined {
    const alive = this.#world.controllers().filter(({ host }) => host.isAlive && !host.isFrozen);
    return alive[Math.floor(this.#world.chance.uniform() * alive.length)];
  }

  /** Whether the connection to the controller still is one. */
  #checkSocket(): void {
    const host = this.#controller?.host;
    if (host === undefined) return;
    if (!host.isAlive || host.incarnation !== this.#controllerIncarnation) {
      this.#controller = undefined;
    } else if (host.isFrozen) {
      this.#socketDeadMs ||= this.#now();
      if (this.#now() - this.#socketDeadMs > SOCKET_DEAD_MS) this.#hangUp();
    } else this.#socketDeadMs = 0;
  }

  #hangUp(): void {
    const [controller, participant] = [this.#controller, this.participant];
    this.#controller = undefined;
    if (participant !== undefined) controller?.host.run(() => controller.disconnected(participant));
  }

  #isMediaDead(): boolean {
    const { media, participant } = this;
    if (media === undefined || participant === undefined) return false;
    const { router, incarnation } = media;
    const isWell =
      router.host.isAlive &&
      !router.host.isFrozen &&
      router.host.incarnation === incarnation &&
      router.has(this.meeting, participant);
    if (isWell) this.#mediaDeadMs = 0;
    else this.#mediaDeadMs ||= this.#now();
    return !isWell && this.#now() - this.#mediaDeadMs > MEDIA_DEAD_MS;
  }

  #end(): void {
    const [controller, participant] = [this.#controller, this.participant];
    if (participant !== undefined) controller?.host.run(() => controller.leave(participant));
    this.#forget();
  }

  /** Goes without a word: the controller sees its connection close. */
  vanish(): void {
    this.#hangUp();
    this.isGone = true;
    this.wants = false;
    this.#forget();
  }

  #forget(): void {
    const [controller, participant] = [this.#controller, this.participant];
    if (participant !== undefined) controller?.host.run(() => controller.disconnected(participant));
    this.participant = undefined;
    this.media = undefined;
    this.#old = undefined;
    this.#controller = undefined;
    this.#isToldToMove = false;
    this.#resumeFailures = 0;
  }

  #now(): number {
    return this.#world.network.clock.nowMs;
  }
}
