import { describe, expect, test } from 'vitest';
import { fromHex } from '../../../mmr/media/rtp/from-hex.ts';
import { verifyFingerprint } from '../../../mmr/media/stun/stun-integrity.ts';
import { parseStun, readXorAddress, StunAttribute } from '../../../mmr/media/stun/stun-message.ts';
import type { Family } from './allocation.ts';
import { formatIp } from './ip-address.ts';
import {
  type Answer,
  attribute,
  channelDataOf,
  channelNumber,
  data,
  LAB_LIMITS,
  type LabRelay,
  LabTurnClient,
  labClient,
  lifetime,
  lifetimeSeconds,
  newTransactionId,
  peer,
  peerBytes,
  plainMessage,
  ROUTER,
  ROUTER_IPV6,
  ROUTER_PORT,
  readAnswer,
  requestedTransport,
  SECRET,
  START_SECONDS,
  TurnLab,
  USERNAME,
} from './turn-lab.ts';
import { attributeValue, peerAddressesOf, TurnAttribute, TurnMethod } from './turn-protocol.ts';

const { allocate, binding, channelBind, createPermission, refresh, send } = TurnMethod;
const FAMILY_IPV4 = attribute(TurnAttribute.requestedAddressFamily, 1, 0, 0, 0);
const FAMILY_IPV6 = attribute(TurnAttribute.requestedAddressFamily, 2, 0, 0, 0);
const ADDITIONAL_IPV6 = attribute(TurnAttribute.additionalAddressFamily, 2, 0, 0, 0);
const HELLO = fromHex('80e0 0001 dead beef');
const HOUR_MS = 3_600_000;

/** `address:port` of all attributes of an XOR type, by the answer's own bytes. */
function addresses({ message }: Answer, type: number): string[] {
  const found: string[] = [];
  for (
    let at = 20;
    at < message.size;
    at += 4 + ((((message.bytes[at + 2] ?? 0) << 8) + (message.bytes[at + 3] ?? 0) + 3) & ~3)
  ) {
    if (((message.bytes[at] ?? 0) << 8) + (message.bytes[at + 1] ?? 0) !== type) continue;
    const address = readXorAddress(message, at + 4, message.bytes[at + 3] ?? 0);
    if (address !== undefined) found.push(`${formatIp(address.bytes)}:${address.port}`);
  }
  return found;
}

function started(lab = new TurnLab()): { lab: TurnLab; client: LabTurnClient } {
  const client = new LabTurnClient(lab);
  expect(client.allocate().code).toBe(0);
  return { lab, client };
}

describe('Binding', () => {
  test('tells where the client comes from, to anybody', () => {
    const client = new LabTurnClient(new TurnLab());
    const answer = client.ask(plainMessage(binding));
    expect(answer.code).toBe(0);
    expect(addresses(answer, StunAttribute.xorMappedAddress)).toEqual(['192.0.2.33:40000']);
    expect(answer.message.fingerprintOffset).toBe(-1);
  });

  test('has a fingerprint when the request has one, and none is answered that does not hold', () => {
    const client = new LabTurnClient(new TurnLab());
    const request = plainMessage(binding, [(writer) => writer.fingerprint()]);
    expect(verifyFingerprint(client.ask(request).message)).toBe(true);
    request[27] = (request[27] as number) ^ 1;
    client.lab.send(client.tuple, request);
    expect(client.lab.answers).toHaveLength(1);
    expect(client.lab.server.counters.clientDrops.malformed).toBe(1);
  });

  test('an unknown attribute that must be understood is refused by name', () => {
    const answer = new LabTurnClient(new TurnLab()).ask(plainMessage(binding, [attribute(0x7abc)]));
    expect(answer.code).toBe(420);
    expect(attributeValue(answer.message, StunAttribute.unknownAttributes)).toEqual(fromHex('7abc'));
  });

  test('an indication keeps a mapping and is not answered', () => {
    const lab = new TurnLab();
    lab.send(labClient(), plainMessage(binding | 0x10));
    expect(lab.answers).toEqual([]);
    expect(lab.server.counters.keepalives).toBe(1);
  });
});

