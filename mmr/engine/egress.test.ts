import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DropReason } from '../media/drop-reason.ts';
import {
  EGRESS_CAPACITY,
  EGRESS_MAY_PAD,
  EGRESS_SIDE_BYTES,
  EGRESS_WORDS,
  EgressKind,
} from '../media/egress/egress-plan.ts';
import { EngineLab, keyPair, type Received, seededBytes } from './engine-lab.ts';
import { SRTP_PROFILES } from './srtp-keys.ts';
import { ReferenceSrtp } from './srtp-test-reference.ts';

let lab: EngineLab;
let sinks: EngineLab[];

beforeEach(() => {
  lab = new EngineLab();
  sinks = [];
});
afterEach(() => {
  lab.engine.close();
  for (const sink of sinks) sink.engine.close();
});

interface Peer {
  readonly sink: EngineLab;
  readonly handle: number;
  readonly reference: ReferenceSrtp;
}

/** A transport of `lab` whose packets go to an engine without keys, which keeps them sealed. */
function peer(profile: (typeof SRTP_PROFILES)[number] = 'AEAD_AES_128_GCM'): Peer {
  const sink = new EngineLab();
  sinks.push(sink);
  const handle = lab.engine.openTransport();
  const { ours } = keyPair(profile, `peer ${handle}`);
  lab.engine.setSrtpKeys(handle, ours);
  lab.engine.setDestination(handle, sink.address());
  return { sink, handle, reference: new ReferenceSrtp(profile, ours.egressKey, ours.egressSalt) };
}

const payloadOf = (received: Received | undefined, { reference }: Peer, counter = 0): Buffer =>
  reference.unprotectRtp(received?.bytes ?? Buffer.alloc(0), counter).subarray(12);

describe.each(SRTP_PROFILES)('%s', (profile) => {
  test('header block, prefix and payload are put together and sealed as the RFC says', async () => {
    const to = peer(profile);
    const { plan, store } = lab.engine;
    const stored = seededBytes('stored', 900);
    store.set(stored, 7 * 2048 + 40);
    // One CSRC and a one-byte-header extension block, then a rewritten descriptor of 5 bytes.
    const block = Buffer.from('0000abcd bede0001 10ff0000'.replaceAll(' ', ''), 'hex');
    const prefix = Buffer.from('9080012233', 'hex');
    const side = plan.reserveSide(block.length + prefix.length);
    plan.side.set(Buffer.concat([block, prefix]), side);
    plan.rtp(
      to.handle,
      7,
      0,
      40,
      stored.length,
      0x91e1fffe,
      0x89abcdef,
      0xdeadbeef,
      7,
      side,
      block.length,
      prefix.length,
    );
    expect(lab.engine.flush()).toBe(1);
    expect(plan.count).toBe(0);
    const [received] = await to.sink.take(1);
    const header = Buffer.from('91e1fffe89abcdefdeadbeef', 'hex');
    const expected = Buffer.concat([header, block, prefix, stored]);
    expect(to.reference.unprotectRtp(received?.bytes ?? Buffer.alloc(0), 7).equals(expected)).toBe(true);
  });

  test('patches change two fields of a block that records share, and are authenticated', async () => {
    const to = peer(profile);
    const { plan } = lab.engine;
    // Transport-wide number at bytes 5–6 of the block, a dependency descriptor whose frame number is at bytes 9–10.
    const block = Buffer.from('bede0002310000c2800000ff', 'hex');
    const side = plan.openBlock(block.length);
    plan.side.set(block, side);
    plan.closeBlock(block.length);
    const patches: [number, number, number, number][] = [
      [5, 0xabcd, 9, 0x1234],
      [5, 0xabce, 0, 0x7777],
      [0, 0x5555, 9, 0xffff],
      [0, 0x5555, 0, 0x7777],
      [10, 0x0102, 4, 0x0304],
    ];
    for (const [i, [first, firstValue, second, secondValue]] of patches.entries()) {
      const at = plan.count * EGRESS_WORDS;
      plan.rtp(to.handle, 3, 0, 0, 20, 0x90600000 + i, 1, 2, 0, side, block.length, 0);
      plan.words[at] = EgressKind.rtp | (first << 8) | (second << 16);
      plan.words[at + 11] = (firstValue << 16) | secondValue;
    }
    expect(lab.engine.flush()).toBe(patches.length);
    const received = await to.sink.take(patches.length);
    for (const [i, [first, firstValue, second, secondValue]] of patches.entries()) {
      const expected = Buffer.from(block);
      if (first !== 0) expected.writeUInt16BE(firstValue, first);
      if (second !== 0) expected.writeUInt16BE(secondValue, second);
      const plain = to.reference.unprotectRtp(received[i]?.bytes ?? Buffer.alloc(0), 0);
      expect(plain.subarray(12, 12 + block.length).toString('hex')).toBe(expected.toString('hex'));
    }
    // The shared block itself stays as it was.
    expect(Buffer.from(plan.side.subarray(side, side + block.length)).equals(block)).toBe(true);
  });

  test('padding: no payload of the store, whatever slot is named', async () => {
    const to = peer(profile);
    const { plan } = lab.engine;
    const side = plan.reserveSide(255);
    plan.side.fill(0, side, side + 254);
    plan.side[side + 254] = 255;
    plan.rtp(to.handle, 0xffffffff, 99, 0, 0, 0xa0600007, 1, 2, 0, side, 0, 255);
    expect(lab.engine.flush()).toBe(1);
    const [received] = await to.sink.take(1);
    const plain = to.reference.unprotectRtp(received?.bytes ?? Buffer.alloc(0), 0);
    expect(plain.length).toBe(12 + 255);
    expect([...plain.subarray(12)]).toEqual([...new Array(254).fill(0), 255]);
  });

  test('RTCP gets a new index each time', async () => {
    const to = peer(profile);
    const report = Buffer.from('80c9000100000001', 'hex');
    for (let i = 0; i < 3; i++) lab.rtcp(to.handle, report);
    expect(lab.engine.flush()).toBe(3);
    const opened = (await to.sink.take(3)).map(({ bytes }) => to.reference.unprotectRtcp(bytes));
    expect(opened.map(({ index }) => index)).toEqual([1, 2, 3]);
    for (const { packet } of opened) expect(packet.equals(report)).toBe(true);
  });

  test('the RTCP index goes on when keys are set again, even the same ones', async () => {
    const to = peer(profile);
    const report = Buffer.from('80c9000100000001', 'hex');
    const { ours } = keyPair(profile, `peer ${to.handle}`);
    for (let i = 0; i < 3; i++) {
      lab.rtcp(to.handle, report);
      lab.engine.flush();
      lab.engine.setSrtpKeys(to.handle, ours);
    }
    const opened = (await to.sink.take(3)).map(({ bytes }) => to.reference.unprotectRtcp(bytes));
    expect(opened.map(({ index }) => index)).toEqual([1, 2, 3]);
  });

  test('an empty payload', async () => {
    const to = peer(profile);
    lab.rtp(to.handle, 0, new Uint8Array(0), 1);
    expect(lab.engine.flush()).toBe(1);
    expect(payloadOf((await to.sink.take(1))[0], to)).toHaveLength(0);
  });
});

