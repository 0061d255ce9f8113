/** Whole routers: WebRTC clients whose datagrams go in TCP connections, and what operators see of them. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { parse } from 'sdp-transform';
import { afterEach, describe, expect, test } from 'vitest';
import type { SlotCounters } from '../../client/headless/slot-receiver.ts';
import { callUnary } from '../../proto/call-unary.ts';
import type { JoinReply__Output } from '../../proto/gen/zonecast/router/v1/JoinReply.ts';
import { until } from '../control/worker-pool-test-lab.ts';
import { DropReason } from '../media/drop-reason.ts';
import type { RouterOptions } from '../router.ts';
import { LAB_INSTANCE, type LabMediaOptions, RouterLab } from '../router-test-lab.ts';
import { connectivityCheck, TcpClient, TcpWay } from './tcp-lab.ts';
import type { TcpCounts } from './tcp-listener.ts';

let lab: RouterLab;
const ways: TcpWay[] = [];
afterEach(async () => {
  for (const way of ways.splice(0)) way.close();
  await lab.stop();
});

const busy = (slots: readonly SlotCounters[]): SlotCounters[] => slots.filter(({ packets }) => packets >= 20);

async function joinByTcp(meeting: string, name: string, options: LabMediaOptions = {}) {
  const way = await TcpWay.open();
  ways.push(way);
  return { way, media: await lab.join(meeting, name, { ...options, way }) };
}

async function counts(): Promise<TcpCounts | undefined> {
  return (await lab.router.meters()).workers[0]?.iceTcp;
}

async function countsUntil(matches: (counts: TcpCounts) => boolean): Promise<TcpCounts> {
  const patience = { timeout: 10_000, interval: 20 };
  const now = async () => (await counts()) ?? {};
  await expect.poll(now, patience).toSatisfy((found) => 'connections' in found && matches(found));
  const found = await counts();
  if (found === undefined) throw new Error('the worker is gone');
  return found;
}

/** Candidates of an answer: protocol, address, port, and for TCP who connects. */
async function candidates(options: Partial<RouterOptions>) {
  lab = await RouterLab.start(options);
  const offer =
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:'.concat(
      'x'.repeat(22),
      `\r\na=fingerprint:sha-256 ${'AB:'.repeat(31)}AB\r\na=setup:actpass\r\n`,
      'm=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n',
    );
  const home = { instance: LAB_INSTANCE, attachment: 1 };
  const request = { meeting: 'm', participant: 'ada', name: 'ada', epoch: 1, home, offer, sources: {} };
  const { answer } = await callUnary<JoinReply__Output>((call, done) => lab.client.Join(request, call, done), 5_000);
  return (parse(answer).media[0]?.candidates ?? []).map(({ transport, ip, port, tcptype, priority, foundation }) => {
    return { line: [transport, ip, port, tcptype].join(' '), priority: Number(priority), foundation };
  });
}

