import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DropReason } from '../media/drop-reason.ts';
import { EngineLab, keyPair, type Received, rtpPacket, seededBytes } from './engine-lab.ts';
import { SRTP_PROFILES, type SrtpProfile } from './srtp-keys.ts';
import { ReferenceSrtp } from './srtp-test-reference.ts';

let receiver: EngineLab;
let sender: EngineLab;
let handle: number;

beforeEach(() => {
  receiver = new EngineLab();
  sender = new EngineLab();
  handle = receiver.engine.openTransport();
  receiver.engine.addRemote(handle, sender.address());
});
afterEach(() => {
  receiver.engine.close();
  sender.engine.close();
});

/** Gives the receiver keys and returns what its peer protects with. */
function secure(profile: SrtpProfile, maxStreams?: number): ReferenceSrtp {
  const { ours } = keyPair(profile);
  receiver.engine.setSrtpKeys(handle, ours, maxStreams);
  return new ReferenceSrtp(profile, ours.ingressKey, ours.ingressSalt);
}

async function deliver(...packets: Uint8Array[]): Promise<Received[]> {
  for (const packet of packets) sender.send(packet, receiver.address());
  return await receiver.take(packets.length);
}

async function drops(...packets: Uint8Array[]): Promise<number[]> {
  return (await deliver(...packets)).map((received) => received.drop);
}

const PAYLOAD = seededBytes('payload', 100);

describe.each(SRTP_PROFILES)('%s', (profile) => {
  test('what the reference protects arrives in the clear, whatever the header and size', async () => {
    const peer = secure(profile);
    const extended = rtpPacket(4, PAYLOAD);
    // Two CSRCs, an extension of three words.
    const header = Buffer.from(
      '92e000040000bb8000001234 0000000100000002 bede0003 10aa2011 00000000 00000000'.replaceAll(' ', ''),
      'hex',
    );
    const packets = [
      rtpPacket(1, PAYLOAD),
      rtpPacket(2, new Uint8Array(0)),
      rtpPacket(3, seededBytes('big', 1400)),
      Buffer.concat([header, extended.subarray(12)]),
      rtpPacket(5, seededBytes('one', 1)),
    ];
    // Second byte 0x60 or 0xe0: payload type 96, the latter with the marker; both are RTP.
    const received = await deliver(...packets.map((packet) => peer.protectRtp(packet, 0)));
    expect(received.map(({ drop }) => drop)).toEqual([0, 0, 0, 0, 0]);
    for (const [i, packet] of packets.entries()) expect(received[i]?.bytes.equals(packet)).toBe(true);
    expect(received[0]?.transport).toBe(handle);
  });

  test('RTCP round trip, replay of it, and an index that goes back within the window', async () => {
    const peer = secure(profile);
    const compound = Buffer.alloc(32);
    compound.set([0x81, 201, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2]); // a receiver report with one block
    const first = peer.protectRtcp(compound, 5);
    const received = await deliver(first, first, peer.protectRtcp(compound, 4), peer.protectRtcp(compound, 0x7fffffff));
    expect(received.map(({ drop }) => drop)).toEqual([0, DropReason.srtpReplay, 0, 0]);
    expect(received[0]?.bytes.equals(compound)).toBe(true);
    expect(await drops(peer.protectRtcp(compound, 6))).toEqual([DropReason.srtpReplay]);
  });

  test('tampered packets are dropped and leave the stream as it was', async () => {
    const peer = secure(profile);
    expect(await drops(peer.protectRtp(rtpPacket(10, PAYLOAD), 0))).toEqual([0]);
    const sealed = peer.protectRtp(rtpPacket(11, PAYLOAD), 0);
    // Every bit of the first 20 and the last 16 bytes, but the version: that would not be RTP any more.
    const tampered: Buffer[] = [];
    for (let bit = 2; bit < sealed.length * 8; bit++) {
      if (bit > 160 && bit < (sealed.length - 16) * 8) continue;
      const copy = Buffer.from(sealed);
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (0x80 >> (bit & 7));
      tampered.push(copy);
    }
    for (let at = 0; at < tampered.length; at += 50) {
      for (const drop of await drops(...tampered.slice(at, at + 50))) expect(drop).not.toBe(0);
    }
    expect(await drops(sealed)).toEqual([0]);
  });

  test('truncated at every length', async () => {
    const peer = secure(profile);
    const sealed = peer.protectRtp(rtpPacket(20, seededBytes('short', 20)), 0);
    const control = peer.protectRtcp(Buffer.from('80c9000100000001', 'hex'), 1);
    for (let size = 1; size < sealed.length; size++) expect(await drops(sealed.subarray(0, size))).not.toEqual([0]);
    for (let size = 2; size < control.length; size++) expect(await drops(control.subarray(0, size))).not.toEqual([0]);
    expect(await drops(sealed, control)).toEqual([0, 0]);
  });
});

