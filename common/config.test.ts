import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig, parseConfig } from './config.ts';

const schema = z.object({
  zone: z.string(),
  http: z.object({ port: z.number().int().min(0).max(65535).default(8080) }).prefault({}),
  announce: z.array(z.object({ address: z.string() })).default([]),
  limits: z.strictObject({ joins: z.number().optional() }).optional(),
});

describe('config', () => {
  test('reads, fills in and freezes', () => {
    const config = parseConfig('zone: a\nannounce:\n  - address: 192.0.2.1\n', schema, 'test.yaml');
    expect(config).toEqual({ zone: 'a', http: { port: 8080 }, announce: [{ address: '192.0.2.1' }] });
    expect(Object.isFrozen(config.http)).toBe(true);
  });

  test.each([
    ['zone: a\nhtpp: {}\n', 'test.yaml: htpp: unknown key'],
    ['zone: a\nhttp: {prot: 1}\n', 'test.yaml: http.prot: unknown key'],
    ['zone: a\nannounce: [{address: x, adress: y}]\n', 'test.yaml: announce.0.adress: unknown key'],
    ['zone: a\nlimits: {jions: 1, leaves: 2}\n', 'limits.jions: unknown key; limits.leaves: unknown key'],
    ['zone: a\nhttp: {port: 70000}\n', 'http.port'],
    ['', 'zone'],
    ['zone: [', 'is not valid YAML'],
    ['zone: a\nzone: b\n', 'is not valid YAML'],
  ])('refuses %j', (text, message) => {
    expect(() => parseConfig(text, schema, 'test.yaml')).toThrow(message);
  });

  test('names a file that is not there', () => {
    expect(() => loadConfig('/nowhere/zonecast.yaml', schema)).toThrow('/nowhere/zonecast.yaml');
  });
});
