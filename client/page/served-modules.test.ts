import { expect, test } from 'vitest';
import { readClient } from '../../zone-controller/people-server.ts';

test('whatever a module of the page imports is served', () => {
  const files = readClient();
  const missing = [...files].flatMap(([path, { bytes, type }]) => {
    if (!type.startsWith('text/javascript')) return [];
    const names = [...bytes.toString().matchAll(/(?:\bfrom |\bimport\(|^import )'(\.[^']+)'/gm)].map(
      ([, name]) => name,
    );
    const imported = names.map((name) => new URL(name ?? '', `https://zone.example${path}`).pathname);
    return imported.filter((each) => !files.has(each)).map((each) => `${path}: ${each}`);
  });
  expect(missing).toEqual([]);
  expect(files.has('/tunnel/tunnel-media-connection.ts')).toBe(true);
});
