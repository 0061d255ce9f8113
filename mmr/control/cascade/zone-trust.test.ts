import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { ZonecastError } from '../../../common/errors.ts';
import type { ZoneId } from '../../../common/ids.ts';
import { type MutualTls, mintZoneCertificates, type ZoneCertificates } from '../../../common/mutual-tls.ts';
import { ZoneTrust } from './zone-trust.ts';

const [own, east, west] = ['own', 'east', 'west'] as ZoneId[] as [ZoneId, ZoneId, ZoneId];
const zones = new Map<ZoneId, ZoneCertificates>();
let trust: ZoneTrust;

const authorityOf = (zone: ZoneId): ZoneCertificates => {
  const authority = zones.get(zone);
  if (authority === undefined) throw new Error(`no zone ${zone}`);
  return authority;
};
const rawOf = ({ certificatePem }: MutualTls): Buffer => new X509Certificate(certificatePem).raw;

beforeAll(async () => {
  // All of one name, as `zonectl certificates` makes them: the key tells them apart.
  for (const zone of [own, east, west]) zones.set(zone, await mintZoneCertificates());
  trust = new ZoneTrust(await authorityOf(own).issue('router', 'r1'));
  trust.set(new Map([east, west].map((zone) => [zone, authorityOf(zone).caPem])));
});

describe('a router of another zone', () => {
  test('is who the authority of its zone says', async () => {
    expect(trust.identify(rawOf(await authorityOf(east).issue('router', 'r1')))).toBe('east/r1');
    expect(trust.identify(rawOf(await authorityOf(west).issue('router', 'r1')))).toBe('west/r1');
  });

  test('is none of our own zone, no other daemon, of no unknown zone, and nothing', async () => {
    expect(trust.identify(rawOf(await authorityOf(own).issue('router', 'r2')))).toBeUndefined();
    expect(trust.identify(rawOf(await authorityOf(east).issue('zone-controller', 'zc')))).toBeUndefined();
    const stranger = await mintZoneCertificates();
    expect(trust.identify(rawOf(await stranger.issue('router', 'r1')))).toBeUndefined();
    expect(trust.identify(undefined)).toBeUndefined();
  });
});

test('what is trusted can change, and who asked is told; the same again is no change', async () => {
  const changing = new ZoneTrust(await authorityOf(own).issue('router', 'r1'));
  let changes = 0;
  const stop = changing.serverTls.onChange?.(() => changes++);
  expect(changing.tlsFor(east)).toBeUndefined();
  changing.set(new Map([[east, authorityOf(east).caPem]]));
  changing.set(new Map([[east, authorityOf(east).caPem]]));
  expect([changes, changing.tlsFor(east)?.caPem]).toEqual([1, authorityOf(east).caPem]);
  expect(changing.serverTls.caPem).toContain(authorityOf(east).caPem);
  changing.set(new Map());
  expect([changes, changing.identify(rawOf(await authorityOf(east).issue('router', 'r1')))]).toEqual([2, undefined]);
  stop?.();
  changing.set(new Map([[west, authorityOf(west).caPem]]));
  expect(changes).toBe(2);
});

test('an authority that is no certificate is refused, and nothing changes', () => {
  expect(() => trust.set(new Map([[east, 'not a PEM']]))).toThrow(ZonecastError);
  expect(trust.caOf(west)).toBe(authorityOf(west).caPem);
});