describe('runs', () => {
  test.each([
    ['equal', Array.from({ length: 30 }, () => 700)],
    ['last shorter', [700, 700, 700, 300]],
    ['growing', [100, 200, 300, 400]],
    ['shrinking', [400, 300, 200, 100]],
    ['mixed', [700, 700, 300, 300, 1, 1400, 1400, 5, 700]],
    ['more than 64 segments', Array.from({ length: 150 }, () => 20)],
    ['more than 65000 bytes', Array.from({ length: 100 }, () => 1200)],
    ['larger than the Ethernet MTU', [2000, 2000, 2000]],
  ])('%s arrive intact and in order, to two destinations at once', async (_name, sizes) => {
    const peers = [peer(), peer()];
    for (const [i, size] of sizes.entries()) {
      for (const { handle } of peers) lab.rtp(handle, i, seededBytes(`${i}`, size), i);
    }
    expect(lab.engine.flush()).toBe(2 * sizes.length);
    for (const to of peers) {
      const received = await to.sink.take(sizes.length);
      for (const [i, size] of sizes.entries())
        expect(payloadOf(received[i], to).equals(seededBytes(`${i}`, size))).toBe(true);
    }
  });

  describe('of sizes that differ by a few bytes', () => {
    /** Sends payloads of these sizes; what arrives in the P bit, size and content. */
    async function sent(sizes: readonly number[], mayPad: (i: number) => boolean): Promise<string[]> {
      const to = peer('AES128_CM_HMAC_SHA1_80');
      for (const [i, size] of sizes.entries()) {
        const at = lab.engine.plan.count * EGRESS_WORDS;
        lab.rtp(to.handle, i, seededBytes(`${i}`, size), i);
        if (mayPad(i)) lab.engine.plan.words[at] = EgressKind.rtp | EGRESS_MAY_PAD;
      }
      expect(lab.engine.flush()).toBe(sizes.length);
      return (await to.sink.take(sizes.length)).map(({ bytes }, i) => {
        const plain = to.reference.unprotectRtp(bytes, 0);
        const padding = ((plain[0] as number) & 0x20) === 0 ? 0 : (plain.at(-1) as number);
        const content = plain.subarray(12, plain.length - padding);
        expect(content.equals(seededBytes(`${i}`, sizes[i] ?? 0))).toBe(true);
        return padding === 0 ? `${content.length}` : `${content.length}+${padding}`;
      });
    }

    test.each<[string, number[], string[]]>([
      ['larger parts last', [700, 700, 701, 701], ['700+1', '700+1', '701', '701']],
      ['the last may be shorter', [700, 700, 695], ['700', '700', '695']],
      ['shorter in between', [708, 700, 708, 708], ['708', '700+8', '708', '708']],
      ['too far apart', [700, 709, 709], ['700', '709', '709']],
      ['two runs', [700, 701, 900, 902, 901], ['700+1', '701', '900+2', '902', '901']],
      ['alone', [700], ['700']],
    ])('%s', async (_name, sizes, expected) => {
      expect(await sent(sizes, () => true)).toEqual(expected);
    });

    test('not where it was not allowed', async () => {
      expect(await sent([700, 701, 700, 702], () => false)).toEqual(['700', '701', '700', '702']);
      expect(await sent([700, 701, 700, 702], (i) => i !== 1)).toEqual(['700', '701', '700+2', '702']);
    });
  });

  test('more messages than one system call takes, and a full plan', async () => {
    const peers = Array.from({ length: 100 }, () => peer());
    for (let i = 0; i < EGRESS_CAPACITY; i++) {
      const to = peers[i % peers.length] as Peer;
      lab.rtp(to.handle, i % 1000, seededBytes(`${i % 7}`, 50 + (i % 7)), Math.floor(i / peers.length));
    }
    expect(lab.engine.plan.hasRoom(1, 0)).toBe(false);
    expect(lab.engine.flush()).toBe(EGRESS_CAPACITY);
    for (const [k, to] of peers.entries()) {
      const received = await to.sink.take(k < EGRESS_CAPACITY % 100 ? 82 : 81);
      const sequences = received.map(({ bytes }) => bytes.readUInt16BE(2));
      expect(sequences).toEqual(sequences.map((_, i) => i));
    }
  });

  test('kinds to one destination keep their order', async () => {
    const to = peer();
    lab.rtp(to.handle, 0, seededBytes('a', 84), 1);
    lab.rtcp(to.handle, Buffer.from('80c9000100000001', 'hex'));
    const offset = lab.engine.plan.reserveSide(3);
    lab.engine.plan.side.set([20, 254, 253], offset);
    lab.engine.plan.datagram(to.handle, offset, 3);
    lab.rtp(to.handle, 0, seededBytes('a', 84), 2);
    expect(lab.engine.flush()).toBe(4);
    const received = await to.sink.take(4);
    expect(received.map(({ bytes }) => bytes.length)).toEqual([112, 28, 3, 112]);
  });
});

