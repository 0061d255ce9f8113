import { expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { RouterId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { answeredProbes, currentProbe } from './probe-credential.ts';
import type { RouterLink } from './router-link.ts';
import { ZoneProbes } from './zone-probes.ts';

const SEED = Buffer.alloc(32, 7);
const NOW_MS = 1_790_000_000_000;

/** Routers that answer probes at an address each, unless they are away. */
class ProbesLab {
  ready: string[] = [];
  readonly away = new Set<string>();
  readonly asked: { router: string; credentials: unknown }[] = [];
  readonly probes = new ZoneProbes({
    directory: {
      ready: () => this.ready as RouterId[],
      // Of a link only this is used.
      link: (router) => ({ call: (start: unknown) => this.#call(router, start) }) as unknown as RouterLink,
    },
    unixMs: () => NOW_MS,
    log: createLogger({ name: 'test', level: 'silent' }),
  });

  async come(...routers: string[]): Promise<void> {
    this.ready.push(...routers);
    for (const router of routers) this.probes.subscribed(router as RouterId);
    await new Promise(setImmediate);
  }

  async #call(router: string, start: unknown): Promise<unknown> {
    if (this.away.has(router)) throw new ZonecastError('noRouter', 'away');
    const client = {
      SetProbes: ({ credentials }: { credentials: unknown }) => this.asked.push({ router, credentials }),
    };
    (start as (of: typeof client) => void)(client);
    return { targets: ['192.0.2.1', '2001:db8::1', '192.0.2.2'].map((address) => ({ address, port: 8801 })) };
  }
}

test('every router is told what to answer, and two are told of, each by two addresses', async () => {
  const lab = new ProbesLab();
  await lab.come('r-3');
  expect([lab.asked, lab.probes.current]).toEqual([[], undefined]);
  lab.probes.useSeed(SEED);
  await lab.come('r-2', 'r-1');
  const credentials = answeredProbes(SEED, NOW_MS);
  expect(lab.asked).toEqual(['r-3', 'r-2', 'r-1'].map((router) => ({ router, credentials })));
  const targets = ['192.0.2.1', '2001:db8::1', '192.0.2.1', '2001:db8::1'].map((address) => ({ address, port: 8801 }));
  expect(lab.probes.current).toEqual({ ...currentProbe(SEED, NOW_MS), targets });
});

test('of a router that is lost, not ready, or was never told, nobody is told', async () => {
  const lab = new ProbesLab();
  lab.probes.useSeed(SEED);
  lab.away.add('r-1');
  await lab.come('r-1');
  expect(lab.probes.current).toBeUndefined();
  await lab.come('r-2');
  expect(lab.probes.current?.targets).toHaveLength(2);
  lab.ready = ['r-1'];
  expect(lab.probes.current).toBeUndefined();
  lab.ready = ['r-2'];
  lab.probes.lost('r-2' as RouterId);
  expect(lab.probes.current).toBeUndefined();
});
