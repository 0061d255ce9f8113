/** Offers: `negotiate`, whose answer and tables must agree with each other whatever the text was. */
import type { SourceKind } from '../../../mmr/media/negotiated.ts';
import { negotiate } from '../../../mmr/sdp/negotiate.ts';
import { SdpError } from '../../../mmr/sdp/sdp-error.ts';
import { type FuzzTarget, hold, isUint } from '../fuzz-target.ts';
import { mutateLines } from '../mutate-lines.ts';

export const sdpTarget: FuzzTarget = {
  name: 'sdp',
  runs: 500,
  maxSize: 300 * 1024,
  readsPerByte: undefined,
  vary: mutateLines,
  run(bytes, offset, size) {
    const offer = new TextDecoder().decode(bytes.subarray(offset, offset + size));
    const result = negotiate(offer, sourcesOf(offer), {
      ufrag: 'ufragRouter',
      password: 'passwordOfTheRouter012',
      fingerprintSha256: new Uint8Array(32).fill(0xab),
      candidates: [{ address: '192.0.2.1', port: 8801 }],
      cname: 'cname',
      origin: { sessionId: '1', version: 1 },
      ssrcFor: (mid, stream) => ssrcOf(`${mid} ${stream}`),
      muted: ['screen'],
    });
    if (result instanceof SdpError) {
      hold(result.message.length < 300, 'a refusal repeats nothing long');
      return result.code;
    }
    const { answer, media, transport, mids } = result;
    hold(answer.startsWith('v=0\r\n') && answer.endsWith('\r\n'), 'the answer is SDP');
    hold(!/[^\r]\n|\r[^\n]/.test(answer), 'no line of the answer was broken by the offer');
    hold(answer.length <= 4096 + 8 * offer.length, 'the answer grows with the offer only');
    hold((answer.match(/^m=/gm) ?? []).length === mids.length, 'one m-line for each of the offer');
    hold(new Set(mids).size === mids.length, 'mids are unique');
    for (const { mid, codecs } of [...media.sources, ...media.slots]) {
      hold(mids.includes(mid), 'mid is in the offer');
      for (const { payloadType, rtxPayloadType, redPayloadType, clockRateHz } of codecs) {
        for (const used of [payloadType, rtxPayloadType ?? 0, redPayloadType ?? 0])
          hold(isUint(used, 7), 'payload type');
        hold(clockRateHz === 48_000 || clockRateHz === 90_000, 'clock rate');
      }
    }
    for (const id of Object.values(media.extensions)) hold(isUint(id, 8), 'extension id');
    for (const { ssrc, rtxSsrc, rids } of media.sources) {
      for (const used of [ssrc, rtxSsrc]) hold(used === undefined || isUint(used, 32), 'SSRC');
      hold(rids.length <= 4 && rids.every((rid) => /^\w{1,16}$/.test(rid)), 'rids');
      hold(new Set(rids).size === rids.length, 'rids are unique');
      hold(rids.length === 0 || (media.extensions.rid > 0 && ssrc === undefined), 'encodings are told apart by rid');
    }
    for (const { nack, rtxSsrc, transportNumbers, codecs } of media.slots) {
      hold(transportNumbers !== true || rtxSsrc !== undefined || !nack, 'a number is sent once');
      const isWhole = codecs.every(({ rtxPayloadType }) => (rtxPayloadType === undefined) === (rtxSsrc === undefined));
      hold(isWhole, 'RTX is for all codecs of a slot or none');
    }
    hold(transport.remoteFingerprints.length > 0, 'no session without a fingerprint');
    return [answer, transport, media];
  },
};

/** What a client would say of its own offer: the send-only m-lines are microphone, camera and screen. */
function sourcesOf(offer: string): Record<string, SourceKind> {
  const kinds: Record<string, SourceKind[]> = { audio: ['microphone'], video: ['camera', 'screen'] };
  const sources: Record<string, SourceKind> = Object.create(null);
  for (const section of offer.split(/^m=/m).slice(1)) {
    const mid = /^a=mid:(\S{1,64})/m.exec(section)?.[1];
    const kind = /^a=sendonly/m.test(section) ? kinds[section.slice(0, 5)]?.shift() : undefined;
    if (mid !== undefined && kind !== undefined) sources[mid] = kind;
  }
  return sources;
}

function ssrcOf(mid: string): number {
  let ssrc = 1;
  for (let i = 0; i < mid.length; i++) ssrc = (Math.imul(ssrc, 31) + mid.charCodeAt(i)) >>> 0;
  return ssrc;
}