describe('what is not sent', () => {
  test('a packet whose slot was overwritten', async () => {
    const to = peer();
    lab.rtp(to.handle, 1, seededBytes('old', 100), 1);
    const generation = lab.engine.generation(1);
    // The ring's first slot takes the next datagram, and the second one is what the kernel may write to then.
    to.sink.send(Uint8Array.of(1, 2, 3), lab.address());
    await lab.take(1);
    expect(lab.engine.generation(1)).toBe(generation + 1);
    lab.rtp(to.handle, 1, seededBytes('new', 100), 2);
    expect(lab.engine.flush()).toBe(1);
    expect(lab.engine.drops[DropReason.storeOverwritten]).toBe(1);
    expect((await to.sink.take(1))[0]?.bytes.readUInt16BE(2)).toBe(2);
  });

  test('a transport without keys, destination or existence', () => {
    const { engine } = lab;
    const keyless = engine.openTransport();
    engine.setDestination(keyless, lab.address());
    const homeless = engine.openTransport();
    engine.setSrtpKeys(homeless, keyPair('AEAD_AES_128_GCM').ours);
    const gone = peer().handle;
    for (const handle of [keyless, homeless, gone, 0, 99, 0xffffffff]) lab.rtp(handle, 0, seededBytes('x', 50), 1);
    engine.closeTransport(gone);
    expect(engine.flush()).toBe(0);
    expect(engine.drops[DropReason.transportNotReady]).toBe(6);
  });

  test('a destination where nobody listens does not disturb the others, nor does one that refuses runs', async () => {
    const to = peer();
    const [deaf, refused] = [peer(), peer()];
    deaf.sink.engine.close(); // its port answers with ICMP errors from now on
    lab.engine.setDestination(refused.handle, { family: 4, port: 0, bytes: Uint8Array.of(127, 0, 0, 1) });
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 4; i++) {
        for (const { handle } of [deaf, refused, to]) lab.rtp(handle, i, seededBytes('x', 50), 4 * round + i);
      }
      expect(lab.engine.flush()).toBe(8);
    }
    expect((await to.sink.take(20)).map(({ bytes }) => bytes.readUInt16BE(2))).toEqual(Array.from(Array(20).keys()));
    expect(lab.engine.drops[DropReason.sendFailed]).toBe(20);
  });

  test('a destination that the kernel refuses', () => {
    const { engine } = lab;
    const handle = engine.openTransport();
    engine.setSrtpKeys(handle, keyPair('AEAD_AES_128_GCM').ours);
    engine.setDestination(handle, { family: 4, port: 0, bytes: Uint8Array.of(127, 0, 0, 1) });
    for (let i = 0; i < 5; i++) lab.rtp(handle, i, seededBytes('x', 50), i);
    lab.send(Uint8Array.of(1), { family: 4, port: 9, bytes: Uint8Array.of(255, 255, 255, 255) }); // no SO_BROADCAST
    expect(engine.drops[DropReason.sendFailed]).toBe(6);
  });
});

