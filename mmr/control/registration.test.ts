import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import type { RouterId } from '../../common/ids.ts';
import { mintZoneCertificates, type ZoneCertificates } from '../../common/mutual-tls.ts';
import type { RouterReport__Output } from '../../proto/gen/zonecast/zone/v1/RouterReport.ts';
import { TestZone } from '../router-test-lab.ts';
import { Registration } from './registration.ts';

const LOAD = {
  index: 0,
  meetings: 3,
  participants: 40,
  ingressPacketsPerSecond: 1000.5,
  egressPacketsPerSecond: 9000,
  cpuUtilization: 0.25,
  eventLoopDelayP99Ms: 1.5,
};

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

async function startRegistration(authority: ZoneCertificates, port: number) {
  const changes: boolean[] = [];
  const registration = new Registration({
    router: 'router-1' as RouterId,
    zoneController: `localhost:${port}`,
    tls: await authority.issue('router', 'router-1'),
    address: 'localhost:9701',
    workers: 2,
    maxParticipants: 1000,
    version: '0.1.0',
    load: () => ({ workers: [LOAD], workerRestarts: 4 }),
    onChange: (registered) => changes.push(registered),
    log: pino({ level: 'silent' }),
  });
  registration.start();
  cleanups.push(() => registration.stop());
  return { registration, changes };
}

describe('Registration', { timeout: 20_000 }, () => {
  test('says who it is, then its load at once and every second', async () => {
    const authority = await mintZoneCertificates();
    const zone = await startZone(authority);
    const { registration, changes } = await startRegistration(authority, zone.port);
    await zone.until((reports) => reports.length >= 3);
    expect(zone.reports[0]?.registration).toEqual({
      router: 'router-1',
      address: 'localhost:9701',
      workers: 2,
      maxParticipants: 1000,
      version: '0.1.0',
    });
    expect(zone.reports[1]?.load).toEqual({ workers: [LOAD], workerRestarts: 4 });
    expect(zone.reports[2]?.load).toBeDefined();
    expect(registration.registered).toBe(true);
    expect(changes).toEqual([true]);
  });

  test('registers again when its controller ends the stream, and when it dies and comes back', async () => {
    const authority = await mintZoneCertificates();
    const zone = await startZone(authority);
    const { registration, changes } = await startRegistration(authority, zone.port);
    const registrations = (count: number) => (reports: readonly RouterReport__Output[]) =>
      reports.filter((report) => report.registration).length >= count && reports.at(-1)?.load !== undefined;
    await zone.until(registrations(1));
    zone.endStreams();
    await zone.until(registrations(2));
    zone.kill();
    const successor = await startZone(authority, zone.port);
    await successor.until(registrations(1));
    expect(registration.registered).toBe(true);
    expect(changes).toEqual([true, false, true, false, true]);
  });

  test('a controller that is not there yet is found when it comes', async () => {
    const authority = await mintZoneCertificates();
    const placeholder = await startZone(authority);
    placeholder.kill();
    const { registration } = await startRegistration(authority, placeholder.port);
    expect(registration.registered).toBe(false);
    const zone = await startZone(authority, placeholder.port);
    await zone.until((reports) => reports.some(({ load }) => load));
    expect(registration.registered).toBe(true);
  });
});
