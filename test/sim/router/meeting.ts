/** A meeting on the simulated router, with the path of one viewer under observation. */
import type { ParticipantId } from '../../../common/ids.ts';
import type { Moment, Panel } from '../report/scenario.ts';
import { SAMPLE_US, Series } from '../report/series.ts';
import { World } from '../world.ts';
import { Participant, type ParticipantOptions } from './participant.ts';
import { SimRouter } from './sim-router.ts';
import { SimTrunk, type TrunkPath } from './sim-trunk.ts';

export interface MeetingPlan {
  readonly seconds: number;
  readonly participants: readonly ParticipantOptions[];
  /** Name of the viewer whose path is sampled; his first video slot is the picture. */
  readonly watched: string;
  readonly storeSlots?: number;
  /** Path between the router and a second one, on which those are who say so. */
  readonly trunk?: TrunkPath;
  /** Things to do, by their time in seconds. */
  readonly script?: readonly (readonly [number, (meeting: Meeting) => void])[];
}

/** A picture that has not moved for this long is not showing. */
const STILL_US = 500_000;

export class Meeting {
  readonly world: World;
  readonly router: SimRouter;
  /** The second one, when there is a trunk. */
  readonly farRouter: SimRouter | undefined;
  readonly trunk: SimTrunk | undefined;
  readonly watched: Participant;
  readonly seconds: number;
  readonly series = new Series(['capacity', 'estimate', 'received', 'video', 'height', 'frames', 'queue']);
  readonly #participants = new Map<string, Participant>();

  constructor(seed: number, plan: MeetingPlan) {
    this.world = new World(seed);
    this.seconds = plan.seconds;
    this.router = new SimRouter(this.world, {
      participants: plan.participants.length,
      ...(plan.storeSlots === undefined ? {} : { storeSlots: plan.storeSlots }),
    });
    if (plan.trunk !== undefined) {
      this.farRouter = new SimRouter(this.world, { participants: plan.participants.length, storeSlots: 16_384 });
      this.trunk = new SimTrunk(this.world, this.router, this.farRouter, plan.trunk);
    }
    for (const options of plan.participants) {
      const router = options.isFar === true ? this.farRouter : this.router;
      if (router === undefined) throw new Error('there is no second router');
      this.#participants.set(options.name, new Participant(this.world, router, options));
    }
    this.watched = this.participant(plan.watched);
    for (const [atS, action] of plan.script ?? []) this.world.at(atS * 1e6, () => action(this));
    this.#sample();
  }

  run(): this {
    this.world.run(this.seconds * 1e6);
    for (const participant of this.#participants.values()) participant.end();
    return this;
  }

  get participants(): readonly Participant[] {
    return [...this.#participants.values()];
  }

  participant(name: string): Participant {
    const participant = this.#participants.get(name);
    if (participant === undefined) throw new Error(`nobody is called ${name}`);
    return participant;
  }

  /** What the router takes the path to `name` for, in bits per second. */
  estimateBps(name: string): number {
    const routers = [this.router, ...(this.farRouter === undefined ? [] : [this.farRouter])];
    for (const { lab } of routers) {
      const participant = lab.registry.participants.get(name as ParticipantId);
      if (participant !== undefined) return participant.transport.estimateBps;
    }
    return Number.NaN;
  }

  get panels(): Panel[] {
    const { series } = this;
    return [
      { title: 'Rates', unit: 'Mb/s', series, columns: ['capacity', 'estimate', 'received'] },
      { title: 'Queueing delay', unit: 'ms', series, columns: ['queue'] },
      { title: 'Picture', unit: 'lines, 0 while it stands still', series, columns: ['height'] },
      { title: 'Frames', unit: 'frames/s', series, columns: ['frames'] },
    ];
  }

  get moments(): Moment[] {
    const [slot] = this.watched.subscriber.video;
    return (slot?.heights ?? []).map(({ atUs, height }) => ({ timeS: atUs / 1e6, text: `${height}p` }));
  }

  #sample(): void {
    const { watched, world } = this;
    const [slot] = watched.subscriber.video;
    let bytes = 0;
    let mediaBytes = 0;
    let frames = 0;
    let movedUs = 0;
    const perSecond = 8e6 / SAMPLE_US;
    world.every(SAMPLE_US, SAMPLE_US, () => {
      const received = watched.down.link.deliveredBytes;
      const media = watched.subscriber.mediaBytes;
      const shown = slot?.meter.frames ?? 0;
      if (shown > frames) movedUs = world.nowUs;
      const moving = shown > 0 && world.nowUs - movedUs < STILL_US;
      this.series.add(world.nowUs, [
        watched.down.link.conditions.rateBps,
        Math.min(this.estimateBps(watched.name), 10e6),
        (received - bytes) * perSecond,
        (media - mediaBytes) * perSecond,
        moving ? (slot?.height ?? 0) : 0,
        ((shown - frames) * 1e6) / SAMPLE_US,
        watched.worstQueueMs,
      ]);
      watched.worstQueueMs = 0;
      bytes = received;
      mediaBytes = media;
      frames = shown;
    });
  }
}
