/** What a controller counts of the other zones and the bus. docs/operating.md is the list. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { addBusMetrics } from '../../bus/bus-metrics.ts';
import { setCounter, setGauge } from '../../common/metrics.ts';
import type { BusWorld } from './bus-world.ts';

const PREFIX = 'zonecast_controller_world_';
const STANDINGS = ['new', 'well', 'silent', 'lost'] as const;

/** Registers them; they are counted when they are asked for. */
export function addWorldMetrics(registry: Registry, world: BusWorld): void {
  addBusMetrics(registry, world.counters, () => world.isConnected);
  gauge(registry, 'digest_age_seconds', 'Since a global controller has told how zones are; -1 before.', () => {
    const { digestAgeMs } = world;
    return digestAgeMs === Number.POSITIVE_INFINITY ? -1 : digestAgeMs / 1000;
  });
  gauge(registry, 'blocks', 'Blocks of meeting ids that the zone has.', () => world.ids.counts.held);
  gauge(registry, 'blocks_needed', 'Blocks that it should take.', () => world.ids.counts.needed);
  new Gauge({
    name: `${PREFIX}zones`,
    help: 'Zones of the directory, by how they are.',
    labelNames: ['standing'],
    registers: [registry],
    collect() {
      const zones = world.zones();
      setGauge(
        this,
        STANDINGS.map((standing) => [{ standing }, zones.filter((zone) => zone.standing === standing).length]),
      );
    },
  });
  counter(registry, 'statuses_total', 'Statuses of the zone that this controller has told.', [], () => [
    [{}, world.counts.statuses],
  ]);
  counter(registry, 'malformed_total', 'Records and digests that could not be read.', [], () => [
    [{}, world.malformed],
  ]);
  counter(registry, 'writes_total', 'What the zone has written for others.', ['what', 'result'], () => {
    const { written, failures } = world.counts;
    return [
      ...Object.entries(written).map(([what, count]) => [{ what, result: 'written' }, count] as const),
      ...Object.entries(failures).map(([what, count]) => [{ what, result: 'failure' }, count] as const),
    ];
  });
  counter(registry, 'links_total', 'Routers told where a meeting is in other zones.', ['result'], () => {
    const { taken, failed } = world.counts.links;
    return [
      [{ result: 'taken' }, taken],
      [{ result: 'failure' }, failed],
    ];
  });
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name: PREFIX + name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

type Counts<Names extends string> = readonly (readonly [labels: Readonly<Record<Names, string>>, value: number])[];

function counter<Names extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Names[],
  read: () => Counts<Names>,
): void {
  new Counter({
    name: PREFIX + name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      setCounter(this, read());
    },
  });
}