describe('roll-over counter and replay window (RFC 3711 section 3.3)', () => {
  const profile = 'AEAD_AES_128_GCM';

  test('the counter follows the sequence number through wrap-around, in and out of order', async () => {
    const peer = secure(profile);
    const order: [sequence: number, counter: number][] = [
      [65533, 0],
      [65535, 0],
      [1, 1],
      [65534, 0],
      [0, 1],
      [40000, 1],
      [65535, 1],
      [2, 2],
    ];
    // 40000 ahead of 1 is more than half the range: the guess would be a step back. A nearer one leads there.
    order.splice(5, 0, [20000, 1]);
    const received = await deliver(
      ...order.map(([sequence, counter]) => peer.protectRtp(rtpPacket(sequence, PAYLOAD), counter)),
    );
    expect(received.map(({ drop, rolloverCounter }) => [drop, rolloverCounter])).toEqual(
      order.map(([, counter]) => [0, counter]),
    );
  });

  test('an index is taken once; older than the window, or before the first period, never', async () => {
    const peer = secure(profile);
    const sealed = (sequence: number, counter = 0) => peer.protectRtp(rtpPacket(sequence, PAYLOAD), counter);
    expect(await drops(sealed(2000), sealed(2000), sealed(977), sealed(976), sealed(977))).toEqual([
      0,
      DropReason.srtpReplay,
      0,
      DropReason.srtpReplay,
      DropReason.srtpReplay,
    ]);
    // 1024 ahead clears the whole window; 65000 is 'before 0'.
    expect(await drops(sealed(3024), sealed(2001), sealed(2000), sealed(65000))).toEqual([
      0,
      0,
      DropReason.srtpReplay,
      DropReason.srtpReplay,
    ]);
  });

  test('a step of half the range goes where RFC 3711 appendix A says', async () => {
    const peer = secure(profile);
    const order: [sequence: number, counter: number][] = [
      [100, 0],
      [100 + 0x8000, 0], // just as far back as ahead: stays in the period
      [99, 1], // a step more than half back: the next period
    ];
    const received = await deliver(
      ...order.map(([sequence, counter]) => peer.protectRtp(rtpPacket(sequence, PAYLOAD), counter)),
    );
    expect(received.map(({ drop, rolloverCounter }) => [drop, rolloverCounter])).toEqual(
      order.map(([, counter]) => [0, counter]),
    );
  });

  test('a bad tag far ahead does not move the window', async () => {
    const peer = secure(profile);
    const forged = peer.protectRtp(rtpPacket(30000, PAYLOAD), 0);
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1;
    expect(await drops(peer.protectRtp(rtpPacket(1, PAYLOAD), 0), forged)).toEqual([0, DropReason.srtpAuthentication]);
    expect(await drops(peer.protectRtp(rtpPacket(2, PAYLOAD), 0))).toEqual([0]);
  });

  test('streams are apart, and capped at 64', async () => {
    const peer = secure(profile);
    const sealed = (ssrc: number, sequence = 1) => peer.protectRtp(rtpPacket(sequence, PAYLOAD, ssrc), 0);
    const ssrcs = Array.from({ length: 66 }, (_, i) => 0x8000 + i);
    const forged = sealed(1);
    forged[20] = (forged[20] as number) ^ 1;
    expect(await drops(forged)).toEqual([DropReason.srtpAuthentication]);
    const expected = ssrcs.map((_, i) => (i < 64 ? 0 : DropReason.srtpStreamCap));
    expect(await drops(...ssrcs.map((ssrc) => sealed(ssrc)))).toEqual(expected);
    expect(await drops(sealed(0x8000, 2), sealed(0x803f, 2), sealed(0x8040, 2))).toEqual([
      0,
      0,
      DropReason.srtpStreamCap,
    ]);
  });

  test('a trunk may have thousands of streams; one that is forgotten makes room, and begins anew', async () => {
    const peer = secure(profile, 300);
    const sealed = (ssrc: number, sequence: number) => peer.protectRtp(rtpPacket(sequence, PAYLOAD, ssrc), 0);
    const ssrcs = Array.from({ length: 301 }, (_, i) => 0x8000 + 7 * i);
    const first = await drops(...ssrcs.slice(0, 200).map((ssrc) => sealed(ssrc, 1)));
    const second = await drops(...ssrcs.slice(200).map((ssrc) => sealed(ssrc, 1)));
    expect([...first, ...second]).toEqual(ssrcs.map((_, i) => (i < 300 ? 0 : DropReason.srtpStreamCap)));
    // Every other stream goes, from either end; those that stay still know what they have seen.
    const gone = ssrcs.slice(0, 300).filter((_, i) => i % 2 === 0);
    const kept = ssrcs.slice(0, 300).filter((_, i) => i % 2 === 1);
    for (const ssrc of gone.toReversed()) receiver.engine.forgetStream(handle, ssrc);
    receiver.engine.forgetStream(handle, 0xdead);
    expect(await drops(...kept.map((ssrc) => sealed(ssrc, 1)))).toEqual(kept.map(() => DropReason.srtpReplay));
    expect(await drops(...kept.map((ssrc) => sealed(ssrc, 2)))).toEqual(kept.map(() => 0));
    expect(await drops(...gone.map((ssrc) => sealed(ssrc, 1)))).toEqual(gone.map(() => 0));
    expect(await drops(sealed(ssrcs[300] as number, 1))).toEqual([DropReason.srtpStreamCap]);
    for (const ssrc of [...gone, ...kept]) receiver.engine.forgetStream(handle, ssrc);
    expect(await drops(sealed(ssrcs[300] as number, 1), sealed(gone[0] as number, 1))).toEqual([0, 0]);
  });

  test('new keys start anew; without keys, or without an owner of the address, nothing is decrypted', async () => {
    const before = new ReferenceSrtp(profile, new Uint8Array(16), new Uint8Array(12));
    expect(await drops(before.protectRtp(rtpPacket(1, PAYLOAD), 0))).toEqual([DropReason.srtpNoKeys]);
    const peer = secure(profile);
    expect(await drops(peer.protectRtp(rtpPacket(1, PAYLOAD), 0))).toEqual([0]);
    secure(profile);
    expect(await drops(peer.protectRtp(rtpPacket(1, PAYLOAD), 0))).toEqual([0]);
    receiver.engine.removeRemote(sender.address());
    const [stranger] = await deliver(peer.protectRtp(rtpPacket(2, PAYLOAD), 0));
    expect([stranger?.transport, stranger?.drop]).toEqual([0, DropReason.srtpNoKeys]);
  });

  test('a second unprotect of the same batch does nothing', async () => {
    const peer = secure(profile);
    receiver.afterBatch = () => receiver.engine.unprotect(256);
    expect(await drops(peer.protectRtp(rtpPacket(1, PAYLOAD), 0), peer.protectRtp(rtpPacket(2, PAYLOAD), 0))).toEqual([
      0, 0,
    ]);
  });
});

test('keys that do not fit their profile are refused', () => {
  const { ours } = keyPair('AEAD_AES_128_GCM');
  for (const wrong of [
    { ...ours, ingressKey: new Uint8Array(15) },
    { ...ours, egressSalt: new Uint8Array(14) },
    { ...ours, profile: 'AEAD_AES_256_GCM' as const },
    { ...ours, profile: 'NULL' as SrtpProfile },
  ]) {
    expect(() => receiver.engine.setSrtpKeys(handle, wrong)).toThrow(
      expect.objectContaining({ code: 'ENGINE_ARGUMENT' }),
    );
  }
});
