/** RTCP of a transport under test: written by our writer, read by an independent implementation. */
import { RtcpPacketConverter } from 'werift-rtp';
import type { NegotiatedTransport } from '../negotiated.ts';
import { RtcpWriter } from '../rtp/rtcp/rtcp-writer.ts';
import { CAMERA, FakeEgressStream, HOME, Lab, NEGOTIATED } from './transport-test-lab.ts';

/**
 * Reads with an independent implementation. It gives SDES all bytes up to the end of the datagram, so the packets
 * are handed to it one by one.
 */
export function parsed(bytes: Uint8Array) {
  const packets = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 4 * (1 + (bytes[at + 2] as number) * 256 + (bytes[at + 3] as number));
    packets.push(...RtcpPacketConverter.deSerialize(Buffer.from(bytes.slice(at, at + size))));
    at += size;
  }
  return packets;
}

export function compound(write: (writer: RtcpWriter) => void): Uint8Array {
  const bytes = new Uint8Array(4096);
  const writer = new RtcpWriter();
  writer.begin(bytes, 0);
  write(writer);
  return bytes.slice(0, writer.end());
}

/** A connected participant who publishes a camera and receives one slot. */
export function session(options: Partial<NegotiatedTransport> = {}) {
  const lab = new Lab({ ...NEGOTIATED, ...options }).connect();
  const camera = lab.publish(CAMERA);
  const slot = new FakeEgressStream(0x2001);
  lab.transport.addEgressStream(slot);
  return { lab, camera, slot };
}

/** Lets time pass with checks going on, so that consent holds; returns the RTCP sent. */
export function pass(lab: Lab, ms: number): Uint8Array[] {
  const sent: Uint8Array[] = [];
  for (let left = ms; left > 0; left -= 5000) {
    lab.advance(Math.min(left, 5000));
    sent.push(...lab.sentRtcp());
    lab.check(HOME, { useCandidate: true });
    lab.out.clear();
  }
  return sent;
}
