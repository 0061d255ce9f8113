/**
 * VP9 in RTP (RFC 9628), read. Of several spatial layers all frames of one picture make one chunk, as libvpx takes them.
 */
import { concatenate } from '../concatenate.ts';
import type { PayloadInfo, VideoFormat } from './video-format.ts';

export const VP9: VideoFormat = {
  name: 'VP9',

  describe(payload: Uint8Array): PayloadInfo | undefined {
    const read = readDescriptor(payload);
    if (read === undefined) return undefined;
    const first = payload[0] ?? 0;
    // B of the lowest spatial layer starts the picture; without P nothing earlier is needed.
    const startsFrame = (first & 0x08) !== 0 && read.spatial === 0;
    return {
      startsFrame,
      isKey: startsFrame && (first & 0x40) === 0,
      temporal: read.temporal,
      baseIndex: read.baseIndex,
    };
  },

  join: (payloads) => concatenate(payloads.map((payload) => payload.subarray(readDescriptor(payload)?.size ?? 0))),
};

interface Descriptor {
  readonly size: number;
  readonly spatial: number;
  readonly temporal: number | undefined;
  readonly baseIndex: number | undefined;
}

/** Section 4.2. Undefined when nothing of the frame follows it. */
function readDescriptor(payload: Uint8Array): Descriptor | undefined {
  const first = payload[0] ?? 0;
  const isFlexible = (first & 0x10) !== 0;
  let at = 1;
  let spatial = 0;
  let temporal: number | undefined;
  let baseIndex: number | undefined;
  if ((first & 0x80) !== 0) at += ((payload[at] ?? 0) & 0x80) === 0 ? 1 : 2;
  if ((first & 0x20) !== 0) {
    const layer = payload[at++] ?? 0;
    temporal = layer >>> 5;
    spatial = (layer >>> 1) & 7;
    if (!isFlexible) baseIndex = payload[at++];
  }
  // P_DIFF: at most three, each says whether another follows.
  if (isFlexible && (first & 0x40) !== 0) for (let i = 0; i < 3; i++) if (((payload[at++] ?? 0) & 1) === 0) break;
  if ((first & 0x02) !== 0) at = skipStructure(payload, at);
  return at < payload.length ? { size: at, spatial, temporal, baseIndex } : undefined;
}

/** Scalability structure (section 4.2.1): N_S, Y and G, sizes of the layers, pictures of the group. */
function skipStructure(payload: Uint8Array, start: number): number {
  const first = payload[start] ?? 0;
  let at = start + 1;
  if ((first & 0x10) !== 0) at += 4 * ((first >>> 5) + 1);
  if ((first & 0x08) === 0) return at;
  const pictures = payload[at++] ?? 0;
  for (let i = 0; i < pictures; i++) at += 1 + (((payload[at] ?? 0) >>> 2) & 3);
  return at;
}
