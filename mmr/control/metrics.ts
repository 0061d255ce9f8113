/**
 * The router's metrics for Prometheus. Labels are workers, directions and words of closed lists: never a meeting or a
 * participant. docs/operating.md is the list.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import { type Labels, setCounter, setGauge } from '../../common/metrics.ts';
import type { TcpCounts } from '../ice-tcp/tcp-listener.ts';
import { DropReason } from '../media/drop-reason.ts';
import type { Quantiles, WorkerMeters } from '../worker/messages.ts';
import type { ActCount, MessageOutcome } from './meeting-states.ts';

/** What the main thread knows of the router. */
export interface RouterMeters {
  readonly workers: readonly WorkerMeters[];
  readonly workerRestarts: number;
  /** A controller has taken the registration. */
  readonly registered: boolean;
  /** Controllers that listen, and streams that were ended because one listened too slowly. */
  readonly eventStreams: number;
  readonly eventOverflows: number;
  readonly acts: readonly ActCount[];
  /** About states of meetings, of other routers. */
  readonly stateMessages: Readonly<Record<MessageOutcome, number>>;
  /** People who wait to be let in. */
  readonly waiting: number;
}

type Values<Names extends string> = (readonly [labels: Labels<Names>, value: number])[];

const REASONS = Object.entries(DropReason).filter(([name]) => name !== 'none');

