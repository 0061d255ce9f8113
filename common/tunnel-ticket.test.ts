import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { keyFromSeed, publicBytes, publicKeyOf } from './ed25519.ts';
import { signTicket, verifyTicket } from './tunnel-ticket.ts';

const NOW_MS = 1_750_000_000_000;
const key = keyFromSeed(new Uint8Array(32).fill(7));
const other = keyFromSeed(new Uint8Array(32).fill(8));
const [publicKey, otherPublicKey] = [key, other].map((each) => publicKeyOf(publicBytes(each))) as [never, never];
const LIFE_SECONDS = 600;
const ticket = signTicket(key, { zone: 'zone-1', holder: 'ada', lifeSeconds: LIFE_SECONDS }, NOW_MS);

describe('tickets', () => {
  test('open a tunnel of the zone for as long as they say, and half a minute for clocks that differ', async () => {
    const at = (seconds: number) => verifyTicket(ticket, [publicKey], 'zone-1', NOW_MS + seconds * 1000);
    expect(await at(0)).toEqual({ holder: 'ada' });
    expect(await at(LIFE_SECONDS + 29)).toEqual({ holder: 'ada' });
    expect(await at(LIFE_SECONDS + 31)).toBeUndefined();
  });

  test('hold by any of the keys that count', async () => {
    expect(await verifyTicket(ticket, [otherPublicKey, publicKey], 'zone-1', NOW_MS)).toEqual({ holder: 'ada' });
    expect(await verifyTicket(ticket, [otherPublicKey], 'zone-1', NOW_MS)).toBeUndefined();
    expect(await verifyTicket(ticket, [], 'zone-1', NOW_MS)).toBeUndefined();
  });

  test('are for one zone', async () => {
    expect(await verifyTicket(ticket, [publicKey], 'zone-2', NOW_MS)).toBeUndefined();
  });

  test.each([
    ['another type', 'EdDSA', 'session+jwt', 'zonecast-tunnel'],
    ['another audience', 'EdDSA', 'tunnel-ticket+jwt', 'zonecast'],
  ])('of %s are none, though the zone has signed them', async (_, alg, typ, audience) => {
    const make = (as: { typ: string; audience: string }) =>
      new SignJWT({})
        .setProtectedHeader({ alg, typ: as.typ })
        .setIssuer('zone-1')
        .setSubject('ada')
        .setAudience(as.audience)
        .setExpirationTime(NOW_MS / 1000 + 60)
        .sign(key);
    expect(await verifyTicket(await make({ typ, audience }), [publicKey], 'zone-1', NOW_MS)).toBeUndefined();
    const right = await make({ typ: 'tunnel-ticket+jwt', audience: 'zonecast-tunnel' });
    expect(await verifyTicket(right, [publicKey], 'zone-1', NOW_MS)).toEqual({ holder: 'ada' });
  });

  test('without an end, unsigned, too long or no JWT are none', async () => {
    const header = { alg: 'EdDSA', typ: 'tunnel-ticket+jwt' };
    const endless = new SignJWT({}).setProtectedHeader(header).setIssuer('zone-1').setSubject('ada');
    const [head, claims] = ticket.split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: header.typ })).toString('base64url');
    const bad = [
      await endless.setAudience('zonecast-tunnel').sign(key),
      `${none}.${claims}.`,
      `${head}.${claims}.`,
      '',
      'a.b.c',
      ticket + 'A'.repeat(1_024),
    ];
    for (const each of bad) expect(await verifyTicket(each, [publicKey], 'zone-1', NOW_MS)).toBeUndefined();
  });
});

test('public keys are the same after they were told', () => {
  const pair = generateKeyPairSync('ed25519');
  const told = publicKeyOf(publicBytes(pair.privateKey));
  expect(told.equals(createPublicKey(pair.privateKey))).toBe(true);
  expect(() => publicKeyOf(new Uint8Array(31))).toThrow('31 bytes');
});
