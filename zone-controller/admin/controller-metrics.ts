/**
 * The zone-controller's metrics for Prometheus. Labels are words of closed lists: never a meeting, a participant or an
 * address. docs/operating.md is the list.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { ERROR_MAPPINGS, type ErrorCode, toZonecastError } from '../../common/errors.ts';
import { setGauge } from '../../common/metrics.ts';
import type { ClientMessage, MoveReason, SignallingErrorCode } from '../../proto/signalling.ts';
import type { TunnelState } from '../tunnels/tunnel-directory.ts';
import { ROUTER_STATES } from './router-report.ts';

/** Seconds. A join takes some milliseconds, and 10 s at most; so does what it is made of. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const PREFIX = 'zonecast_controller_';

/** What is so at this moment. */
export interface ControllerMeters {
  readonly isLeader: boolean;
  readonly registryAvailable: boolean;
  readonly malformedRecords: number;
  /** How many of them, by state. */
  readonly routers: Readonly<Record<string, number>>;
  /** That exist, and that are on routers. */
  readonly meetings: number;
  readonly liveMeetings: number;
  /** WebSockets, and those of them that are in a meeting. */
  readonly connections: number;
  readonly sessions: number;
  /** HTTP tunnels of the zone. */
  readonly tunnels: Readonly<Record<TunnelState, number>>;
  /** Routers that are being drained. */
  readonly drains: number;
}

export class ControllerMetrics {
  readonly #registry: Registry;
  readonly #read: () => ControllerMeters;
  readonly #entries: Counter<'kind' | 'outcome'>;
  readonly #entrySeconds: Histogram<'kind'>;
  readonly #messages: Counter<'type'>;
  readonly #errors: Counter<'code'>;
  readonly #placements: Counter<'outcome'>;
  readonly #placementSeconds: Histogram;
  readonly #moves: Counter<'reason' | 'outcome'>;
  readonly #waysIn: Counter<'rung'>;
  readonly #waysTried: Counter<'rung'>;
  readonly #registryCalls: Counter<'call' | 'outcome'>;
  readonly #registrySeconds: Histogram<'call'>;
  readonly #gauges: ((meters: ControllerMeters) => void)[] = [];

  constructor(registry: Registry, read: () => ControllerMeters) {
    this.#registry = registry;
    this.#read = read;
    this.#entries = this.#counter('entries_total', 'Joins and resumes of clients.', ['kind', 'outcome']);
    this.#entrySeconds = this.#histogram('entry_seconds', 'From the request to the answer.', ['kind']);
    this.#messages = this.#counter('messages_total', 'Messages of clients, by type.', ['type']);
    this.#errors = this.#counter('errors_total', 'Errors that clients were told.', ['code']);
    this.#placements = this.#counter('placements_total', 'Decisions where somebody joins.', ['outcome']);
    this.#placementSeconds = this.#histogram('placement_seconds', 'How long they took, the registry included.', []);
    this.#moves = this.#counter('moves_total', 'People who moved to another router.', ['reason', 'outcome']);
    this.#waysIn = this.#counter('ways_in_total', 'Ways that media of clients goes by, when they begin to.', ['rung']);
    this.#waysTried = this.#counter('ways_tried_total', 'Ways that clients have tried in vain before.', ['rung']);
    this.#registryCalls = this.#counter('registry_calls_total', 'Calls to the registry.', ['call', 'outcome']);
    this.#registrySeconds = this.#histogram('registry_seconds', 'How long they took.', ['call']);
    this.#addGauges();
  }

