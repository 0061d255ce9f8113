import { expect, test } from 'vitest';
import { rungOf, rungsOf, stepOf } from './rung.ts';

function report(local: object): [string, unknown][] {
  return [
    ['other', { type: 'candidate-pair', localCandidateId: 'else', nominated: false, state: 'succeeded' }],
    ['else', { type: 'local-candidate', candidateType: 'host', protocol: 'udp' }],
    ['pair', { type: 'candidate-pair', localCandidateId: 'local', nominated: true, state: 'succeeded' }],
    ['local', { type: 'local-candidate', ...local }],
  ];
}

test.each([
  [{ candidateType: 'host', protocol: 'udp' }, 'udp', 'direct'],
  [{ candidateType: 'prflx', protocol: 'udp' }, 'udp', 'direct'],
  [{ candidateType: 'host', protocol: 'tcp' }, 'iceTcp', 'relay'],
  [{ candidateType: 'relay', protocol: 'udp', relayProtocol: 'udp' }, 'turnUdp', 'relay'],
  [{ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tcp' }, 'turnTcp', 'relay'],
  [{ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' }, 'turnTls', 'relay'],
] as const)('%o is %s', (local, rung, step) => {
  expect(rungOf(report(local))).toBe(rung);
  expect(stepOf(rung)).toBe(step);
});

test('the transport’s word counts more than a nomination', () => {
  const transport = ['transport', { type: 'transport', selectedCandidatePairId: 'other' }] as [string, unknown];
  expect(rungOf([...report({ candidateType: 'relay', relayProtocol: 'tls' }), transport])).toBe('udp');
});

test('without a chosen pair there is no rung', () => {
  expect(rungOf([['pair', { type: 'candidate-pair', localCandidateId: 'a', state: 'in-progress' }]])).toBeUndefined();
});

test('a relay is each way to it that there was', () => {
  const turn = (urls: string[]) => [{ urls, username: '', credential: '' }];
  const urls = ['turn:a:3478?transport=udp', 'turn:a:3478?transport=tcp', 'turns:a:443?transport=tcp', 'turn:b:3478'];
  expect(rungsOf('relay', turn(urls))).toEqual(['turnUdp', 'turnTcp', 'turnTls']);
  expect([rungsOf('direct', []), rungsOf('longPoll', [])]).toEqual([['udp', 'iceTcp'], ['longPoll']]);
});
