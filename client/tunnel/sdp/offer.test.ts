/** The offer is taken by the router's own negotiation, and its answer is read. */
import { expect, test } from 'vitest';
import { LOCAL, negotiated } from '../../../mmr/sdp/test-negotiation.ts';
import type { SourceKind } from '../../../proto/signalling.ts';
import { TUNNEL_PADDING_TYPES } from '../../../proto/tunnel.ts';
import { readAnswer } from './answer.ts';
import { ExtensionId, type OfferedLine, OPUS, VIDEO_CODECS, writeOffer } from './offer.ts';

const LEG = {
  ufrag: 'abcd',
  pwd: 'abcdefghijklmnopqrstuvwx',
  fingerprint: `sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
};
const ALL = Object.values(VIDEO_CODECS);
const LINES: OfferedLine[] = [
  { mid: '0', kind: 'audio', direction: 'sendonly', codecs: [OPUS], ssrc: 11 },
  { mid: '1', kind: 'video', direction: 'sendonly', codecs: [VIDEO_CODECS.VP8], rids: ['l', 'm', 'h'] },
  { mid: '2', kind: 'video', direction: 'sendonly', codecs: [VIDEO_CODECS.VP8], ssrc: 13 },
  { mid: '3', kind: 'audio', direction: 'recvonly', codecs: [OPUS] },
  { mid: '4', kind: 'video', direction: 'recvonly', codecs: ALL },
];
const SOURCES: Record<string, SourceKind> = { '0': 'microphone', '1': 'camera', '2': 'screen' };
const negotiatedLines = (audioOnly = false) =>
  negotiated(writeOffer(LINES, LEG, '7', 'me'), SOURCES, { ...LOCAL, audioOnly });

test('the router takes all of it: sources, encodings, slots, feedback', () => {
  const { media, transport } = negotiatedLines();
  expect(transport).toMatchObject({ remoteUfrag: 'abcd', reducedSizeRtcp: true, transportFeedback: true });
  expect(media.sources.map(({ kind, ssrc, rids, rtxSsrc }) => ({ kind, ssrc, rids, rtxSsrc }))).toEqual([
    { kind: 'microphone', ssrc: 11, rids: [], rtxSsrc: undefined },
    { kind: 'camera', ssrc: undefined, rids: ['l', 'm', 'h'], rtxSsrc: undefined },
    { kind: 'screen', ssrc: 13, rids: [], rtxSsrc: undefined },
  ]);
  expect(
    media.slots.map(({ kind, nack, transportNumbers, rtxSsrc }) => ({ kind, nack, transportNumbers, rtxSsrc })),
  ).toEqual([
    { kind: 'audio', nack: false, transportNumbers: true, rtxSsrc: undefined },
    // For padding.
    { kind: 'video', nack: false, transportNumbers: true, rtxSsrc: expect.any(Number) },
  ]);
  expect(media.slots[1]?.codecs.map(({ key }) => key)).toEqual(['VP8', 'VP9/0', 'AV1/0']);
  expect(media.extensions).toMatchObject({
    mid: ExtensionId.mid,
    rid: ExtensionId.rid,
    audioLevel: ExtensionId.audioLevel,
    transportSequenceNumber: ExtensionId.transportNumber,
  });
});

test('its answer tells where the router is, and which stream comes in which slot', () => {
  const { transport, candidates, lines } = readAnswer(negotiatedLines().answer);
  expect(transport).toEqual({
    ufrag: LOCAL.ufrag,
    pwd: LOCAL.password,
    fingerprint: expect.stringMatching(/^sha-256 00:01:02:/),
  });
  expect(candidates).toEqual(LOCAL.candidates);
  expect(lines.map(({ mid, isTaken, ssrc, rids }) => ({ mid, isTaken, ssrc, rids }))).toEqual([
    { mid: '0', isTaken: true, ssrc: undefined, rids: [] },
    { mid: '1', isTaken: true, ssrc: undefined, rids: ['l', 'm', 'h'] },
    { mid: '2', isTaken: true, ssrc: undefined, rids: [] },
    { mid: '3', isTaken: true, ssrc: 7003, rids: [] },
    { mid: '4', isTaken: true, ssrc: 7004, rids: [] },
  ]);
  expect(lines[4]?.payloadTypes).toEqual([...ALL.map(({ payloadType }) => payloadType), ...TUNNEL_PADDING_TYPES]);
  expect([...(lines[0]?.extensions ?? [])].sort()).toEqual([
    ExtensionId.audioLevel,
    ExtensionId.transportNumber,
    ExtensionId.mid,
  ]);
});

test('pictures that the router refuses are seen to be refused', () => {
  const { lines } = readAnswer(negotiatedLines(true).answer);
  expect(lines.map(({ isTaken }) => isTaken)).toEqual([true, false, false, true, false]);
});

test('what is no answer is refused', () => {
  expect(() => readAnswer('v=0\r\n')).toThrow('ice-ufrag');
});