describe('a plan that points outside its memory throws before anything is sent', () => {
  const { rtp, rtcp, datagram, addressedDatagram } = EgressKind;
  /** kind, slot, payload, side offset, side size */
  test.each<[string, number, number, number, number, number]>([
    ['slot', rtp, 1024, 100, 0, 0],
    ['slot, far', rtp, 0xffffffff, 100, 0, 0],
    ['payload end', rtp, 0, (2000 << 16) | 49, 0, 0],
    ['payload offset', rtp, 0, 0xffff0001, 0, 0],
    ['header beyond side', rtp, 0, 100, EGRESS_SIDE_BYTES - 4, 8 << 16],
    ['prefix beyond side', rtp, 0, 100, EGRESS_SIDE_BYTES - 4, (4 << 16) | 1],
    ['side offset', rtp, 0, 100, 0xffffffff, 0],
    ['huge header', rtp, 0, 100, 0, 0xffff0000],
    ['huge prefix', rtp, 0, 100, 0, 0xffff],
    ['rtcp beyond side', rtcp, 0, 0, EGRESS_SIDE_BYTES - 4, 8],
    ['rtcp too short', rtcp, 0, 0, 0, 7],
    ['rtcp too long', rtcp, 0, 0, 0, 0xffffffff],
    ['datagram empty', datagram, 0, 0, 0, 0],
    ['datagram too long', datagram, 0, 0, 0, 5000],
    ['addressed beyond side', addressedDatagram, 0, 0, EGRESS_SIDE_BYTES, 1],
    ['kind 0', 0, 0, 0, 0, 8],
    ['kind 5', 5, 0, 0, 0, 8],
    ['patch at the end of the block', rtp | (7 << 8), 0, 100, 0, 8 << 16],
    ['patch without a block', rtp | (1 << 8), 0, 100, 0, 0],
    ['second patch behind the block', rtp | (255 << 16), 0, 100, 0, 8 << 16],
    ['unused bits of the kind', rtp | (1 << 25), 0, 100, 0, 8 << 16],
    ['patched RTCP', rtcp | (4 << 8), 0, 0, 0, 8],
  ])('%s', async (_name, kind, slot, payload, sideOffset, sideSize) => {
    const to = peer();
    lab.rtp(to.handle, 0, seededBytes('good', 50), 1);
    const at = lab.engine.plan.count++ * 16;
    lab.engine.plan.words.set([kind, to.handle, slot, 0, payload, 0x80600000, 0, 1, 0, sideOffset, sideSize], at);
    expect(() => lab.engine.flush()).toThrow(expect.objectContaining({ code: 'ENGINE_PLAN' }));
    // The engine is as usable as before, and the good record of the bad plan is gone.
    lab.rtp(to.handle, 0, seededBytes('good', 50), 2);
    expect(lab.engine.flush()).toBe(1);
    expect((await to.sink.take(1))[0]?.bytes.readUInt16BE(2)).toBe(2);
  });

  test('more records than the plan has', () => {
    lab.engine.plan.count = EGRESS_CAPACITY + 1;
    expect(() => lab.engine.flush()).toThrow(expect.objectContaining({ code: 'ENGINE_PLAN' }));
  });
});

test('handles are dense and come back only after a flush', () => {
  const { engine } = lab;
  const handles = [engine.openTransport(), engine.openTransport(), engine.openTransport()];
  expect(handles).toEqual([1, 2, 3]);
  engine.closeTransport(2);
  engine.closeTransport(2);
  expect(engine.openTransport()).toBe(4);
  lab.send(Uint8Array.of(1), lab.address());
  expect([engine.openTransport(), engine.openTransport()]).toEqual([2, 5]);
});