describe('credentials', () => {
  test('a stranger is told realm, nonce and password algorithms, and has no state', () => {
    const lab = new TurnLab();
    const { message, code } = new LabTurnClient(lab).challenge();
    expect(code).toBe(401);
    expect(Buffer.from(attributeValue(message, StunAttribute.realm) ?? []).toString()).toBe('zone.example');
    // The nonce cookie of RFC 8489 section 9.2 with the bit for password algorithms.
    expect(Buffer.from(attributeValue(message, StunAttribute.nonce) ?? []).toString()).toMatch(/^obMatJos2gAAA/);
    expect(attributeValue(message, StunAttribute.passwordAlgorithms)).toEqual(fromHex('00020000 00010000'));
    expect(lab.server.allocations.size).toBe(0);
    expect(lab.opening).toEqual([]);
  });

  test.each(['md5', 'sha256'] as const)('an allocation with a key by %s, answered with the same', (algorithm) => {
    const client = new LabTurnClient(new TurnLab());
    client.algorithm = algorithm;
    const answer = client.allocate();
    expect(answer.code).toBe(0);
    expect(client.proves(answer)).toBe(true);
    expect(client.permit().code).toBe(0);
  });

  test('who meddles with the offer of algorithms is refused', () => {
    const client = new LabTurnClient(new TurnLab());
    client.challenge();
    const onlyChoice = attribute(StunAttribute.passwordAlgorithm, 0, 1, 0, 0);
    const onlyMd5 = attribute(StunAttribute.passwordAlgorithms, 0, 1, 0, 0);
    const allOffered = attribute(StunAttribute.passwordAlgorithms, 0, 2, 0, 0, 0, 1, 0, 0);
    const unknown = attribute(StunAttribute.passwordAlgorithm, 0, 3, 0, 0);
    for (const writes of [[onlyChoice], [onlyMd5], [onlyMd5, onlyChoice], [allOffered, unknown]]) {
      expect(client.request(allocate, [requestedTransport, ...writes]).code).toBe(400);
    }
    expect(client.allocate([requestedTransport, allOffered, onlyChoice]).code).toBe(0);
  });

  test('another password, secret, or realm, and names that say no expiry', () => {
    const lab = new TurnLab();
    const wrong = new LabTurnClient(lab);
    wrong.password = 'guessed';
    const otherSecret = new LabTurnClient(lab, labClient(), USERNAME, 'another zone');
    const names = ['ann', ':ann', '99999999999999:ann', `${START_SECONDS + 9}`, `-1:ann`, `${START_SECONDS + 9}:`];
    const clients = [wrong, otherSecret, ...names.map((name) => new LabTurnClient(lab, labClient(), name))];
    for (const client of clients) {
      client.challenge();
      expect(client.request(allocate, [requestedTransport]).code).toBe(401);
    }
    expect(lab.server.allocations.size).toBe(0);
  });

  test('something left out is a bad request', () => {
    const client = new LabTurnClient(new TurnLab());
    client.challenge();
    const half = plainMessage(allocate, [requestedTransport, (writer) => writer.messageIntegrity(client.key)]);
    expect(client.ask(half).code).toBe(400);
  });

  test('the secret before is good as well, one before that is not', () => {
    const lab = new TurnLab();
    lab.credentials.replaceSecrets(['new', SECRET]);
    expect(new LabTurnClient(lab).allocate().code).toBe(0);
    lab.credentials.replaceSecrets(['newer', 'new']);
    const late = new LabTurnClient(lab);
    late.challenge();
    expect(late.request(allocate, [requestedTransport]).code).toBe(401);
  });

  test('an expired name makes no new allocation, and keeps the one it made, even when the secret is gone', () => {
    const { lab, client } = started();
    lab.unixSeconds = START_SECONDS + 3601;
    lab.credentials.replaceSecrets(['new']);
    expect(client.permit().code).toBe(0);
    expect(client.request(refresh, [lifetime(600)]).code).toBe(0);
    const late = new LabTurnClient(lab);
    late.challenge();
    expect(late.request(allocate, [requestedTransport]).code).toBe(401);
  });

  test('a nonce is good for an hour, for its own client, and not when it is made up', () => {
    const { lab, client } = started();
    expect(client.request(refresh, [lifetime(HOUR_MS / 1000)]).code).toBe(0);
    const thief = new LabTurnClient(lab);
    thief.nonce = client.nonce;
    expect(thief.request(allocate, [requestedTransport]).code).toBe(438);
    lab.nowMs += HOUR_MS - 1;
    expect(client.permit().code).toBe(0);
    lab.nowMs += 1;
    client.challenge();
    client.allocate();
    const { nonce } = client;
    lab.nowMs += HOUR_MS;
    const stale = client.permit();
    expect(stale.code).toBe(438);
    expect(attributeValue(stale.message, StunAttribute.nonce)?.length).toBe(nonce.length);
    for (const made of [
      '',
      'obMatJos2gAAA',
      `${nonce.slice(0, -1)}?`,
      nonce.replace('obMatJos2gAAA', 'obMatJos2AAAA'),
    ]) {
      client.nonce = made;
      expect(client.permit().code).toBe(438);
    }
  });

  test('an allocation is used by the credentials that made it only', () => {
    const { lab, client } = started();
    const other = new LabTurnClient(lab, client.tuple, `${START_SECONDS + 3600}:bob`);
    other.nonce = client.nonce;
    for (const answer of [other.permit(), other.bind(0x4000), other.request(refresh, [lifetime(0)])]) {
      expect(answer.code).toBe(441);
    }
    expect(client.relays[0]?.state).toBe('open');
  });
});

