import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import type { RouterId } from '../../common/ids.ts';
import { mintZoneCertificates, type ZoneCertificates } from '../../common/mutual-tls.ts';
import { TestZone } from '../router-test-lab.ts';
import { Registration } from './registration.ts';
import { until } from './worker-pool-test-lab.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

async function startZone(authority: ZoneCertificates, port = 0): Promise<TestZone> {
  const zone = new TestZone();
  await zone.start(await authority.issue('zone-controller', 'zc-1'), port);
  cleanups.push(() => zone.kill());
  return zone;
}

async function startRegistration(authority: ZoneCertificates, ...ports: number[]) {
  const changes: boolean[] = [];
  const registration = new Registration({
    router: 'router-1' as RouterId,
    zoneControllers: ports.map((port) => `localhost:${port}`),
    tls: await authority.issue('router', 'router-1'),
    address: 'localhost:9701',
    zonesAddress: 'localhost:9702',
    workers: 2,
    media: [{ address: '192.0.2.1', port: 40_000 }],
    limits: { participants: 500, packetsPerSecond: 1_000 },
    labels: { rack: 'a1' },
    taints: ['canary'],
    version: '0.1.0',
    onChange: (registered) => changes.push(registered),
    log: pino({ level: 'silent' }),
  });
  registration.start();
  cleanups.push(() => registration.stop());
  return { registration, changes };
}

describe('Registration', { timeout: 20_000 }, () => {
  test('says who it is, once', async () => {
    const authority = await mintZoneCertificates();
    const zone = await startZone(authority);
    const { registration, changes } = await startRegistration(authority, zone.port);
    await until('registered', () => registration.registered);
    expect(zone.registrations).toEqual([
      {
        router: 'router-1',
        address: 'localhost:9701',
        zonesAddress: 'localhost:9702',
        workers: 2,
        media: [{ address: '192.0.2.1', port: 40_000 }],
        workerLimits: { participants: 500, packetsPerSecond: 1_000 },
        version: '0.1.0',
        labels: { rack: 'a1' },
        taints: ['canary'],
      },
    ]);
    expect(changes).toEqual([true]);
  });

  test('registers again when its controller ends the stream, and when it dies and comes back', async () => {
    const authority = await mintZoneCertificates();
    const zone = await startZone(authority);
    const { registration, changes } = await startRegistration(authority, zone.port);
    await until('registered', () => registration.registered);
    zone.endStreams();
    await zone.registered(2);
    await until('registered again', () => registration.registered);
    zone.kill();
    const successor = await startZone(authority, zone.port);
    await successor.registered();
    await until('registered with the successor', () => changes.length === 5);
    expect(changes).toEqual([true, false, true, false, true]);
  });

  test('is with another controller within 100 ms when its own one dies', async () => {
    const authority = await mintZoneCertificates();
    const zones = [await startZone(authority), await startZone(authority), await startZone(authority)];
    const { registration } = await startRegistration(authority, ...zones.map(({ port }) => port));
    await until('registered', () => registration.registered);
    const own = zones.find(({ registrations }) => registrations.length > 0);
    const others = zones.filter((zone) => zone !== own);
    own?.kill();
    const startMs = performance.now();
    await Promise.race(others.map((zone) => zone.registered()));
    const tookMs = performance.now() - startMs;
    // The delay is at most 100 ms; the rest is for the handshake of TLS on a busy machine.
    expect(tookMs).toBeLessThan(600);
    expect(others.map(({ registrations }) => registrations.length).toSorted()).toEqual([0, 1]);
  });

  test('a controller that says nothing is left for the next', async () => {
    const authority = await mintZoneCertificates();
    const zones = [await startZone(authority), await startZone(authority)];
    for (const zone of zones) zone.isSilent = true;
    const { registration } = await startRegistration(authority, ...zones.map(({ port }) => port));
    await Promise.race(zones.map((zone) => zone.registered()));
    const silent = zones.find(({ registrations }) => registrations.length > 0);
    for (const zone of zones) zone.isSilent = zone === silent;
    await until('registered', () => registration.registered);
    expect(zones.map(({ registrations }) => registrations.length)).toEqual([1, 1]);
  });

  test('routers spread over the controllers', async () => {
    const authority = await mintZoneCertificates();
    const zones = [await startZone(authority), await startZone(authority)];
    const ports = zones.map(({ port }) => port);
    const all = await Promise.all(Array.from({ length: 24 }, () => startRegistration(authority, ...ports)));
    await until('all registered', () => all.every(({ registration }) => registration.registered));
    // All 24 at one of two: once in 8 million.
    for (const { registrations } of zones) expect(registrations.length).toBeGreaterThan(0);
  });

  test('a controller that is not there yet is found when it comes', async () => {
    const authority = await mintZoneCertificates();
    const placeholder = await startZone(authority);
    placeholder.kill();
    const { registration } = await startRegistration(authority, placeholder.port);
    expect(registration.registered).toBe(false);
    const zone = await startZone(authority, placeholder.port);
    await zone.registered();
    await until('registered', () => registration.registered);
  });
});
