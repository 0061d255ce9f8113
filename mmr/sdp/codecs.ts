/** Which of the offered codecs we take: those whose key frames we can tell and whose streams need no other line. */
import type { MediaDescription } from 'sdp-transform';
import { parseParams } from 'sdp-transform';
import type { MediaKind, NegotiatedCodec } from '../media/negotiated.ts';

/** A codec that we take, with what the answer says about it. */
export interface AcceptedCodec {
  readonly codec: NegotiatedCodec;
  /** Channels of the rtpmap line; only audio names them. */
  readonly channels: number | undefined;
  /** The offered parameters, which the answer repeats; undefined when there were none. */
  readonly parameters: string | undefined;
  /** Offered RTCP feedback: "nack", "nack pli", … */
  readonly feedback: ReadonlySet<string>;
}

/** More payload types than this of one m-line are ignored; the 7-bit field has room for fewer. */
const MAX_PAYLOAD_TYPES = 128;

/** The codecs of one m-line that we take, in the order of the offer. */
export function acceptCodecs(kind: MediaKind, description: MediaDescription): AcceptedCodec[] {
  const accepted: AcceptedCodec[] = [];
  const seen = new Set<number>();
  const order = String(description.payloads ?? '').split(' ', MAX_PAYLOAD_TYPES);
  for (const payloadType of order.map(Number)) {
    // RFC 5761 section 4: 64–95 would collide with RTCP on the same port.
    const usable = Number.isInteger(payloadType) && payloadType >= 0 && payloadType < 128;
    if (!usable || (payloadType >= 64 && payloadType < 96) || seen.has(payloadType)) continue;
    seen.add(payloadType);
    const codec = acceptCodec(kind, description, payloadType);
    if (codec !== undefined) accepted.push(codec);
  }
  return accepted;
}

function acceptCodec(kind: MediaKind, description: MediaDescription, payloadType: number): AcceptedCodec | undefined {
  const map = description.rtp.find((line) => line.payload === payloadType);
  if (map === undefined) return undefined;
  const config = description.fmtp.find((line) => line.payload === payloadType)?.config;
  const parameters = config === undefined ? undefined : String(config);
  if (parameters !== undefined && !/^[\x20-\x7e]*$/.test(parameters)) return undefined;
  const identity = identify(kind, String(map.codec).toLowerCase(), map.rate, map.encoding, parameters ?? '');
  if (identity === undefined) return undefined;
  const feedback = new Set<string>();
  for (const line of description.rtcpFb ?? []) {
    if (line.payload === payloadType || line.payload === '*') {
      feedback.add(line.subtype === undefined ? line.type : `${line.type} ${line.subtype}`);
    }
  }
  return {
    codec: { ...identity, payloadType },
    channels: kind === 'audio' ? map.encoding : undefined,
    parameters,
    feedback,
  };
}

function identify(
  kind: MediaKind,
  name: string,
  clockRateHz: number | undefined,
  channels: number | undefined,
  config: string,
): Omit<NegotiatedCodec, 'payloadType'> | undefined {
  if (kind === 'audio') {
    // RFC 7587 section 7: always opus/48000/2, whatever the stream holds.
    const opus = name === 'opus' && clockRateHz === 48_000 && channels === 2;
    return opus ? { name: 'opus', clockRateHz, key: 'opus' } : undefined;
  }
  if (clockRateHz !== 90_000) return undefined;
  const parameters = new Map(Object.entries(parseParams(config)).map(([key, value]) => [key.trim(), String(value)]));
  switch (name) {
    case 'vp8':
      return { name: 'VP8', clockRateHz, key: 'VP8' };
    case 'vp9':
      // Profile 0: 8 bit 4:2:0, all that browsers send unasked; default by RFC 9628 section 6.
      return (parameters.get('profile-id') ?? '0') === '0' ? { name: 'VP9', clockRateHz, key: 'VP9/0' } : undefined;
    case 'av1':
      // AV1 RTP specification section 7.2.1: profile 0 (main) by default.
      return (parameters.get('profile') ?? '0') === '0' ? { name: 'AV1', clockRateHz, key: 'AV1/0' } : undefined;
    case 'h264':
      return identifyH264(parameters, clockRateHz);
    default:
      return undefined;
  }
}

/**
 * RFC 6184 section 8.1. Baseline and constrained baseline only, which every browser decodes. The level is no part of
 * the key: with level-asymmetry-allowed each side names its own, and decoders take what comes.
 */
function identifyH264(
  parameters: ReadonlyMap<string, string>,
  clockRateHz: number,
): Omit<NegotiatedCodec, 'payloadType'> | undefined {
  // Default 420010: baseline, level 1.
  const profileLevelId = parameters.get('profile-level-id') ?? '420010';
  const mode = parameters.get('packetization-mode') ?? '0';
  if (!/^42[0-9a-f]{4}$/i.test(profileLevelId) || (mode !== '0' && mode !== '1')) return undefined;
  // constraint_set1_flag says that a baseline stream obeys the constrained profile as well.
  const constrained = (Number.parseInt(profileLevelId.slice(2, 4), 16) & 0x40) !== 0;
  return { name: 'H264', clockRateHz, key: `H264/${constrained ? '42e0' : '4200'}/${mode}` };
}