describe('Allocate', () => {
  test('gives an address, the lifetime and where the client comes from', () => {
    const client = new LabTurnClient(new TurnLab());
    const answer = client.allocate();
    expect(addresses(answer, TurnAttribute.xorRelayedAddress)).toEqual(['203.0.113.1:50000']);
    expect(addresses(answer, StunAttribute.xorMappedAddress)).toEqual(['192.0.2.33:40000']);
    expect(lifetimeSeconds(answer)).toBe(600);
    expect(client.proves(answer)).toBe(true);
  });

  test.each([
    [0, 600],
    [60, 600],
    [601, 601],
    [3600, 3600],
    [0xffffffff, 3600],
  ])('who asks for %i s gets %i s', (asked, granted) => {
    const client = new LabTurnClient(new TurnLab());
    expect(lifetimeSeconds(client.allocate([requestedTransport, lifetime(asked)]))).toBe(granted);
  });

  test.each<[string, number, Parameters<LabTurnClient['allocate']>[0]]>([
    ['no transport', 400, []],
    ['a transport of 1 byte', 400, [attribute(TurnAttribute.requestedTransport, 17)]],
    ['TCP', 442, [attribute(TurnAttribute.requestedTransport, 6, 0, 0, 0)]],
    ['a lifetime of 2 bytes', 400, [requestedTransport, attribute(TurnAttribute.lifetime, 1, 2)]],
    ['the next port, too', 508, [requestedTransport, attribute(TurnAttribute.evenPort, 0x80)]],
    ['a reserved port', 508, [requestedTransport, attribute(TurnAttribute.reservationToken, 1, 2, 3, 4, 5, 6, 7, 8)]],
    [
      'a reserved port that is even',
      400,
      [requestedTransport, attribute(TurnAttribute.evenPort, 0), attribute(TurnAttribute.reservationToken, 1)],
    ],
    [
      'a reserved port of a family',
      400,
      [requestedTransport, FAMILY_IPV4, attribute(TurnAttribute.reservationToken, 1)],
    ],
    ["don't fragment", 420, [requestedTransport, attribute(0x001a)]],
    ['a family that is none', 440, [requestedTransport, attribute(TurnAttribute.requestedAddressFamily, 3, 0, 0, 0)]],
    ['both ways of asking for a family', 400, [requestedTransport, FAMILY_IPV4, ADDITIONAL_IPV6]],
    ['IPv4 beside', 400, [requestedTransport, attribute(TurnAttribute.additionalAddressFamily, 1, 0, 0, 0)]],
    [
      'IPv6 beside, and the next port',
      400,
      [requestedTransport, ADDITIONAL_IPV6, attribute(TurnAttribute.evenPort, 0x80)],
    ],
  ])('who asks for %s gets %i', (_, code, writes) => {
    const client = new LabTurnClient(new TurnLab());
    client.challenge();
    const answer = client.request(allocate, writes);
    expect(answer.code).toBe(code);
    expect(client.proves(answer)).toBe(true);
    expect(client.lab.server.allocations.size).toBe(0);
  });

  test('an even port is asked for', () => {
    const client = new LabTurnClient(new TurnLab());
    client.challenge();
    client.lab.send(client.tuple, client.signed(allocate, [requestedTransport, attribute(TurnAttribute.evenPort, 0)]));
    expect(client.lab.opening).toMatchObject([{ evenPort: true }]);
  });

  test('IPv6, and both families', () => {
    const lab = new TurnLab();
    const six = new LabTurnClient(lab).allocate([requestedTransport, FAMILY_IPV6]);
    expect(addresses(six, TurnAttribute.xorRelayedAddress)).toEqual(['2001:db8:1::1:50000']);
    const both = new LabTurnClient(lab).allocate([requestedTransport, ADDITIONAL_IPV6]);
    expect(addresses(both, TurnAttribute.xorRelayedAddress)).toEqual(['203.0.113.1:50001', '2001:db8:1::1:50002']);
  });

  test('a family that is not served: refused alone, told beside another', () => {
    const lab = new TurnLab({ families: new Set<Family>([4]) });
    const alone = new LabTurnClient(lab);
    alone.challenge();
    expect(alone.request(allocate, [requestedTransport, FAMILY_IPV6]).code).toBe(440);
    const beside = new LabTurnClient(lab).allocate([requestedTransport, ADDITIONAL_IPV6]);
    expect(beside.code).toBe(0);
    expect(attributeValue(beside.message, TurnAttribute.addressErrorCode)?.subarray(0, 4)).toEqual(fromHex('02000428'));
  });

  test('sockets that cannot be had: 508 for all, told for one of two', () => {
    const lab = new TurnLab();
    const client = new LabTurnClient(lab);
    client.challenge();
    lab.send(client.tuple, client.signed(allocate, [requestedTransport, ADDITIONAL_IPV6]));
    lab.openAll(() => true);
    expect(readAnswer(lab.answers.at(-1)?.bytes as Uint8Array).code).toBe(508);
    expect(lab.server.allocations.size).toBe(0);
    lab.send(client.tuple, client.signed(allocate, [requestedTransport, ADDITIONAL_IPV6]));
    lab.openAll(({ family }) => family === 6);
    const answer = readAnswer(lab.answers.at(-1)?.bytes as Uint8Array);
    expect(answer.code).toBe(0);
    expect(attributeValue(answer.message, TurnAttribute.addressErrorCode)?.subarray(0, 4)).toEqual(fromHex('02000508'));
  });

  test('the same request again: no second allocation, the same answer with the time that is left', () => {
    const lab = new TurnLab();
    const client = new LabTurnClient(lab);
    client.challenge();
    const request = client.signed(allocate, [requestedTransport]);
    lab.send(client.tuple, request);
    lab.send(client.tuple, request);
    expect(lab.server.counters.clientDrops.repeated).toBe(1);
    lab.openAll();
    lab.nowMs += 2000;
    const again = client.ask(request);
    expect(addresses(again, TurnAttribute.xorRelayedAddress)).toEqual(['203.0.113.1:50000']);
    expect(lifetimeSeconds(again)).toBe(598);
    expect(lab.server.allocations.size).toBe(1);
  });

  test('another request of the same client is a mismatch, and the right one from elsewhere as well', () => {
    const { lab, client } = started();
    expect(client.request(allocate, [requestedTransport]).code).toBe(437);
    const moved = new LabTurnClient(lab, labClient({ port: 40_001 }));
    moved.challenge();
    expect(moved.permit().code).toBe(437);
    expect(moved.request(refresh, [lifetime(600)]).code).toBe(437);
  });

  test('quotas: of a participant whatever his credential, of an address, of all', () => {
    const lab = new TurnLab({
      limits: { ...LAB_LIMITS, allocationsPerUser: 3, allocationsPerAddress: 4, allocations: 6 },
    });
    const code = (name: string, address = '192.0.2.33') => {
      const client = new LabTurnClient(lab, labClient({ address }), `${START_SECONDS + 60 + ++names}:${name}`);
      const answer = client.allocate();
      return answer.code;
    };
    let names = 0;
    expect(['ann', 'ann', 'ann', 'ann'].map((name) => code(name))).toEqual([0, 0, 0, 486]);
    expect(['bob', 'carol'].map((name) => code(name))).toEqual([0, 486]);
    expect([code('dan', '192.0.2.34'), code('eve', '192.0.2.35'), code('fay', '192.0.2.36')]).toEqual([0, 0, 508]);
    expect(lab.server.counters.refused).toMatchObject({ 486: 2, 508: 1 });
    // All of it comes back.
    lab.nowMs += 600_000;
    lab.server.handleTimeout(lab.nowMs);
    expect([lab.server.allocations.size, lab.server.allocations.users.size]).toEqual([0, 0]);
    expect(lab.closed).toHaveLength(6);
    expect(code('ann')).toBe(0);
  });

  test('IPv6 clients count by their /64', () => {
    const lab = new TurnLab({ limits: { ...LAB_LIMITS, allocationsPerAddress: 1 } });
    const from = (address: string) => new LabTurnClient(lab, labClient({ address })).allocate().code;
    expect(['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:db8:0:1::1'].map(from)).toEqual([0, 486, 0]);
  });

  test('draining takes no new ones', () => {
    const { lab, client } = started();
    lab.server.setDraining(true);
    expect(new LabTurnClient(lab).allocate().code).toBe(508);
    expect(client.permit().code).toBe(0);
  });

  test('a client who leaves while it is opened', () => {
    const lab = new TurnLab();
    const client = new LabTurnClient(lab);
    client.challenge();
    lab.send(client.tuple, client.signed(allocate, [requestedTransport]));
    lab.server.handleClientGone(lab.nowMs, client.tuple);
    expect(lab.closed).toHaveLength(1);
    lab.openAll();
    expect(lab.answers).toHaveLength(1);
    expect(lab.server.allocations.size).toBe(0);
  });
});

