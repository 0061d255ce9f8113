/** The dashboard and the alert rules use metrics that exist, with labels that they have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { BusCounters } from '../bus/bus-observer.ts';
import { MemoryHub } from '../bus/memory/memory-hub.ts';
import { MemoryTransport } from '../bus/memory/memory-transport.ts';
import { ZONES } from '../bus/testing/test-zones.ts';
import { AuditLog, countLostEntries } from '../common/audit/audit-log.ts';
import { createLogger } from '../common/log.ts';
import { addProcessMetrics, makeRegistry } from '../common/metrics.ts';
import { mintServerCertificate } from '../common/server-certificate.ts';
import { DeletionPurger } from '../global-controller/daemon/deletion-purger.ts';
import { addGlobalMetrics } from '../global-controller/daemon/global-metrics.ts';
import { Reconciler } from '../global-controller/daemon/reconciler.ts';
import { WorldMirror } from '../global-controller/daemon/world-mirror.ts';
import { addAcmeMetrics } from '../http-tunnel/admin/acme-metrics.ts';
import { addMediaMetrics } from '../http-tunnel/admin/media-metrics.ts';
import { addTunnelMetrics } from '../http-tunnel/admin/tunnel-metrics.ts';
import { addTurnMetrics } from '../http-tunnel/admin/turn-metrics.ts';
import { HttpTunnel } from '../http-tunnel/http-tunnel.ts';
import { ServerCertificates } from '../http-tunnel/port/server-certificates.ts';
import { FixedControllers } from '../http-tunnel/proxy/controller-list.ts';
import { RouterMetrics } from '../mmr/control/metrics.ts';
import { ControllerMetrics } from '../zone-controller/admin/controller-metrics.ts';
import type { BusWorld } from '../zone-controller/world/bus-world.ts';
import { addWorldMetrics } from '../zone-controller/world/world-metrics.ts';

const DEPLOY = fileURLToPath(new URL('.', import.meta.url));
const read = (...path: string[]) => readFileSync(join(DEPLOY, ...path), 'utf8');

const DASHBOARDS = ['zonecast.json', 'zonecast-world.json'];

const dashboard = z.object({
  panels: z.array(
    z.object({
      title: z.string().min(1),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.object({ expr: z.string().min(1) })).optional(),
    }),
  ),
});
const rules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Zonecast[A-Za-z]+$/),
          expr: z.string().min(1),
          for: z
            .string()
            .regex(/^\d+[smhd]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
});

/** Of each series of Prometheus, its labels. */
const series = new Map<string, Set<string>>();
const COMMON_LABELS = new Set(['instance', 'job', 'le']);

beforeAll(async () => {
  const router = new Registry();
  new RouterMetrics(router);
  const controller = makeRegistry();
  addProcessMetrics(controller);
  new ControllerMetrics(controller, () => {
    throw new Error('not read here');
  });
  const log = createLogger({ name: 'test', level: 'silent' });
  const world = new Registry();
  const bus = ZONES.open(new MemoryTransport(new MemoryHub()), ZONES.identity('global')).bus;
  const mirror = new WorldMirror(bus, () => 0, log);
  const reconciler = new Reconciler({ bus, mirror, now: () => 0, random: () => 0, log });
  const purger = new DeletionPurger({ bus, buckets: () => [], random: () => 0, log });
  addGlobalMetrics(world, { mirror, reconciler, purger, now: () => 0 });
  const audit = new AuditLog({ file: undefined, controller: 'a', log });
  countLostEntries(controller, audit, 'controller');
  countLostEntries(world, audit, 'world');
  // The cast: nothing else is read before it is asked for.
  addWorldMetrics(controller, { counters: new BusCounters() } as BusWorld);
  const tunnel = new Registry();
  const certificates = new ServerCertificates([await mintServerCertificate(['localhost'])]);
  const controllers = new FixedControllers([]);
  const limits = { connections: 1, connectionsPerAddress: 1 };
  addTunnelMetrics(tunnel, new HttpTunnel({ listeners: [], certificates, controllers, limits, log }), certificates);
  const notRead = (): never => {
    throw new Error('not read here');
  };
  addAcmeMetrics(tunnel, notRead);
  addTurnMetrics(tunnel, notRead);
  addMediaMetrics(tunnel, notRead);
  for (const registry of [router, controller, world, tunnel]) {
    for (const metric of registry.getMetricsAsArray()) {
      // The cast: prom-client's own metrics have this field, and its types do not say so.
      const labels = new Set((metric as unknown as { labelNames: readonly string[] }).labelNames);
      const endings = String(metric.type) === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      for (const ending of endings) series.set(metric.name + ending, labels);
    }
  }
});

function expressions(): string[] {
  const panels = DASHBOARDS.flatMap((name) => dashboard.parse(JSON.parse(read('dashboards', name))).panels);
  const { groups } = rules.parse(parse(read('alerts', 'zonecast.rules.yaml')));
  return [
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
  ];
}

/** Names of series in an expression, with the labels that are asked of them. */
function* selectorsIn(expression: string): Generator<[name: string, labels: string[]]> {
  for (const [, name = '', matchers = ''] of expression.matchAll(
    /\b((?:zonecast|nodejs|process)_\w+)(?:\{([^}]*)\})?/g,
  )) {
    yield [name, [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label)];
  }
}

describe('dashboard and alerts', () => {
  test('every metric exists, with those labels', () => {
    let count = 0;
    for (const expression of expressions()) {
      for (const [name, labels] of selectorsIn(expression)) {
        count++;
        expect(series.has(name), name).toBe(true);
        for (const label of labels) expect(series.get(name), `${name}{${label}}`).toContain(label);
      }
    }
    expect(count).toBeGreaterThan(60);
  });

  test('what is summed by is a label of something in the expression', () => {
    for (const expression of expressions()) {
      const known = new Set([...selectorsIn(expression)].flatMap(([name]) => [...(series.get(name) ?? [])]));
      for (const [, list = ''] of expression.matchAll(/\bby \(([^)]*)\)/g)) {
        for (const label of list.split(',').map((each) => each.trim())) {
          expect(known.has(label) || COMMON_LABELS.has(label), `${label} in ${expression}`).toBe(true);
        }
      }
    }
  });

  test('brackets are closed, and metrics are ours or the process’s', () => {
    for (const expression of expressions()) {
      for (const [open, close] of ['()', '{}', '[]']) {
        expect(expression.split(open ?? '').length, expression).toBe(expression.split(close ?? '').length);
      }
      expect([...selectorsIn(expression)].length, expression).toBeGreaterThan(0);
    }
  });

  test.each(DASHBOARDS)('no two panels of %s are in one place', (name) => {
    const { panels } = dashboard.parse(JSON.parse(read('dashboards', name)));
    const taken = new Set<string>();
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x},${y}`), title).toBe(false);
          taken.add(`${x},${y}`);
        }
      }
    }
  });

  test('docs/operating.md lists every metric of ours, and no other', () => {
    const documented = new Set(
      [...read('../docs/operating.md').matchAll(/`(zonecast_\w+)(?:\{[^}`]*\})?`/g)].map(([, name]) => name),
    );
    const ours = [...series.keys()].map((name) => name.replace(/_(bucket|sum|count)$/, ''));
    expect([...documented].sort()).toEqual([...new Set(ours.filter((name) => name.startsWith('zonecast_')))].sort());
  });
});
