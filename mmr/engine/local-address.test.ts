/** A socket bound to all addresses of a host with several: what a peer gets comes from the address that it talks to. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { EngineLab, keyPair, rtpPacket, seededBytes } from './engine-lab.ts';
import { ReferenceSrtp } from './srtp-test-reference.ts';

const PROFILE = 'AEAD_AES_128_GCM';
const STUN = Uint8Array.of(0, 1, 0, 0);

let lab: EngineLab;
let client: Socket;
let arrived: { bytes: Buffer; from: string }[];
let waiting: () => void;

afterEach(() => {
  lab.engine.close();
  client.close();
});

async function open(bind: string): Promise<void> {
  lab = new EngineLab(bind);
  arrived = [];
  waiting = () => undefined;
  client = createSocket('udp4').bind(0, '127.0.0.1');
  client.on('message', (bytes, { address }) => {
    arrived.push({ bytes, from: address });
    waiting();
  });
  await once(client, 'listening');
}

const send = (bytes: Uint8Array, to: string): void => client.send(bytes, lab.engine.port, to);
const remote = () => ({ family: 4, port: client.address().port, bytes: Uint8Array.of(127, 0, 0, 1) }) as const;

/** Source addresses of the next `count` datagrams that the client gets. */
async function sources(count: number): Promise<string[]> {
  while (arrived.length < count) {
    await new Promise<void>((resolve) => {
      waiting = resolve;
    });
  }
  return arrived.splice(0, count).map(({ from }) => from);
}

/** Sends one RTP packet of the transport, and where it came from. */
async function media(handle: number, sequence: number): Promise<string | undefined> {
  lab.rtp(handle, 500, seededBytes('media', 200), sequence);
  lab.engine.flush();
  return (await sources(1))[0];
}

const dualStack = Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'));

// Where the kernel has no IPv6, '::' is the IPv4 wildcard: both rows hold everywhere.
describe.each(['0.0.0.0', '::'])('bound to %s', (bind) => {
  test('each datagram is answered from where it came to, two of one peer in one batch too', async () => {
    await open(bind);
    lab.afterBatch = () => {
      for (const { bytes, from } of lab.received.splice(0)) lab.send(bytes, from);
    };
    const asked = ['127.0.0.2', '127.0.0.1', '127.0.0.3', '127.0.0.2', '127.0.0.9'];
    for (const to of asked) send(STUN, to);
    expect(await sources(asked.length)).toEqual(asked);
    // Not an answer: the kernel chooses.
    lab.send(STUN, remote());
    expect(await sources(1)).toEqual(['127.0.0.1']);
  });

  test('answers of one flush follow the order of the requests', async () => {
    await open(bind);
    lab.afterBatch = () => {
      const { plan } = lab.engine;
      for (const { from } of lab.received.splice(0)) plan.datagramTo(from, 0, 4);
      lab.engine.flush();
    };
    const asked = ['127.0.0.2', '127.0.0.3', '127.0.0.2', '127.0.0.4'];
    for (const to of asked) send(STUN, to);
    expect(await sources(asked.length)).toEqual(asked);
  });

  test("a transport's packets, runs too, leave from where its destination was set, until signed ones come elsewhere", async () => {
    await open(bind);
    const { ours } = keyPair(PROFILE);
    const peer = new ReferenceSrtp(PROFILE, ours.ingressKey, ours.ingressSalt);
    const sealed = (sequence: number) => peer.protectRtp(rtpPacket(sequence, seededBytes('up', 50)), 0);
    const handle = lab.engine.openTransport();
    lab.afterBatch = () => {
      lab.engine.addRemote(handle, remote());
      lab.engine.setDestination(handle, remote());
    };
    send(STUN, '127.0.0.2');
    await lab.take(1);
    lab.afterBatch = () => undefined;
    lab.engine.setSrtpKeys(handle, ours);
    expect(await media(handle, 1)).toBe('127.0.0.2');
    for (let i = 0; i < 10; i++) lab.rtp(handle, 500 + i, seededBytes('run', 300), 10 + i);
    expect(lab.engine.flush()).toBe(10);
    expect(await sources(10)).toEqual(Array(10).fill('127.0.0.2'));

    // Anybody can send from a forged address: what is not signed moves nothing, nor does what is replayed.
    const forged = sealed(2);
    forged[20] = (forged[20] as number) ^ 1;
    send(sealed(1), '127.0.0.2');
    for (const bytes of [forged, sealed(1), STUN]) send(bytes, '127.0.0.4');
    await lab.take(4);
    expect(await media(handle, 20)).toBe('127.0.0.2');
    send(sealed(3), '127.0.0.3');
    await lab.take(1);
    expect(await media(handle, 21)).toBe('127.0.0.3');
    lab.engine.setDestination(handle, remote()); // confirmed
    expect(await media(handle, 22)).toBe('127.0.0.3');
  });
});

test('bound to one address, that one is the source', async () => {
  await open('127.0.0.5');
  send(STUN, '127.0.0.5');
  const [received] = await lab.take(1);
  if (received === undefined) throw new Error('nothing received');
  lab.send(STUN, received.from);
  expect(await sources(1)).toEqual(['127.0.0.5']);
});

test.skipIf(!dualStack)('IPv6', async () => {
  await open('::');
  const ipv6 = new EngineLab('::1');
  lab.afterBatch = () => {
    for (const { bytes, from } of lab.received.splice(0)) lab.send(bytes, from);
  };
  ipv6.send(STUN, lab.address('::1'));
  const [answer] = await ipv6.take(1);
  expect(answer?.from).toEqual(lab.address('::1'));
  ipv6.engine.close();
});