describe('Refresh', () => {
  test('prolongs, and nothing lives longer than that', () => {
    const { lab, client } = started();
    lab.nowMs += 599_999;
    expect(lifetimeSeconds(client.request(refresh, [lifetime(700)]))).toBe(700);
    lab.nowMs += 699_999;
    expect(client.permit().code).toBe(0);
    lab.nowMs += 1;
    expect(client.permit().code).toBe(437);
    expect(lab.closed).toHaveLength(1);
  });

  test('zero deletes; once more, there is none', () => {
    const { lab, client } = started();
    const answer = client.request(refresh, [lifetime(0)]);
    expect([answer.code, lifetimeSeconds(answer)]).toEqual([0, 0]);
    expect(lab.closed).toHaveLength(1);
    expect(client.request(refresh, [lifetime(0)]).code).toBe(437);
    expect(client.allocate().code).toBe(0);
  });

  test('of one family of two, and of one that is not there', () => {
    const lab = new TurnLab();
    const client = new LabTurnClient(lab);
    client.allocate([requestedTransport, ADDITIONAL_IPV6]);
    expect(client.request(refresh, [lifetime(0), FAMILY_IPV4]).code).toBe(0);
    expect(lab.closed.map(({ family }) => family)).toEqual([4]);
    expect(client.request(refresh, [lifetime(600), FAMILY_IPV4]).code).toBe(443);
    expect(client.permit(ROUTER).code).toBe(443);
    expect(client.permit(ROUTER_IPV6).code).toBe(0);
    expect(client.request(refresh, [lifetime(0), FAMILY_IPV6]).code).toBe(0);
    expect(lab.server.allocations.size).toBe(0);
  });
});

