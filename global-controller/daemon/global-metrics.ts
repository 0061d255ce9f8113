/** The metrics of a global controller, in the text format of Prometheus. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { setCounter, setGauge } from '../../common/metrics.ts';
import type { DeletionPurger } from './deletion-purger.ts';
import type { Reconciler } from './reconciler.ts';
import type { WorldMirror } from './world-mirror.ts';

const STANDINGS = ['new', 'well', 'silent', 'lost'] as const;

export interface GlobalMetricsParts {
  readonly mirror: WorldMirror;
  readonly reconciler: Reconciler;
  readonly purger: DeletionPurger;
  /** As the mirror's. */
  readonly now: () => number;
}

/** Registers them; they are counted when they are asked for. */
export function addGlobalMetrics(registry: Registry, { mirror, reconciler, purger, now }: GlobalMetricsParts): void {
  const registers = [registry];
  new Gauge({
    name: 'zonecast_world_zones',
    help: 'Zones of the directory, by how they are.',
    labelNames: ['standing'],
    registers,
    collect() {
      const zones = mirror.directory.zones(now());
      setGauge(
        this,
        STANDINGS.map((standing) => [{ standing }, zones.filter((zone) => zone.standing === standing).length]),
      );
    },
  });
  new Gauge({
    name: 'zonecast_world_meetings',
    help: 'Meetings that are in some zone, or whose home is not the zone of their block.',
    registers,
    collect() {
      this.set(mirror.meetings.size);
    },
  });
  new Gauge({
    name: 'zonecast_world_waiting',
    help: 'Meetings of which something has changed and that are not planned yet.',
    registers,
    collect() {
      this.set(mirror.meetings.changed);
    },
  });
  new Counter({
    name: 'zonecast_world_statuses_total',
    help: 'Statuses of zones that arrived, by what became of them.',
    labelNames: ['result'],
    registers,
    collect() {
      const { accepted, old, unknown } = mirror.directory.counts;
      setCounter(
        this,
        Object.entries({ accepted, old, unknown }).map(([result, count]) => [{ result }, count]),
      );
    },
  });
  new Counter({
    name: 'zonecast_world_malformed_total',
    help: 'Statuses and records that could not be read.',
    registers,
    collect() {
      setCounter(this, [[{}, mirror.malformed]]);
    },
  });
  new Counter({
    name: 'zonecast_world_writes_total',
    help: 'Homes and trees of meetings that were to be written, by result; conflict: another instance was first.',
    labelNames: ['result'],
    registers,
    collect() {
      const { written, conflicts, failures } = reconciler.counts;
      setCounter(this, [
        [{ result: 'written' }, written],
        [{ result: 'conflict' }, conflicts],
        [{ result: 'failure' }, failures],
      ]);
    },
  });
  new Counter({
    name: 'zonecast_world_purged_total',
    help: 'Deletions of keys that were purged from buckets.',
    registers,
    collect() {
      setCounter(this, [[{}, purger.counts.purged]]);
    },
  });
  new Counter({
    name: 'zonecast_world_purge_failures_total',
    help: 'Buckets whose deletions could not be purged.',
    registers,
    collect() {
      setCounter(this, [[{}, purger.counts.failures]]);
    },
  });
}
