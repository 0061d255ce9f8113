/** The same meeting over other networks than localhost: IPv6, and HTTPS on an address that others can reach. */
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { useZone } from './fixture.ts';

/** Containers are often made without IPv6; there the loopback has no `::1`. */
const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));

describe.runIf(hasIpv6)('over IPv6', () => {
  // Chromium offers no loopback candidates by itself, and a machine may have no other IPv6 address.
  const zone = useZone(['--host', '::1'], ['--allow-loopback-in-peer-connection']);

  test('people meet', async () => {
    const link = await zone.newMeeting();
    const ada = await zone.join(link, 'Ada');
    const bob = await zone.join(link, 'Bob');
    await ada.decodes('Bob');
    await bob.decodes('Ada');
    await bob.hears(1);
    for (const person of [ada, bob]) expect(isIPv6((await person.routerAddress()) ?? '')).toBe(true);
  });
});

describe('on a network address', () => {
  const zone = useZone(['--host', '0.0.0.0']);

  test('people meet over HTTPS and WSS, with a certificate that the zone made', async () => {
    expect(new URL(zone.zone.link).protocol).toBe('https:');
    const ada = await zone.join(zone.zone.link, 'Ada');
    const bob = await zone.join(zone.zone.link, 'Bob');
    await ada.decodes('Bob');
    await bob.decodes('Ada');
    expect(await ada.page.evaluate(() => window.probe.sockets.at(-1)?.url)).toMatch(/^wss:/);
  });
});