describe('media over TCP', { timeout: 30_000 }, () => {
  test('of two people arrives at the other: handshake, sound and picture, both ways', async () => {
    lab = await RouterLab.start();
    const alice = await joinByTcp('m1', 'alice');
    const bob = await lab.join('m1', 'bob');
    alice.media.setAudioLevel(20);
    bob.setAudioLevel(30);
    await until('RTP of both flows', () => busy(alice.media.slots()).length === 2 && busy(bob.slots()).length === 2);
    for (const slot of [...busy(alice.media.slots()), ...busy(bob.slots())]) {
      expect(slot).toMatchObject({ missing: 0, late: 0, duplicates: 0, malformed: 0 });
    }
    expect(alice.way.tcp?.packets.length).toBeGreaterThan(40);
    const { packets, ...rest } = await countsUntil(({ packets }) => packets.out > 40 && packets.in > 40);
    expect(rest).toMatchObject({ connections: 1, accepted: 1, dropped: { late: 0, full: 0, unsent: 0 } });
    expect(packets.out).toBeGreaterThanOrEqual(alice.way.tcp?.packets.length ?? 0);
  });

  test('of a worker that is bound to all addresses', async () => {
    lab = await RouterLab.start({ mediaAddress: '::' });
    const alice = await joinByTcp('m1', 'alice');
    await joinByTcp('m1', 'bob');
    await until('alice has sound and picture', () => busy(alice.media.slots()).length === 2);
  });

  test('a connection that is cut ends with its participant, whose place is then free; the others go on', async () => {
    lab = await RouterLab.start();
    const events = await lab.subscribe();
    const alice = await joinByTcp('m1', 'alice');
    const bob = await joinByTcp('m1', 'bob');
    await until('both flow', () => busy(alice.media.slots()).length === 2 && busy(bob.media.slots()).length === 2);
    alice.way.close();
    ways.splice(ways.indexOf(alice.way), 1);
    await countsUntil(({ connections, ended }) => connections === 1 && ended.left === 1);
    const target = { meeting: 'm1', epoch: 1, participant: 'alice' };
    await lab.command((options, done) => lab.client.Leave(target, options, done));
    await events.next(({ left }) => left?.participant === 'alice');
    const carol = await joinByTcp('m1', 'carol');
    await until('she flows', () => busy(carol.media.slots()).length === 2);
    const before = bob.media.received();
    await until('bob goes on', () => bob.media.received() > before + 20);
    expect(await counts()).toMatchObject({ connections: 2, accepted: 3 });
  });

  test('whoever reads nothing holds up nobody, and is dropped for', async () => {
    lab = await RouterLab.start();
    const alice = await joinByTcp('m1', 'alice', { videoFrameBytes: 30_000 });
    const bob = await joinByTcp('m1', 'bob', { publish: [] });
    const carol = await joinByTcp('m1', 'carol', { publish: [] });
    await until('both see her', () => busy(bob.media.slots()).length > 0 && busy(carol.media.slots()).length > 0);
    bob.way.tcp?.socket.pause();
    const { dropped } = await countsUntil(({ dropped }) => dropped.late > 100);
    expect(dropped.unsent).toBe(0);
    const before = carol.media.received();
    await until('carol goes on', () => carol.media.received() > before + 100);
    expect(alice.media.state).toBe('connected');
  });

  test('who knows the name and not the password gets no answer', async () => {
    lab = await RouterLab.start();
    const alice = await joinByTcp('m1', 'alice');
    await until('she is connected', () => alice.media.state === 'connected');
    const refused = async () => (await lab.router.statistics())[0]?.drops[DropReason.stunInvalid] ?? 0;
    expect(await refused()).toBe(0);
    const client = await TcpClient.connect(lab.router.mediaPorts[0] ?? 0);
    client.send(connectivityCheck(alice.way.ufrag));
    await expect.poll(refused, { timeout: 10_000 }).toBe(1);
    expect(client.packets).toEqual([]);
    expect(alice.media.state).toBe('connected');
    client.close();
  });
});

describe('the ports', { timeout: 30_000 }, () => {
  const announce = ['192.0.2.1', '2001:db8::1'];

  test('answers name TCP after UDP, less preferred, at the same addresses', async () => {
    const found = await candidates({ announce });
    const port = lab.router.mediaPorts[0];
    expect(found.map(({ line }) => line)).toEqual([
      `udp 192.0.2.1 ${port} `,
      `udp 2001:db8::1 ${port} `,
      `tcp 192.0.2.1 ${port} passive`,
      `tcp 2001:db8::1 ${port} passive`,
    ]);
    const priorities = found.map(({ priority }) => priority);
    expect(priorities).toEqual(priorities.toSorted((a, b) => b - a));
    expect(new Set(priorities).size).toBe(4);
    expect(new Set(found.map(({ foundation }) => foundation)).size).toBe(4);
  });

  test('off: nothing is named, and nobody listens', async () => {
    const found = await candidates({ announce, iceTcp: false });
    const port = lab.router.mediaPorts[0] ?? 0;
    expect(found.map(({ line }) => line)).toEqual([`udp 192.0.2.1 ${port} `, `udp 2001:db8::1 ${port} `]);
    await expect(TcpClient.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await counts()).toBeUndefined();
  });

  test('a port that another program has for TCP is an error that says so; without TCP it will do', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    // The server listens at an address with a port.
    const { port: mediaPort } = other.address() as { port: number };
    await expect(RouterLab.start({ mediaPort })).rejects.toMatchObject({
      code: 'portTaken',
      message: `TCP port ${mediaPort} is in use by another program`,
    });
    lab = await RouterLab.start({ mediaPort, iceTcp: false });
    expect(lab.router.mediaPorts).toEqual([mediaPort]);
    other.close();
  });

  test('a worker that died takes its TCP port again', async () => {
    lab = await RouterLab.start();
    const alice = await joinByTcp('m1', 'alice');
    await joinByTcp('m1', 'bob');
    await until('media flows', () => busy(alice.media.slots()).length === 2);
    lab.router.killWorker(0, 'test');
    await alice.way.tcp?.closed;
    await countsUntil(({ accepted }) => accepted === 0);
    const carol = await joinByTcp('m2', 'carol');
    await joinByTcp('m2', 'dave');
    await until('media flows again', () => busy(carol.media.slots()).length === 2);
  });
});
