/** How far a zone is, as a browser measures it at its routers before it joins anything. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { ZoneList, ZoneProbe } from '../../proto/signalling.ts';
import { useZone } from './fixture.ts';

const zone = useZone();
const relays: DelayedRelay[] = [];
afterEach(() => {
  for (const relay of relays.splice(0)) relay.close();
});

/** Carries datagrams of one client to a port and back, each way a little later. */
class DelayedRelay {
  readonly #inner: Socket = createSocket('udp4');
  readonly #outer: Socket = createSocket('udp4');
  #client: AddressInfo | undefined;

  constructor(to: { address: string; port: number }, delayMs: number) {
    this.#inner.on('message', (bytes, from) => {
      this.#client = from as AddressInfo;
      setTimeout(() => this.#outer.send(bytes, to.port, to.address), delayMs);
    });
    this.#outer.on('message', (bytes) => {
      const { port = 0, address } = this.#client ?? {};
      setTimeout(() => this.#inner.send(bytes, port, address), delayMs);
    });
  }

  async start(): Promise<{ address: string; port: number }> {
    this.#inner.bind(0, '127.0.0.1');
    this.#outer.bind(0, '127.0.0.1');
    await Promise.all([once(this.#inner, 'listening'), once(this.#outer, 'listening')]);
    return { address: '127.0.0.1', port: this.#inner.address().port };
  }

  close(): void {
    this.#inner.close();
    this.#outer.close();
  }
}

async function relayed(probe: ZoneProbe, delayMs: number): Promise<ZoneProbe> {
  const [target] = probe.targets;
  if (target === undefined) throw new Error('no target');
  const relay = new DelayedRelay(target, delayMs);
  relays.push(relay);
  return { ...probe, targets: [await relay.start()] };
}

async function ownProbe(): Promise<ZoneProbe> {
  const response = await fetch(`${zone.zone.origin}/v1/zones`);
  const { zones } = (await response.json()) as ZoneList;
  const probe = zones[0]?.probe;
  if (probe === undefined) throw new Error(`the zone cannot be measured: ${JSON.stringify(zones)}`);
  return probe;
}

test('Chromium gets the round trip to a real router, and of a longer way a longer one', async () => {
  const page = await zone.browser.newPage();
  await page.goto(zone.zone.origin);
  const near = await ownProbe();
  const far = await relayed(near, 40);
  const wrong = { ...near, password: 'x'.repeat(32) };
  // As text: the page imports its own module, of which the test's own loader knows nothing.
  const measured: { times: number[][]; tookMs: number } = await page.evaluate(`(async () => {
    const { measureRoundTrip } = await import('/sdk/zone-probes.ts');
    const startMs = performance.now();
    const times = ${JSON.stringify([near, far, wrong])}.map(async (probe) => {
      const heard = [];
      await measureRoundTrip(probe, (ms) => heard.push(ms));
      return heard;
    });
    return { times: await Promise.all(times), tookMs: performance.now() - startMs };
  })()`);
  await page.close();
  console.info(`round trips: ${JSON.stringify(measured)}`);
  const [toNear = [], toFar = [], toWrong] = measured.times;
  expect(Math.min(...toNear)).toBeLessThan(40);
  expect(Math.min(...toFar)).toBeGreaterThanOrEqual(80);
  expect(Math.min(...toFar)).toBeLessThan(160);
  expect(toWrong).toEqual([]);
  expect(measured.tookMs).toBeLessThan(3_000);
});
