import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../common/config.ts';
import { missingKeys, uncommented } from '../common/testing/sample-keys.ts';
import { loadTunnelConfig, splitHostAndPort, tunnelConfigSchema } from './config.ts';

const SAMPLE = new URL('http-tunnel.sample.yaml', import.meta.url);
const text = readFileSync(SAMPLE, 'utf8');
const LEAST = `
tunnel: t1
zone: z1
publicUrl: https://t1.example
zoneControllers: ['zc.example:9700']
tls: { ca: ca.pem, certificate: t1.pem, privateKey: t1.key }
certificates: [{ certificate: a.pem, privateKey: a.key }]
`;

test('the sample is valid, with and without what it leaves out, and names every key that exists', () => {
  expect(missingKeys(text, tunnelConfigSchema)).toEqual([]);
  for (const each of [text, uncommented(text)]) {
    expect(() => parseConfig(each, tunnelConfigSchema, 'sample')).not.toThrow();
  }
});

test("what the sample shows behind '#' are the defaults", () => {
  expect(parseConfig(uncommented(text), tunnelConfigSchema, 'sample').limits).toEqual(
    parseConfig(LEAST, tunnelConfigSchema, 'least').limits,
  );
});

test('the least of it listens at 443', () => {
  const { listen } = parseConfig(LEAST, tunnelConfigSchema, 'least');
  expect(listen.map(({ address }) => splitHostAndPort(address))).toEqual([{ host: '::', port: 443 }]);
});

test.each([
  ['listen: []', 'listen'],
  ['listen: [{ address: "443" }]', 'listen.0.address'],
  ['listen: [{ address: "[::]:443", proxyProtocol: [10.0.0.0/33] }]', 'listen.0.proxyProtocol.0'],
  ['listen: [{ address: "[::]:443", proxyProtocol: [] }]', 'listen.0.proxyProtocol'],
  ['turn: { relays: [] }', 'turn.relays'],
  ['turn: { relays: [{ address: example.org }] }', 'turn.relays.0.address'],
  ['limits: { conections: 1 }', 'limits.conections: unknown key'],
])('%s is refused by name', (line, key) => {
  expect(() => parseConfig(LEAST + line, tunnelConfigSchema, 'file')).toThrow(key);
});

const ACME = `
${LEAST.replace(/certificates:.*/, '')}
acme: { agreeToTerms: true, domains: [t1.example] }
`;

test('with ACME there need be no certificate in files, and nothing else has to be said', () => {
  expect(parseConfig(ACME, tunnelConfigSchema, 'acme')).toMatchObject({
    certificates: [],
    acme: {
      directory: 'https://acme-v02.api.letsencrypt.org/directory',
      contacts: [],
      stateDirectory: '/var/lib/zonecast-http-tunnel/acme',
    },
  });
});

test.each([
  ['agreeToTerms: true', 'agreeToTerms: false', 'acme.agreeToTerms: must be true'],
  ['agreeToTerms: true, ', '', 'acme.agreeToTerms: must be true'],
  ['[t1.example]', '[]', 'acme.domains'],
  ['[t1.example]', '["*.example"]', 'acme.domains.0: must be a DNS name'],
  ['[t1.example]', '[192.0.2.1]', 'acme.domains.0: must be a DNS name'],
  ['[t1.example]', '[T1.example]', 'acme.domains.0: must be a DNS name'],
  ['[t1.example]', '[other.example]', 'acme.domains: must have t1.example, the host of publicUrl'],
  ['{ agree', '{ directory: "http://acme.example/dir", agree', 'acme.directory'],
  ['{ agree', '{ stateDirectory: acme, agree', 'acme.stateDirectory: must be an absolute path'],
  ['{ agree', '{ contacts: ["mailto:a@b.example"], agree', 'acme.contacts.0'],
  ['{ agree', '{ email: a@b.example, agree', 'acme.email: unknown key'],
  ['acme: ', 'admin: { listen: "h:1" } #', 'certificates: must have one, or acme be there'],
])('ACME with %s as %s is refused by name', (text, other, message) => {
  expect(ACME).toContain(text);
  expect(() => parseConfig(ACME.replace(text, other), tunnelConfigSchema, 'file')).toThrow(message);
});

test('a file that is not there is named', () => {
  expect(() => loadTunnelConfig('/nowhere.yaml')).toThrow('/nowhere.yaml');
});