describe('peers', () => {
  test.each<[string, string]>([
    ['loopback', '127.0.0.1'],
    ['loopback, mapped', '::ffff:127.0.0.1'],
    ['IPv6 loopback', '::1'],
    ['link-local and metadata', '169.254.169.254'],
    ['mapped metadata', '::ffff:a9fe:a9fe'],
    ['a private network', '10.0.0.1'],
    ['any', '0.0.0.0'],
    ['any IPv6', '::'],
    ["the relay's own", '203.0.113.1'],
    ['the router behind NAT64', '64:ff9b::198.51.100.7'],
    ['the router by 6to4', '2002:c633:6407::'],
    ['the router, IPv4-compatible', '::198.51.100.7'],
  ])('%s is no router: 403', (_, address) => {
    const lab = new TurnLab();
    const client = new LabTurnClient(lab);
    client.allocate([requestedTransport, ADDITIONAL_IPV6]);
    expect(client.permit(address).code).toBe(403);
    expect(client.bind(0x4000, address).code).toBe(403);
    client.sendIndication(HELLO, address);
    expect(lab.toPeers).toEqual([]);
  });

  test('a router in another notation is the router', () => {
    const { lab, client } = started();
    const mapped = { family: 6 as const, port: ROUTER_PORT, bytes: fromHex('00000000000000000000ffffc6336407') };
    expect(client.request(createPermission, [peerBytes(mapped)]).code).toBe(0);
    lab.send(client.tuple, plainMessage(send | 0x10, [peerBytes(mapped), data(HELLO)]));
    expect(lab.toPeers).toMatchObject([{ address: ROUTER, port: ROUTER_PORT }]);
    expect(client.bind(0x4000).code).toBe(0);
    expect(client.request(channelBind, [channelNumber(0x4001), peerBytes(mapped)]).code).toBe(400);
  });

  test('a router in a notation of the list is the router', () => {
    const lab = new TurnLab();
    const unusable = lab.peers.replace([
      { address: '::FFFF:198.51.100.7', port: 9000 },
      { address: '2001:DB8:0:0::0007', port: 9000 },
      { address: 'router.example', port: 9000 },
      { address: '198.051.100.7', port: 9001 },
      { address: ROUTER, port: 0 },
    ]);
    expect(unusable).toBe(3);
    const client = new LabTurnClient(lab);
    client.allocate([requestedTransport, ADDITIONAL_IPV6]);
    expect([client.permit(ROUTER).code, client.bind(0x4000, ROUTER_IPV6, 9000).code]).toEqual([0, 0]);
    expect(client.bind(0x4001, ROUTER, 9001).code).toBe(403);
  });

  test('a port of the router that is not for media', () => {
    const { lab, client } = started();
    expect(client.permit().code).toBe(0);
    expect(client.bind(0x4000, ROUTER, 22).code).toBe(403);
    client.sendIndication(HELLO, ROUTER, 22);
    lab.fromPeer(relayOf(client), HELLO, 22);
    expect([lab.toPeers, lab.indications]).toEqual([[], []]);
    expect(lab.server.counters.clientDrops.peerNotAllowed).toBe(1);
    expect(lab.server.counters.peerDrops.peerNotAllowed).toBe(1);
  });

  test('the other family', () => {
    const { client } = started();
    expect(client.permit(ROUTER_IPV6).code).toBe(443);
    expect(client.bind(0x4000, ROUTER_IPV6).code).toBe(443);
  });

  test('one of several that may not be: nothing is permitted', () => {
    const { lab, client } = started();
    expect(client.request(createPermission, [peer(ROUTER), peer('10.0.0.1')]).code).toBe(403);
    client.sendIndication(HELLO);
    expect(lab.toPeers).toEqual([]);
    expect(client.request(createPermission, []).code).toBe(400);
    expect(client.request(createPermission, [attribute(TurnAttribute.xorPeerAddress, 1, 2, 3)]).code).toBe(400);
  });

  test('more than there is room for', () => {
    const lab = new TurnLab();
    const routers = Array.from({ length: 9 }, (_, i) => ({ address: `198.51.100.${i + 1}`, port: ROUTER_PORT }));
    lab.peers.replace([...routers, ...Array.from({ length: 9 }, (_, i) => ({ address: ROUTER, port: 9000 + i }))]);
    const client = new LabTurnClient(lab);
    client.allocate();
    const many = (count: number) => routers.slice(0, count).map(({ address }) => peer(address));
    expect(client.request(createPermission, many(9)).code).toBe(508);
    expect(client.request(createPermission, many(8)).code).toBe(0);
    expect(client.bind(0x4000, '198.51.100.9').code).toBe(508);
    const codes = Array.from({ length: 9 }, (_, i) => client.bind(0x4000 + i, ROUTER, 9000 + i).code);
    expect(codes).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 508]);
    lab.nowMs += 300_000;
    expect(client.bind(0x4000, ROUTER, 9000).code).toBe(0);
    expect(client.permit('198.51.100.9').code).toBe(0);
  });

  test('who is no router any more: what is permitted goes on, for its time', () => {
    const { lab, client } = started();
    client.bind(0x4000);
    lab.peers.replace([]);
    client.sendChannelData(0x4000, HELLO);
    expect(lab.toPeers).toHaveLength(1);
    expect(client.bind(0x4000).code).toBe(403);
    lab.nowMs += 300_000;
    client.sendChannelData(0x4000, HELLO);
    expect(lab.toPeers).toHaveLength(1);
  });
});

