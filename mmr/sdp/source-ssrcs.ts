/** The SSRCs that an m-line names for what it sends (RFC 5576). */
import type { OfferedMedia } from './parse-offer.ts';

export interface SourceSsrcs {
  /** Undefined: the stream is recognised by its mid. */
  readonly ssrc: number | undefined;
  /** What is sent again of `ssrc`; undefined: recognised by its mid, or there is none. */
  readonly rtxSsrc: number | undefined;
}

/** An FID group names the stream and its RTX stream (RFC 4588 section 8.3); without one, the first SSRC is taken. */
export function readSourceSsrcs({ description }: OfferedMedia): SourceSsrcs {
  const group = description.ssrcGroups?.find(({ semantics }) => semantics === 'FID');
  const [first, second] = group === undefined ? [description.ssrcs?.[0]?.id] : String(group.ssrcs).split(' ', 2);
  const ssrc = toSsrc(first);
  return { ssrc, rtxSsrc: ssrc === undefined ? undefined : toSsrc(second) };
}

function toSsrc(text: number | string | undefined): number | undefined {
  const ssrc = Number(text);
  return Number.isInteger(ssrc) && ssrc > 0 && ssrc < 2 ** 32 ? ssrc : undefined;
}
