/** Flows that share one bottleneck each way, and what is measured of them: the topology of RFC 8867 section 4. */
import type { LinkChange, LinkConditions } from '../network/link-conditions.ts';
import type { Wire } from '../network/wire.ts';
import { SAMPLE_US, Series } from '../report/series.ts';
import { World } from '../world.ts';
import { MediaFlow } from './media-flow.ts';
import type { Arrival, Path } from './path.ts';
import { TcpFlow } from './tcp-flow.ts';

export interface FlowPlan {
  readonly startS?: number;
  readonly stopS?: number;
  readonly maxBps?: number;
  /** One-way delay of its own, on top of the bottleneck's. */
  readonly accessDelayMs?: number;
  /** From and to, in seconds. */
  readonly pause?: readonly [number, number];
}

/** Long flows, or short ones that come and go. */
export interface TcpPlan {
  readonly startS: number;
  readonly stopS: number;
  /** Sizes of short transfers, and the mean pause between them; undefined: one transfer without end. */
  readonly short?: { readonly fromBytes: number; readonly toBytes: number; readonly meanPauseS: number };
}

export interface DumbbellPlan {
  readonly seconds: number;
  readonly forward: Partial<LinkConditions>;
  readonly forwardChanges?: readonly LinkChange[];
  readonly backward?: Partial<LinkConditions>;
  readonly backwardChanges?: readonly LinkChange[];
  readonly flows: readonly FlowPlan[];
  readonly backwardFlows?: readonly FlowPlan[];
  readonly tcp?: readonly TcpPlan[];
}

/** One direction of the bottleneck with the media flows that cross it. */
export interface Direction {
  readonly flows: readonly MediaFlow[];
  readonly wire: Wire<Arrival>;
  readonly series: Series;
  readonly changes: readonly LinkChange[];
  readonly initial: Partial<LinkConditions>;
}

export class Dumbbell {
  readonly forward: Direction;
  readonly backward: Direction;
  readonly seconds: number;
  readonly #world: World;
  readonly #tcp: TcpFlow[] = [];
  readonly #plan: DumbbellPlan;

  constructor(seed: number, plan: DumbbellPlan) {
    this.#world = new World(seed);
    this.#plan = plan;
    this.seconds = plan.seconds;
    const ahead = this.#bottleneck('forward', plan.forward, plan.forwardChanges ?? []);
    const back = this.#bottleneck('backward', plan.backward ?? plan.forward, plan.backwardChanges ?? []);
    const flows = plan.flows.map((flow, i) => this.#mediaFlow(`flow ${i + 1}`, flow, ahead, back));
    const others = (plan.backwardFlows ?? []).map((flow, i) => this.#mediaFlow(`back ${i + 1}`, flow, back, ahead));
    this.forward = this.#direction(flows, ahead, plan.forward, plan.forwardChanges ?? []);
    this.backward = this.#direction(others, back, plan.backward ?? plan.forward, plan.backwardChanges ?? []);
    for (const [i, tcp] of (plan.tcp ?? []).entries()) this.#rival(i, tcp, ahead, back);
  }

  run(): this {
    const tcpBytes = () => this.#tcp.reduce((sum, flow) => sum + flow.receivedBytes, 0);
    this.#sample(this.forward, tcpBytes);
    this.#sample(this.backward, () => 0);
    this.#world.run(this.#plan.seconds * 1e6);
    return this;
  }

  #bottleneck(name: string, conditions: Partial<LinkConditions>, changes: readonly LinkChange[]): Wire<Arrival> {
    return this.#world.wire<Arrival>(name, conditions, changes, (arrival, size, queuedUs) => arrival(size, queuedUs));
  }

  #path(wire: Wire<Arrival>, delayMs: number): Path {
    if (delayMs === 0) return wire;
    return { send: (arrival, size) => this.#world.after(delayMs * 1000, () => wire.send(arrival, size)) };
  }

  #mediaFlow(name: string, plan: FlowPlan, ahead: Wire<Arrival>, back: Wire<Arrival>): MediaFlow {
    const delayMs = plan.accessDelayMs ?? 0;
    const flow = new MediaFlow(this.#world, {
      name,
      forward: this.#path(ahead, delayMs),
      backward: this.#path(back, delayMs),
      startUs: (plan.startS ?? 0) * 1e6,
      stopUs: (plan.stopS ?? this.#plan.seconds) * 1e6,
      maxBps: plan.maxBps ?? 6e6,
    });
    if (plan.pause !== undefined) {
      this.#world.at(plan.pause[0] * 1e6, () => flow.pause());
      this.#world.at(plan.pause[1] * 1e6, () => flow.resume());
    }
    return flow;
  }

  #rival(i: number, plan: TcpPlan, forward: Path, backward: Path): void {
    const chance = this.#world.chance(`tcp ${i}`);
    const { short } = plan;
    const begin = (startUs: number): void => {
      this.#tcp.push(
        new TcpFlow(this.#world, {
          name: `tcp ${i + 1}`,
          forward,
          backward,
          startUs,
          stopUs: plan.stopS * 1e6,
          ...(short === undefined
            ? {}
            : {
                bytes: chance.between(short.fromBytes, short.toBytes),
                done: () => begin(this.#world.nowUs + chance.exponential(short.meanPauseS) * 1e6),
              }),
        }),
      );
    };
    begin(plan.startS * 1e6 + (short === undefined ? 0 : chance.exponential(short.meanPauseS) * 1e6));
  }

  #direction(
    flows: readonly MediaFlow[],
    wire: Wire<Arrival>,
    initial: Partial<LinkConditions>,
    changes: readonly LinkChange[],
  ): Direction {
    const names = ['capacity', 'estimate', 'sent', 'received', 'queue', ...flows.map(({ name }) => name), 'tcp'];
    return { flows, wire, initial, changes, series: new Series(names) };
  }

  #sample({ flows, wire, series }: Direction, tcpBytes: () => number): void {
    const sent = flows.map(() => 0);
    const received = flows.map(() => 0);
    let tcp = 0;
    const perSecond = 8e6 / SAMPLE_US;
    this.#world.every(SAMPLE_US, SAMPLE_US, () => {
      const sentBps = flows.map((flow, i) => (flow.sentBytes - (sent[i] as number)) * perSecond);
      const receivedBps = flows.map((flow, i) => (flow.receivedBytes - (received[i] as number)) * perSecond);
      const tcpBps = (tcpBytes() - tcp) * perSecond;
      for (const [i, flow] of flows.entries()) {
        sent[i] = flow.sentBytes;
        received[i] = flow.receivedBytes;
      }
      tcp = tcpBytes();
      const estimate = flows.reduce((sum, flow) => sum + flow.targetBps, 0);
      const queueMs = Math.max(0, ...flows.map((flow) => flow.worstQueueMs));
      for (const flow of flows) flow.worstQueueMs = 0;
      const total = receivedBps.reduce((sum, bps) => sum + bps, 0);
      const sentTotal = sentBps.reduce((sum, bps) => sum + bps, 0);
      const capacity = wire.link.conditions.rateBps;
      series.add(this.#world.nowUs, [capacity, estimate, sentTotal, total, queueMs, ...receivedBps, tcpBps]);
    });
  }
}