describe('ChannelBind', () => {
  test.each([0, 0x3fff, 0x8000, 0xffff])('%i is no channel number', (number) => {
    expect(started().client.bind(number).code).toBe(400);
  });

  test.each([
    ['no number', [peer(ROUTER)]],
    ['no peer', [channelNumber(0x4000)]],
    ['a number of 2 bytes', [attribute(TurnAttribute.channelNumber, 0x40, 0), peer(ROUTER)]],
  ])('%s', (_, writes) => {
    expect(started().client.request(channelBind, writes).code).toBe(400);
  });

  test('a number has one peer, and a peer one number', () => {
    const { client } = started();
    expect(client.bind(0x4000).code).toBe(0);
    expect(client.bind(0x4000).code).toBe(0);
    expect(client.bind(0x4000, ROUTER, ROUTER_PORT + 1).code).toBe(400);
    expect(client.bind(0x4001).code).toBe(400);
    expect(client.bind(0x7fff, ROUTER, ROUTER_PORT + 1).code).toBe(0);
  });

  test('lasts 600 s, its permission 300 s', () => {
    const { lab, client } = started();
    client.request(refresh, [lifetime(3600)]);
    client.bind(0x4000);
    lab.nowMs += 299_999;
    client.sendChannelData(0x4000, HELLO);
    lab.nowMs += 1;
    client.sendChannelData(0x4000, HELLO);
    lab.fromPeer(relayOf(client), HELLO);
    expect([lab.toPeers.length, lab.toClients.length]).toEqual([1, 0]);
    client.permit();
    lab.nowMs += 299_999;
    client.sendChannelData(0x4000, HELLO);
    expect(lab.toPeers).toHaveLength(2);
    lab.nowMs += 1;
    client.permit();
    client.sendChannelData(0x4000, HELLO);
    expect(lab.server.counters.clientDrops).toMatchObject({ noPermission: 1, unboundChannel: 1 });
    // Then the peer's data comes as an indication again.
    lab.fromPeer(relayOf(client), HELLO);
    expect([lab.toClients.length, lab.indications.length]).toEqual([0, 1]);
  });
});

