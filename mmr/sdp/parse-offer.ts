/**
 * First step of the negotiation: hostile text → the m-lines and attributes that matter to us. Everything else
 * (candidates above all: an ICE-lite router answers, it never calls an address from an offer) is dropped before the
 * parser sees it.
 */
import { type MediaDescription, parse, type SessionDescription } from 'sdp-transform';
import { SdpError } from './sdp-error.ts';

/** Chromium names every codec with its feedback in each m-line: 5 to 7 KB for a video slot, of which 49 must fit. */
export const MAX_SDP_BYTES = 512 * 1024;
export const MAX_MEDIA_LINES = 128;
/** Chromium's longest line (an fmtp or msid) is below 200. The limit also bounds the parser's regular expressions. */
const MAX_LINE_LENGTH = 1024;
/** Attributes per m-line; Chromium's longest video section has 165. */
const MAX_SECTION_LINES = 1024;

const KEPT_LINE =
  /^(?:[vosmtc]=|a=(?:group|mid|ice-lite|ice-ufrag|ice-pwd|setup|rtcp-mux|rtcp-rsize|extmap-allow-mixed|extmap|rtpmap|fmtp|rtcp-fb|ssrc|ssrc-group|rid|simulcast|bundle-only|sendrecv|sendonly|recvonly|inactive)(?::|$))/;
const FINGERPRINT_LINE = /^a=fingerprint:(\S+) (\S+)$/;

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** `a=fingerprint` as it stands; not yet judged. */
export interface FingerprintLine {
  readonly algorithm: string;
  readonly hash: string;
}

export interface OfferedMedia {
  readonly mid: string;
  readonly description: MediaDescription;
  readonly direction: Direction;
  readonly fingerprints: readonly FingerprintLine[];
}

export interface ParsedOffer {
  readonly session: SessionDescription;
  readonly media: readonly OfferedMedia[];
  /** Fingerprints of the session level. */
  readonly fingerprints: readonly FingerprintLine[];
  /** Mids of the first BUNDLE group, in its order; empty when there is none. */
  readonly bundle: readonly string[];
}

/** Never throws; time is linear in the size, which is limited. */
export function parseOffer(sdp: string): ParsedOffer | SdpError {
  if (sdp.length > MAX_SDP_BYTES) return new SdpError('tooLarge', `the offer is larger than ${MAX_SDP_BYTES} bytes`);
  const lines = sdp.split(/\r\n|\r|\n/);
  if (lines[0] !== 'v=0') return new SdpError('malformed', 'the offer does not begin with v=0');
  const sections = splitSections(lines);
  if (sections instanceof SdpError) return sections;
  const session = parse(sections.kept.join('\r\n'));
  const media: OfferedMedia[] = [];
  const mids = new Set<string>();
  for (const [i, description] of session.media.entries()) {
    const mid = readMid(description);
    if (mid === undefined || mids.has(mid)) {
      return new SdpError('malformed', `m-line ${i} has no mid of 1 to 32 token characters, or one that is taken`);
    }
    mids.add(mid);
    media.push({
      mid,
      description,
      // RFC 8866 section 6.7: sendrecv when nothing is said.
      direction: description.direction ?? session.direction ?? 'sendrecv',
      fingerprints: sections.fingerprints[i + 1] ?? [],
    });
  }
  return { session, media, fingerprints: sections.fingerprints[0] ?? [], bundle: readBundle(session) };
}

/** `a=extmap-allow-mixed` of the session or the m-line (RFC 8285 section 6); Firefox says it in each m-line. */
export function allowsMixed({ session }: ParsedOffer, { description }: OfferedMedia): boolean {
  return session.extmapAllowMixed !== undefined || description.extmapAllowMixed !== undefined;
}

/** Lines that are kept, and the fingerprints by section (0 = session level), of which the parser keeps only one. */
function splitSections(lines: readonly string[]): { kept: string[]; fingerprints: FingerprintLine[][] } | SdpError {
  const kept: string[] = [];
  const fingerprints: FingerprintLine[][] = [[]];
  let sectionLines = 0;
  for (const line of lines) {
    if (line.length > MAX_LINE_LENGTH) {
      return new SdpError('tooLarge', `a line of the offer is longer than ${MAX_LINE_LENGTH} characters`);
    }
    if (line.startsWith('m=')) {
      sectionLines = 0;
      fingerprints.push([]);
      if (fingerprints.length > MAX_MEDIA_LINES + 1) {
        return new SdpError('tooLarge', `the offer has more than ${MAX_MEDIA_LINES} m-lines`);
      }
    }
    if (++sectionLines > MAX_SECTION_LINES) {
      return new SdpError('tooLarge', `a section of the offer has more than ${MAX_SECTION_LINES} lines`);
    }
    const fingerprint = FINGERPRINT_LINE.exec(line);
    if (fingerprint) {
      fingerprints.at(-1)?.push({ algorithm: String(fingerprint[1]).toLowerCase(), hash: String(fingerprint[2]) });
    } else if (KEPT_LINE.test(line)) {
      kept.push(line);
    }
  }
  return { kept, fingerprints };
}

/** The parser makes numbers of what looks like one, whatever its types say: hence String(). */
function readMid(description: MediaDescription): string | undefined {
  if (description.mid === undefined) return undefined;
  const mid = String(description.mid);
  // RFC 5888 section 4: a token. It comes back in the answer and keys maps.
  return /^[\w!#$%&'*+.^`{|}~-]{1,32}$/.test(mid) ? mid : undefined;
}

function readBundle(session: SessionDescription): string[] {
  const group = session.groups?.find((candidate) => candidate.type === 'BUNDLE');
  return group?.mids === undefined ? [] : String(group.mids).split(' ').filter(Boolean);
}