  /** The text of `/metrics`. */
  text(): Promise<string> {
    const meters = this.#read();
    for (const fill of this.#gauges) fill(meters);
    return this.#registry.metrics();
  }

  /** A client wants in. Runs it, and throws what it throws. */
  entering<Result>(kind: 'join' | 'resume', run: () => Promise<Result>): Promise<Result> {
    return measured(run, (code, seconds) => {
      this.#entries.inc({ kind, outcome: code === undefined ? 'ok' : ERROR_MAPPINGS[code].signalling });
      this.#entrySeconds.observe({ kind }, seconds);
    });
  }

  received(type: ClientMessage['type'] | 'refused'): void {
    this.#messages.inc({ type });
  }

  refused(code: SignallingErrorCode): void {
    this.#errors.inc({ code });
  }

  /** Placement decides where somebody joins. Runs it, and throws what it throws. */
  placing<Result>(run: () => Promise<Result>): Promise<Result> {
    return measured(run, (code, seconds) => {
      this.#placements.inc({ outcome: code ?? 'placed' });
      this.#placementSeconds.observe(seconds);
    });
  }

  /** `error`: undefined when he is at his new place. */
  moved(reason: MoveReason, error: unknown): void {
    const outcome = error === undefined ? 'moved' : ERROR_MAPPINGS[toZonecastError(error).code].signalling;
    this.#moves.inc({ reason, outcome });
  }

  /** A client says which way its media goes. */
  cameBy({ rung, tried }: Pick<Extract<ClientMessage, { type: 'wayIn' }>, 'rung' | 'tried'>): void {
    this.#waysIn.inc({ rung });
    for (const each of tried) this.#waysTried.inc({ rung: each.rung });
  }

  /** A call to the registry. Runs it, and throws what it throws. */
  calling<Result>(call: string, run: () => Promise<Result>): Promise<Result> {
    return measured(run, (code, seconds) => {
      this.#registryCalls.inc({ call, outcome: code ?? 'ok' });
      this.#registrySeconds.observe({ call }, seconds);
    });
  }

  #addGauges(): void {
    this.#gauge('leader', '1 while this controller leads the zone.', ({ isLeader }) => Number(isLeader));
    this.#gauge('registry_available', '1 while the registry takes what this controller writes.', (of) =>
      Number(of.registryAvailable),
    );
    this.#gauge('malformed_records', 'Registry records that could not be read.', (of) => of.malformedRecords);
    this.#gauge('meetings', 'Meetings that exist.', (of) => of.meetings);
    this.#gauge('live_meetings', 'Meetings that are on routers.', (of) => of.liveMeetings);
    this.#gauge('connections', 'WebSockets of clients.', (of) => of.connections);
    this.#gauge('sessions', 'Clients that are in a meeting.', (of) => of.sessions);
    const tunnels = new Gauge({
      name: `${PREFIX}tunnels`,
      help: 'HTTP tunnels of the zone by state.',
      labelNames: ['state'],
      registers: [this.#registry],
    });
    this.#gauges.push(({ tunnels: states }) =>
      setGauge(
        tunnels,
        Object.entries(states).map(([state, count]) => [{ state }, count]),
      ),
    );
    this.#gauge('drains', 'Routers that are being drained.', (of) => of.drains);
    const routers = new Gauge({
      name: `${PREFIX}routers`,
      help: 'Routers of the zone by state.',
      labelNames: ['state'],
      registers: [this.#registry],
    });
    this.#gauges.push(({ routers: states }) =>
      setGauge(
        routers,
        ROUTER_STATES.map((state) => [{ state }, states[state] ?? 0]),
      ),
    );
  }

  #gauge(name: string, help: string, of: (meters: ControllerMeters) => number): void {
    const gauge = new Gauge({ name: PREFIX + name, help, registers: [this.#registry] });
    this.#gauges.push((meters) => gauge.set(of(meters)));
  }

  #counter<Names extends string>(name: string, help: string, labelNames: readonly Names[]): Counter<Names> {
    return new Counter<Names>({ name: PREFIX + name, help, labelNames, registers: [this.#registry] });
  }

  #histogram<Names extends string>(name: string, help: string, labelNames: readonly Names[]): Histogram<Names> {
    return new Histogram<Names>({
      name: PREFIX + name,
      help,
      labelNames,
      buckets: BUCKETS,
      registers: [this.#registry],
    });
  }
}

/** Runs it, tells how it ended (undefined: well) and how long that took, and throws what it throws. */
async function measured<Result>(
  run: () => Promise<Result>,
  ended: (code: ErrorCode | undefined, seconds: number) => void,
): Promise<Result> {
  const startMs = performance.now();
  let code: ErrorCode | undefined;
  try {
    return await run();
  } catch (error) {
    code = toZonecastError(error).code;
    throw error;
  } finally {
    ended(code, (performance.now() - startMs) / 1000);
  }
}