describe('data', () => {
  test('to and from a peer by indications', () => {
    const { lab, client } = started();
    client.sendIndication(HELLO);
    lab.fromPeer(relayOf(client), HELLO);
    expect([lab.toPeers.length, lab.indications.length]).toEqual([0, 0]);
    client.permit();
    client.sendIndication(HELLO);
    expect(lab.toPeers).toMatchObject([{ bytes: HELLO, address: ROUTER, port: ROUTER_PORT }]);
    for (const size of [0, 1, 1200]) {
      const sent = new Uint8Array(size).fill(7);
      lab.fromPeer(relayOf(client), sent);
      const { bytes } = lab.indications.at(-1) as { bytes: Uint8Array };
      const message = parse(bytes);
      expect([message.class, message.method]).toEqual(['indication', TurnMethod.data]);
      expect(attributeValue(message, TurnAttribute.data)).toEqual(sent);
      expect(peerAddressesOf(message)).toEqual([{ family: 4, port: ROUTER_PORT, bytes: fromHex('c6336407') }]);
    }
  });

  test('to and from a peer by a channel, in both families', () => {
    const lab = new TurnLab();
    const client = new LabTurnClient(lab);
    client.allocate([requestedTransport, ADDITIONAL_IPV6]);
    client.bind(0x4000, ROUTER);
    client.bind(0x4001, ROUTER_IPV6);
    client.sendChannelData(0x4000, HELLO);
    client.sendChannelData(0x4001, HELLO);
    expect(lab.toPeers.map(({ relay, address }) => [relay.family, address])).toEqual([
      [4, ROUTER],
      [6, ROUTER_IPV6],
    ]);
    for (const relay of client.relays) lab.fromPeer(relay, HELLO);
    expect(lab.toClients.map(({ channel, bytes }) => [channel, bytes])).toEqual([
      [0x4000, HELLO],
      [0x4001, HELLO],
    ]);
    // From a port without a channel: an indication.
    lab.fromPeer(relayOf(client), HELLO, ROUTER_PORT + 1);
    expect(lab.indications).toHaveLength(1);
  });

  test('padding is not relayed, and lengths that lie are dropped', () => {
    const { lab, client } = started();
    client.bind(0x4000);
    lab.send(client.tuple, Uint8Array.from([...channelDataOf(0x4000, HELLO.subarray(0, 5)), 0, 0, 0]));
    expect(lab.toPeers[0]?.bytes).toEqual(HELLO.subarray(0, 5));
    for (const bytes of ['4000', '400000', '40000001', '400000090102030405060708'])
      lab.send(client.tuple, fromHex(bytes));
    expect(lab.server.counters.clientDrops.malformed).toBe(4);
    expect(lab.toPeers).toHaveLength(1);
  });

  test('what is too long, unbound, of nobody, or of no protocol', () => {
    const { lab, client } = started();
    client.bind(0x4000);
    client.sendChannelData(0x4000, new Uint8Array(2049));
    client.sendChannelData(0x4001, HELLO);
    lab.send(labClient(), channelDataOf(0x4000, HELLO));
    lab.send(labClient(), plainMessage(send | 0x10, [peer(ROUTER), data(HELLO)]));
    lab.send(client.tuple, fromHex('16feff00'));
    lab.send(client.tuple, new Uint8Array(0));
    lab.send(client.tuple, plainMessage(send | 0x10, [peer(ROUTER), data(HELLO), attribute(0x001a)]));
    lab.send(client.tuple, plainMessage(send | 0x10, [peer(ROUTER)]));
    lab.send(client.tuple, plainMessage(send | 0x10, [data(HELLO)]));
    lab.send(client.tuple, plainMessage(0x0101));
    lab.send(client.tuple, plainMessage(0x000c));
    lab.fromPeer(relayOf(client), new Uint8Array(2049));
    expect(lab.toPeers).toEqual([]);
    expect(lab.server.counters.clientDrops).toMatchObject({
      tooLarge: 1,
      unboundChannel: 1,
      noAllocation: 2,
      unknownProtocol: 2,
      unknownAttribute: 1,
      malformed: 2,
      unexpected: 2,
    });
    expect(lab.server.counters.peerDrops.tooLarge).toBe(1);
  });

  test('another peer than the permitted, and a relay that is closed', () => {
    const { lab, client } = started();
    client.bind(0x4000);
    const [relay] = client.relays;
    lab.fromPeer(relay as LabRelay, HELLO, ROUTER_PORT, '198.51.100.8');
    client.request(refresh, [lifetime(0)]);
    lab.fromPeer(relay as LabRelay, HELLO);
    expect([lab.toClients, lab.indications]).toEqual([[], []]);
    expect(lab.server.counters.peerDrops).toMatchObject({ noPermission: 1, noAllocation: 1 });
  });

  test('no more bytes than a client may send', () => {
    const { lab, client } = started(new TurnLab({ limits: { ...LAB_LIMITS, bytesPerSecond: 10_000 } }));
    client.bind(0x4000);
    for (let i = 0; i < 30; i++) client.sendChannelData(0x4000, new Uint8Array(1000));
    expect(lab.toPeers).toHaveLength(10);
    expect(lab.server.counters.clientDrops.policed).toBe(20);
    lab.nowMs += 500;
    for (let i = 0; i < 30; i++) client.sendChannelData(0x4000, new Uint8Array(1000));
    expect(lab.toPeers).toHaveLength(15);
  });
});

