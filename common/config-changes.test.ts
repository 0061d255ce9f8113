import { expect, test } from 'vitest';
import { changedKeys } from './config-changes.ts';

test.each([
  [{ a: 1 }, { a: 1 }, []],
  [{ log: { level: 'info', x: 1 } }, { log: { level: 'warn', x: 1 } }, ['log.level']],
  [{ list: [1, 2] }, { list: [2, 1] }, ['list']],
  [{ tls: { ca: 'a' } }, {}, ['tls']],
  [{}, { admin: { listen: 'a:1' }, b: 1 }, ['admin', 'b']],
  [
    { limits: { join: { burst: 1 } } },
    { limits: { join: { burst: 2 }, connections: 3 } },
    ['limits.join.burst', 'limits.connections'],
  ],
])('from %j to %j', (before, after, keys) => {
  expect(changedKeys(before, after)).toEqual(keys);
});
