import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkedUfrag } from './first-check.ts';
import { connectivityCheck } from './tcp-lab.ts';

test('a check says whom it is for', () => {
  const check = connectivityCheck('an-ufrag');
  expect(checkedUfrag(check, 0, check.length)).toBe('an-ufrag');
  const within = Buffer.concat([Buffer.alloc(5), check, Buffer.alloc(5)]);
  expect(checkedUfrag(within, 5, check.length)).toBe('an-ufrag');
});

test.each<[string, (check: Uint8Array) => void]>([
  ['an answer', (check) => check.set([0x01, 0x01])],
  ['an indication', (check) => check.set([0x00, 0x11])],
  ['another method', (check) => check.set([0x00, 0x03])],
  ['another cookie', (check) => check.set([0], 4)],
  ['another length', (check) => check.set([0], 3)],
  ['no user name', (check) => check.set([0x80, 0x22], 20)],
])('%s is no check', (_, change) => {
  const check = connectivityCheck('an-ufrag');
  change(check);
  expect(checkedUfrag(check, 0, check.length)).toBeUndefined();
});

test('bytes of any kind', () => {
  const bytes = fc.uint8Array({ maxLength: 100 });
  fc.assert(
    fc.property(bytes, (any) => checkedUfrag(any, 0, any.length) === undefined),
    { seed: 20261122, numRuns: 2000 },
  );
});
