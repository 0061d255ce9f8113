import { describe, expect, test } from 'vitest';
import type { RtcpWriter } from '../rtp/rtcp/rtcp-writer.ts';
import { compound, parsed, pass, session } from './rtcp-test-lab.ts';
import { FakeEgressStream, Lab } from './transport-test-lab.ts';

describe('requests of the receiver go to the slot', () => {
  test.each<[string, (writer: RtcpWriter) => void, string[]]>([
    ['NACK', (writer) => writer.nack(1, 0x2001, 77, 5), ['nack 77 5']],
    ['PLI', (writer) => writer.pictureLossIndication(1, 0x2001), ['keyframe']],
    ['FIR', (writer) => writer.fullIntraRequest(1, 0x2001, 0), ['keyframe']],
  ])('%s', (_, write, calls) => {
    const { lab, slot } = session();
    expect(lab.rtcp(compound(write))).toBe(true);
    expect(slot.calls).toEqual(calls);
  });

  test('a FIR repeated under the same number counts once (RFC 5104 section 4.3.1.2)', () => {
    const { lab, slot } = session();
    for (const number of [4, 4, 4, 5, 255, 0, 0]) {
      lab.rtcp(compound((writer) => writer.fullIntraRequest(1, 0x2001, number)));
    }
    expect(slot.calls).toHaveLength(4);
    expect(lab.transport.rtcp.repeatedFirs).toBe(3);
  });

  test('REMB is kept, capped', () => {
    const { lab } = session();
    expect(lab.transport.rembBps).toBeUndefined();
    lab.rtcp(remb(0, 250_000));
    expect(lab.transport.rembBps).toBe(250_000);
    lab.rtcp(remb(63, 0x3ffff));
    expect(lab.transport.rembBps).toBe(1e9);
  });
});

/** REMB (draft-alvestrand-rmcat-remb-03 section 2.2) about SSRC 0x2001. */
function remb(exponent: number, mantissa: number): Uint8Array {
  const head = [0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4d, 0x42, 1];
  const rate = (exponent << 18) | mantissa;
  return Uint8Array.from([...head, rate >>> 16, (rate >>> 8) & 255, rate & 255, 0, 0, 0x20, 1]);
}

describe('forged', () => {
  test('SR, reports, BYE, NACK, PLI and FIR about SSRCs of others are ignored and counted', () => {
    const { lab, camera, slot } = session();
    const victim = session();
    camera.receive(lab.nowUs, 1, 0, 100);
    // Reading by SSRC 0x2001 would hit our own; the others are another participant's, or of the wrong direction.
    const foreign = compound((writer) => {
      writer.senderReport(0x9999, 1, 1, 1, 1, 1);
      writer.addReportBlock(0x9999, 255, 1, 1, 1, 1, 1);
      writer.addReportBlock(0x1001, 255, 1, 1, 1, 1, 1);
      writer.bye(0x9999);
      writer.bye(0x2001);
      writer.nack(1, 0x1001, 1, 1);
      writer.pictureLossIndication(1, 0x9999);
      writer.fullIntraRequest(1, 0x1001, 1);
    });
    expect(lab.rtcp(foreign)).toBe(true);
    expect(lab.transport.rtcp.foreign).toBe(8);
    expect(slot.calls).toEqual([]);
    expect(camera.ended).toBe(false);
    expect(camera.lastSenderReport).toBe(0);
    expect(lab.transport.roundTripMs).toBeUndefined();
    expect(victim.slot.calls).toEqual([]);
    expect(victim.camera.ended).toBe(false);
  });

  test('malformed compound: no part of it has effect', () => {
    const { lab, slot } = session();
    const good = compound((writer) => {
      writer.pictureLossIndication(1, 0x2001);
      writer.nack(1, 0x2001, 1, 1);
    });
    for (let size = good.length - 1; size > 12; size--) expect(lab.rtcp(good.slice(0, size))).toBe(false);
    const lying = good.slice();
    lying[15] = 200;
    expect(lab.rtcp(lying)).toBe(false);
    expect(slot.calls).toEqual([]);
  });

  test('before the keys are there, and after the end, nothing is read', () => {
    const lab = new Lab();
    const slot = new FakeEgressStream(0x2001);
    lab.transport.addEgressStream(slot);
    const pli = compound((writer) => writer.pictureLossIndication(1, 0x2001));
    expect(lab.rtcp(pli)).toBe(false);
    lab.connect().transport.close(undefined);
    expect(lab.rtcp(pli)).toBe(false);
    expect(slot.calls).toEqual([]);
  });

  test('transport-wide feedback with a count bomb is skipped in no time', () => {
    const { lab } = session();
    const bomb = Uint8Array.from([
      0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0x20, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0x3f, 0xff, 0x3f, 0xff,
    ]);
    for (let i = 0; i < 10_000; i++) expect(lab.rtcp(bomb)).toBe(true);
    expect(lab.sent()).toEqual([]);
  });
});

test('BYE: no more blocks about the stream until it sends again', () => {
  const { lab, camera } = session();
  camera.receive(lab.nowUs, 1, 0, 100);
  lab.rtcp(compound((writer) => writer.bye(0x1001)));
  expect(parsed(pass(lab, 1000)[0] as Uint8Array)[0]).toMatchObject({ reports: [] });
  camera.receive(lab.nowUs, 2, 0, 100);
  expect(parsed(pass(lab, 1000)[0] as Uint8Array)[0]).toMatchObject({ reports: [{ ssrc: 0x1001 }] });
});