describe('floods', () => {
  test('an address gets no more answers than it may, and does not take those of another', () => {
    const lab = new TurnLab({ requestsPerSecond: 10, requestBurst: 20 });
    for (let i = 0; i < 100; i++) lab.send(labClient({ port: 1 + i }), plainMessage(binding));
    expect(lab.answers).toHaveLength(20);
    expect(lab.server.counters.clientDrops.requestFlood).toBe(80);
    lab.send(labClient({ address: '192.0.2.34' }), plainMessage(binding));
    expect(lab.answers).toHaveLength(21);
    lab.nowMs += 1000;
    for (let i = 0; i < 100; i++) lab.send(labClient({ port: 1 + i }), plainMessage(binding));
    expect(lab.answers).toHaveLength(31);
  });

  test('who has an allocation is not touched by strangers from his address', () => {
    const lab = new TurnLab({ requestsPerSecond: 10, requestBurst: 20 });
    const { client } = started(lab);
    for (let i = 0; i < 100; i++) lab.send(labClient(), plainMessage(binding));
    expect(client.permit().code).toBe(0);
    for (let i = 0; i < 500; i++)
      lab.send(client.tuple, client.signed(createPermission, [peer(ROUTER)], newTransactionId()));
    expect(lab.server.counters.clientDrops.requestFlood).toBeGreaterThan(300);
  });
});

test('a realm that fits no challenge', () => {
  const lab = new TurnLab();
  Object.assign(lab.credentials, { realm: 'ü'.repeat(64) });
  expect(() => new TurnLab({ credentials: lab.credentials })).toThrow(RangeError);
});

function parse(bytes: Uint8Array) {
  const message = parseStun(bytes, 0, bytes.length);
  if (message === undefined) throw new Error('it cannot be read');
  return message;
}

function relayOf(client: LabTurnClient): LabRelay {
  const [relay] = client.relays;
  if (relay === undefined) throw new Error('no allocation');
  return relay;
}
