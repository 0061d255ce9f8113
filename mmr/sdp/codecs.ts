/** Which of the offered codecs we take: those whose key frames we can tell, with the RTX and RED that belong to them. */
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

/** What an m-line says about one payload type. */
interface PayloadFormat {
  readonly payloadType: number;
  /** Lower case. */
  readonly name: string;
  readonly clockRateHz: number | undefined;
  readonly channels: number | undefined;
  readonly parameters: string | undefined;
}

/** More payload types than this of one m-line are ignored; the 7-bit field has room for fewer. */
const MAX_PAYLOAD_TYPES = 128;

/** The codecs of one m-line that we take, in the order of the offer. */
export function acceptCodecs(kind: MediaKind, description: MediaDescription): AcceptedCodec[] {
  const formats = readFormats(description);
  return formats.flatMap((format) => {
    const codec = identify(kind, format);
    if (codec === undefined) return [];
    const rtxPayloadType = formats.find((other) => repairs(other, format))?.payloadType;
    const redPayloadType = kind === 'audio' ? formats.find((other) => wraps(other, format))?.payloadType : undefined;
    return {
      codec: { ...codec, rtxPayloadType, redPayloadType },
      channels: kind === 'audio' ? format.channels : undefined,
      parameters: format.parameters,
      feedback: readFeedback(description, format.payloadType),
    };
  });
}

/** The same codecs, repeated under their own numbers only. */
export function withoutRtx(codecs: readonly AcceptedCodec[]): AcceptedCodec[] {
  return codecs.map((accepted) => ({ ...accepted, codec: { ...accepted.codec, rtxPayloadType: undefined } }));
}

function readFormats(description: MediaDescription): PayloadFormat[] {
  const formats: PayloadFormat[] = [];
  const seen = new Set<number>();
  const order = String(description.payloads ?? '').split(' ', MAX_PAYLOAD_TYPES);
  for (const payloadType of order.map(Number)) {
    // RFC 5761 section 4: 64–95 would collide with RTCP on the same port.
    const usable = Number.isInteger(payloadType) && payloadType >= 0 && payloadType < 128;
    if (!usable || (payloadType >= 64 && payloadType < 96) || seen.has(payloadType)) continue;
    seen.add(payloadType);
    const map = description.rtp.find((line) => line.payload === payloadType);
    const config = description.fmtp.find((line) => line.payload === payloadType)?.config;
    const parameters = config === undefined ? undefined : String(config);
    // What comes back in the answer is printable.
    if (map === undefined || (parameters !== undefined && !/^[\x20-\x7e]*$/.test(parameters))) continue;
    const name = String(map.codec).toLowerCase();
    formats.push({ payloadType, name, clockRateHz: map.rate, channels: map.encoding, parameters });
  }
  return formats;
}

/** Whether `rtx` carries what is sent again of `format` (RFC 4588 section 8.6). */
function repairs(rtx: PayloadFormat, format: PayloadFormat): boolean {
  if (rtx.name !== 'rtx' || rtx.clockRateHz !== format.clockRateHz) return false;
  return readParameters(rtx.parameters).get('apt') === String(format.payloadType);
}

/** Whether all blocks of `red` are of `format` (RFC 2198 section 5: payload types of the blocks, primary first). */
function wraps(red: PayloadFormat, format: PayloadFormat): boolean {
  if (red.name !== 'red' || red.clockRateHz !== format.clockRateHz || red.channels !== format.channels) return false;
  const blocks = (red.parameters ?? '').split('/');
  return blocks.every((block) => block === String(format.payloadType));
}

function readFeedback(description: MediaDescription, payloadType: number): Set<string> {
  const feedback = new Set<string>();
  for (const line of description.rtcpFb ?? []) {
    if (line.payload === payloadType || line.payload === '*') {
      feedback.add(line.subtype === undefined ? line.type : `${line.type} ${line.subtype}`);
    }
  }
  return feedback;
}

function readParameters(parameters: string | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(parseParams(parameters ?? '')).map(([key, value]) => [key.trim(), String(value)]));
}

function identify(kind: MediaKind, format: PayloadFormat): NegotiatedCodec | undefined {
  const { payloadType, name, clockRateHz, channels } = format;
  if (kind === 'audio') {
    // RFC 7587 section 7: always opus/48000/2, whatever the stream holds.
    const opus = name === 'opus' && clockRateHz === 48_000 && channels === 2;
    return opus ? { name: 'opus', payloadType, clockRateHz, key: 'opus' } : undefined;
  }
  if (clockRateHz !== 90_000) return undefined;
  const parameters = readParameters(format.parameters);
  switch (name) {
    case 'vp8':
      return { name: 'VP8', payloadType, clockRateHz, key: 'VP8' };
    case 'vp9': {
      // Profile 0: 8 bit 4:2:0, all that browsers send unasked; default by RFC 9628 section 6.
      const isMain = (parameters.get('profile-id') ?? '0') === '0';
      return isMain ? { name: 'VP9', payloadType, clockRateHz, key: 'VP9/0' } : undefined;
    }
    case 'av1': {
      // AV1 RTP specification section 7.2.1: profile 0 (main) by default.
      const isMain = (parameters.get('profile') ?? '0') === '0';
      return isMain ? { name: 'AV1', payloadType, clockRateHz, key: 'AV1/0' } : undefined;
    }
    case 'h264': {
      const key = h264Key(parameters);
      return key === undefined ? undefined : { name: 'H264', payloadType, clockRateHz, key };
    }
    default:
      return undefined;
  }
}

/**
 * RFC 6184 section 8.1. Baseline and constrained baseline only, which every browser decodes. The level is no part of
 * the key: with level-asymmetry-allowed each side names its own, and decoders take what comes.
 */
function h264Key(parameters: ReadonlyMap<string, string>): string | undefined {
  // Default 420010: baseline, level 1.
  const profileLevelId = parameters.get('profile-level-id') ?? '420010';
  const mode = parameters.get('packetization-mode') ?? '0';
  if (!/^42[0-9a-f]{4}$/i.test(profileLevelId) || (mode !== '0' && mode !== '1')) return undefined;
  // constraint_set1_flag says that a baseline stream obeys the constrained profile as well.
  const constrained = (Number.parseInt(profileLevelId.slice(2, 4), 16) & 0x40) !== 0;
  return `H264/${constrained ? '42e0' : '4200'}/${mode}`;
}
