import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { planNetwork } from './network-plan.ts';

function info(address: string, internal = false): NetworkInterfaceInfo {
  const common = { address, internal, netmask: '', mac: '', cidr: null };
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' };
}

const INTERFACES = [
  info('127.0.0.1', true),
  info('::1', true),
  info('2001:db8::7'),
  info('192.0.2.7'),
  info('fe80::1'),
];
const plan = (host: string, announce: string[] = [], interfaces = INTERFACES) =>
  planNetwork(host, announce, interfaces, 'box');

test.each([
  ['localhost', '127.0.0.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
])('%s is this machine only', (host, address) => {
  expect(plan(host)).toEqual({
    listenHost: address,
    linkHost: host,
    mediaAddress: address,
    announce: [address],
    turnHosts: [address],
    relayAddresses: [address],
    ownAddresses: ['127.0.0.1', '::1'],
    needsTls: false,
    certificateHosts: expect.arrayContaining([host, 'localhost', '127.0.0.1', '::1']),
  });
});

test.each([
  ['0.0.0.0', '0.0.0.0', '192.0.2.7', ['192.0.2.7', '2001:db8::7']],
  ['::', '::', '192.0.2.7', ['192.0.2.7', '2001:db8::7']],
  ['2001:db8::7', '2001:db8::7', '2001:db8::7', ['2001:db8::7', '192.0.2.7']],
  ['meet.example', '::', 'meet.example', ['192.0.2.7', '2001:db8::7']],
  ['203.0.113.9', '::', '203.0.113.9', ['192.0.2.7', '2001:db8::7']],
])('%s listens at %s, is linked as %s and announces %j', (host, listenHost, linkHost, announce) => {
  const made = plan(host);
  expect(made).toMatchObject({ listenHost, linkHost, announce, mediaAddress: '::', needsTls: true });
  expect(made.relayAddresses).toEqual(['192.0.2.7', '2001:db8::7']);
  expect(made.turnHosts).toEqual(listenHost === '::' ? ['0.0.0.0', '::'] : [listenHost]);
  expect(made.ownAddresses).toEqual(expect.arrayContaining(['192.0.2.7', '2001:db8::7', '127.0.0.1']));
  expect(made.certificateHosts).toEqual(expect.arrayContaining([linkHost, 'box', 'localhost', '192.0.2.7']));
});

test('what the operator announces goes first and alone', () => {
  expect(plan('0.0.0.0', ['203.0.113.9']).announce).toEqual(['203.0.113.9']);
  expect(plan('localhost', ['203.0.113.9'])).toMatchObject({ announce: ['203.0.113.9'], mediaAddress: '::' });
});

test('a machine without IPv6 binds all its IPv4 addresses', () => {
  const without = INTERFACES.filter(({ family }) => family === 'IPv4');
  expect(plan('::', [], without)).toMatchObject({ listenHost: '0.0.0.0', mediaAddress: '0.0.0.0' });
  expect(plan('localhost', ['192.0.2.7'], without).mediaAddress).toBe('0.0.0.0');
});

test('a machine with loopback only announces that', () => {
  expect(plan('0.0.0.0', [], INTERFACES.slice(0, 2)).announce).toEqual(['127.0.0.1']);
});