export class RouterMetrics {
  readonly #registry: Registry;
  readonly #fill: ((meters: RouterMeters) => void)[] = [];

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#addRouter();
    this.#addStates();
    this.#addTraffic();
    this.#addTcp();
    this.#addRepairs();
    this.#addReceivers();
    this.#addThreads();
  }

  /** The text of `/metrics`. */
  async text(meters: RouterMeters): Promise<string> {
    for (const fill of this.#fill) fill(meters);
    return this.#registry.metrics();
  }

  #addRouter(): void {
    this.#gauge('workers', 'Media worker threads that are up.', [], ({ workers }) => [[{}, workers.length]]);
    this.#counter('worker_restarts_total', 'Workers that died and were replaced.', [], (of) => [
      [{}, of.workerRestarts],
    ]);
    this.#gauge('registered', '1 while a zone-controller has this router registered.', [], (of) => [
      [{}, Number(of.registered)],
    ]);
    this.#gauge('event_streams', 'Zone-controllers that listen to events.', [], (of) => [[{}, of.eventStreams]]);
    this.#counter(
      'event_stream_overflows_total',
      'Event streams ended because they were read too slowly.',
      [],
      (of) => [[{}, of.eventOverflows]],
    );
    this.#perWorker('meetings', 'Meetings.', (worker) => worker.meetings);
    this.#perWorker('participants', 'Participants.', (worker) => worker.participants);
    this.#perWorker('connected_participants', 'Participants whose media flows.', (worker) => worker.connected);
    this.#gauge('trunks', 'Trunks to other workers, by state.', ['worker', 'state'], ({ workers }) =>
      workers.flatMap(({ index: worker, trunks }) =>
        Object.entries(trunks).map(([state, count]): Values<'worker' | 'state'>[number] => [{ worker, state }, count]),
      ),
    );
  }

  #addStates(): void {
    this.#gauge('waiting_people', 'People who wait to be let in.', [], ({ waiting }) => [[{}, waiting]]);
    this.#counter(
      'acts_total',
      'What people have wanted to do in meetings, and come to them.',
      ['type', 'outcome'],
      (of) => of.acts.map(({ type, outcome, count }) => [{ type, outcome }, count]),
    );
    this.#counter('state_messages_total', 'Of other routers, about states of meetings.', ['outcome'], (of) =>
      Object.entries(of.stateMessages).map(([outcome, count]) => [{ outcome }, count]),
    );
  }

  #addTraffic(): void {
    this.#counter('packets_total', 'UDP packets.', ['worker', 'direction'], ({ workers }) =>
      workers.flatMap(
        ({ index: worker, received, sent }): Values<'worker' | 'direction'> => [
          [{ worker, direction: 'in' }, received],
          [{ worker, direction: 'out' }, sent],
        ],
      ),
    );
    this.#totalPerWorker(
      'packets_forwarded_total',
      'Media packets that went to somebody.',
      (worker) => worker.forwarded,
    );
    this.#totalPerWorker(
      'packets_consumed_total',
      'Packets for the router itself: STUN, DTLS, RTCP.',
      (worker) => worker.consumed,
    );
    this.#totalPerWorker(
      'packets_retransmitted_total',
      'Media packets sent again because a receiver asked.',
      (worker) => worker.retransmitted,
    );
    this.#counter('drops_total', 'Packets not forwarded or not sent, by reason.', ['worker', 'reason'], ({ workers }) =>
      workers.flatMap(({ index: worker, drops }) =>
        REASONS.map(([reason, number]): Values<'worker' | 'reason'>[number] => [
          { worker, reason },
          drops[number] ?? 0,
        ]),
      ),
    );
  }

  #addTcp(): void {
    this.#gauge('tcp_connections', 'TCP connections that media of clients may go by.', ['worker'], ({ workers }) =>
      ofTcp(workers, ({ connections }) => [[{}, connections]]),
    );
    this.#counter('tcp_connections_accepted_total', 'TCP connections of clients.', ['worker'], ({ workers }) =>
      ofTcp(workers, ({ accepted }) => [[{}, accepted]]),
    );
    this.#counter('tcp_connections_ended_total', 'Those that ended.', ['worker', 'reason'], ({ workers }) =>
      ofTcp(workers, ({ ended }) => Object.entries(ended).map(([reason, count]) => [{ reason }, count])),
    );
    this.#counter('tcp_packets_total', 'Packets that went by TCP.', ['worker', 'direction'], ({ workers }) =>
      ofTcp(workers, ({ packets }) => Object.entries(packets).map(([direction, count]) => [{ direction }, count])),
    );
    this.#counter(
      'tcp_drops_total',
      'Packets of TCP connections that went nowhere.',
      ['worker', 'reason'],
      ({ workers }) =>
        ofTcp(workers, ({ dropped }) => Object.entries(dropped).map(([reason, count]) => [{ reason }, count])),
    );
  }

  #addRepairs(): void {
    this.#totalPerWorker(
      'packets_nacked_total',
      'Packets that publishers were asked for again.',
      ({ repairs }) => repairs.nacked,
    );
    this.#totalPerWorker(
      'packets_repaired_total',
      'Missing packets of publishers that came after all.',
      ({ repairs }) => repairs.repaired,
    );
    this.#totalPerWorker('keyframes_total', 'Key frames from publishers.', ({ repairs }) => repairs.keyframes);
    this.#totalPerWorker(
      'keyframe_requests_sent_total',
      'Key frames asked of publishers.',
      ({ repairs }) => repairs.keyframesRequested,
    );
    this.#totalPerWorker(
      'keyframe_requests_received_total',
      'Key frames asked for by receivers.',
      ({ repairs }) => repairs.keyframesAsked,
    );
    this.#totalPerWorker(
      'layer_changes_total',
      'Pictures moved to another layer.',
      ({ repairs }) => repairs.layerChanges,
    );
  }

  #addReceivers(): void {
    this.#quantiles(
      'estimate_bits_per_second',
      "What receivers' paths carry, as estimated.",
      1,
      (worker) => worker.estimateBps,
    );
    this.#quantiles('round_trip_seconds', 'Round trips to participants.', 1e-3, (worker) => worker.roundTripMs);
    this.#quantiles(
      'pacing_delay_seconds',
      'How long packets to participants wait here.',
      1e-3,
      (worker) => worker.pacingDelayMs,
    );
    this.#gauge('estimate_limits', 'Receivers by what limits their estimate.', ['worker', 'limit'], ({ workers }) =>
      workers.flatMap(({ index: worker, limits }) =>
        Object.entries(limits).map(([limit, count]): Values<'worker' | 'limit'>[number] => [{ worker, limit }, count]),
      ),
    );
    this.#perWorker('wanted_bits_per_second', 'What receivers would get if it fitted.', (worker) => worker.wantedBps);
    this.#perWorker('allocated_bits_per_second', 'What receivers are given.', (worker) => worker.allocatedBps);
    this.#gauge(
      'connections',
      'Connections by direction and quality.',
      ['worker', 'direction', 'quality'],
      ({ workers }) =>
        workers.flatMap(({ index: worker, quality: { uplink, downlink } }) =>
          Object.entries({ uplink, downlink }).flatMap(([direction, bands]) =>
            Object.entries(bands).map(([quality, count]): Values<'worker' | 'direction' | 'quality'>[number] => [
              { worker, direction, quality },
              count,
            ]),
          ),
        ),
    );
  }

  #addThreads(): void {
    this.#totalPerWorker('worker_cpu_seconds_total', 'CPU time of worker threads.', ({ cpuUs }) => cpuUs / 1e6);
    this.#gauge(
      'worker_event_loop_delay_seconds',
      'Delay of worker threads since their start.',
      ['worker', 'quantile'],
      ({ workers }) =>
        workers.flatMap(
          ({ index: worker, eventLoopDelayMs: { p50, p99, max } }): Values<'worker' | 'quantile'> => [
            [{ worker, quantile: '0.5' }, p50 / 1e3],
            [{ worker, quantile: '0.99' }, p99 / 1e3],
            [{ worker, quantile: '1' }, max / 1e3],
          ],
        ),
    );
    this.#totalPerWorker(
      'worker_gc_total',
      'Garbage collections of worker threads.',
      (worker) => worker.garbageCollection.count,
    );
    this.#totalPerWorker(
      'worker_gc_seconds_total',
      'Time in garbage collection.',
      (worker) => worker.garbageCollection.totalMs / 1e3,
    );
    this.#perWorker('worker_heap_used_bytes', 'Heap of worker threads.', (worker) => worker.heapUsedBytes);
    this.#perWorker(
      'worker_external_bytes',
      'Memory of worker threads outside the heap.',
      (worker) => worker.externalBytes,
    );
  }

  #perWorker(name: string, help: string, of: (worker: WorkerMeters) => number): void {
    this.#gauge(name, help, ['worker'], ({ workers }) => workers.map((each) => [{ worker: each.index }, of(each)]));
  }

  #totalPerWorker(name: string, help: string, of: (worker: WorkerMeters) => number): void {
    this.#counter(name, help, ['worker'], ({ workers }) => workers.map((each) => [{ worker: each.index }, of(each)]));
  }

  /** Over the participants of each worker at this moment. */
  #quantiles(name: string, help: string, unit: number, of: (worker: WorkerMeters) => Quantiles | undefined): void {
    this.#gauge(name, help, ['worker', 'quantile'], ({ workers }) =>
      workers.flatMap((each): Values<'worker' | 'quantile'> => {
        const [worker, values] = [each.index, of(each)];
        if (values === undefined) return [];
        return [
          [{ worker, quantile: '0.1' }, values.p10 * unit],
          [{ worker, quantile: '0.5' }, values.p50 * unit],
          [{ worker, quantile: '0.9' }, values.p90 * unit],
        ];
      }),
    );
  }

  #gauge<Names extends string>(
    name: string,
    help: string,
    labelNames: readonly Names[],
    of: (meters: RouterMeters) => Values<Names>,
  ): void {
    const gauge = new Gauge<Names>({ name: `zonecast_router_${name}`, help, labelNames, registers: [this.#registry] });
    this.#fill.push((meters) => setGauge(gauge, of(meters)));
  }

  #counter<Names extends string>(
    name: string,
    help: string,
    labelNames: readonly Names[],
    of: (meters: RouterMeters) => Values<Names>,
  ): void {
    const counter = new Counter<Names>({
      name: `zonecast_router_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
    });
    this.#fill.push((meters) => setCounter(counter, of(meters)));
  }
}

/** Of the workers that clients may come to by TCP. */
function ofTcp<Names extends string = never>(
  workers: readonly WorkerMeters[],
  of: (counts: TcpCounts) => Values<Names>,
): Values<Names | 'worker'> {
  return workers.flatMap(({ index: worker, iceTcp }) => {
    if (iceTcp === undefined) return [];
    // The spread has what Names and `worker` name.
    return of(iceTcp).map(([labels, value]) => [{ ...labels, worker } as Labels<Names | 'worker'>, value] as const);
  });
}
