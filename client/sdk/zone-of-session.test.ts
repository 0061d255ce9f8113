import { expect, test } from 'vitest';
import { zoneOfSession } from './zone-of-session.ts';

/** As a controller signs it; the signature is of no interest here. */
const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

test.each([
  [token({ iss: 'eu-1', sub: 'p_>>>???' }), 'eu-1'],
  [token({ iss: 7 }), undefined],
  [token({}), undefined],
  ['session of ada', undefined],
  ['a.bnVsbA.c', undefined],
  ['', undefined],
])('%s', (session, zone) => {
  expect(zoneOfSession(session)).toBe(zone);
});
