/** What a daemon counts of its bus, in the text format of Prometheus. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { setCounter } from '../common/metrics.ts';
import type { BusCounters } from './bus-observer.ts';

/** Registers them; they are counted when they are asked for. */
export function addBusMetrics(registry: Registry, counters: BusCounters, isConnected: () => boolean): void {
  const registers = [registry];
  new Gauge({
    name: 'zonecast_bus_connected',
    help: '1 while a server of the bus answers.',
    registers,
    collect() {
      this.set(Number(isConnected()));
    },
  });
  new Counter({
    name: 'zonecast_bus_messages_total',
    help: 'Messages, requests, answers and values that were sent and taken.',
    labelNames: ['direction'],
    registers,
    collect() {
      setCounter(this, [
        [{ direction: 'sent' }, counters.sentCount],
        [{ direction: 'received' }, counters.receivedCount],
      ]);
    },
  });
  new Counter({
    name: 'zonecast_bus_dropped_total',
    help: 'What arrived and did not count, by reason (docs/bus.md).',
    labelNames: ['reason'],
    registers,
    collect() {
      setCounter(
        this,
        [...counters.droppedByReason].map(([reason, count]) => [{ reason }, count]),
      );
    },
  });
  new Counter({
    name: 'zonecast_bus_unsent_total',
    help: 'What could not be sent, by reason.',
    labelNames: ['reason'],
    registers,
    collect() {
      setCounter(
        this,
        [...counters.unsentByReason].map(([reason, count]) => [{ reason }, count]),
      );
    },
  });
  new Counter({
    name: 'zonecast_bus_lost_total',
    help: 'Times that the connection went away.',
    registers,
    collect() {
      setCounter(this, [[{}, counters.lostCount]]);
    },
  });
}
