/** Header extensions (RFC 8285): which of the offered ones we take, per direction, and their ids. */
import type { ExtensionIds } from '../media/negotiated.ts';
import type { OfferedMedia } from './parse-offer.ts';
import { SdpError } from './sdp-error.ts';

const URIS: Readonly<Record<keyof ExtensionIds, string>> = {
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  repairedRid: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  transportSequenceNumber: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  videoOrientation: 'urn:3gpp:video-orientation',
  dependencyDescriptor: 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
};

export type ExtensionName = keyof ExtensionIds;

/** Ids that the one-byte form has (RFC 8285 section 4.2). */
const MAX_ONE_BYTE_ID = 14;

export interface AcceptedExtension {
  readonly name: ExtensionName;
  readonly id: number;
  readonly uri: string;
  /** Of the answer, when the offer named one (RFC 8285 section 5); ours, so the opposite of the offer's. */
  readonly direction: 'sendonly' | 'recvonly' | undefined;
}

/** Those of `names` that the m-line offers for the direction in which its role uses them, by the offer's ids. */
export function acceptExtensions(
  names: readonly ExtensionName[],
  role: 'source' | 'slot',
  offered: OfferedMedia,
): readonly AcceptedExtension[] {
  const direction = role === 'source' ? 'sendonly' : 'recvonly';
  const accepted: AcceptedExtension[] = [];
  for (const name of names) {
    const line = (offered.description.ext ?? []).find((ext) => ext.uri === URIS[name]);
    // Not taken: an encrypted extension (RFC 6904).
    if (line === undefined || line['encrypt-uri'] !== undefined) continue;
    const { value: id, uri } = line;
    if (line.direction === undefined || line.direction === 'sendrecv') {
      accepted.push({ name, id, uri, direction: undefined });
    } else if (line.direction === direction) {
      // Firefox offers rids for sending only.
      accepted.push({ name, id, uri, direction: role === 'source' ? 'recvonly' : 'sendonly' });
    }
  }
  return accepted;
}

/** Whether some of our packets would have the two-byte form: a dependency descriptor with a structure has > 16 bytes. */
export function needsTwoByteForm({ name, id }: AcceptedExtension): boolean {
  return id > MAX_ONE_BYTE_ID || name === 'dependencyDescriptor';
}

/** The ids of all m-lines together: within a BUNDLE one id means one URI (RFC 8843 section 6). */
export function mergeExtensions(accepted: Iterable<readonly AcceptedExtension[]>): ExtensionIds | SdpError {
  const idOf = new Map<string, number>();
  const uriOf = new Map<number, string>();
  for (const { id, uri } of [...accepted].flat()) {
    // RFC 8285 section 5: 15 is reserved in the one-byte form; 1–255 in the two-byte form.
    if (!(id >= 1 && id <= 255) || id === 15) return new SdpError('badExtension', `header-extension id ${id}`);
    if ((idOf.get(uri) ?? id) !== id || (uriOf.get(id) ?? uri) !== uri) {
      return new SdpError('badExtension', `header-extension id ${id} differs between m-lines`);
    }
    idOf.set(uri, id);
    uriOf.set(id, uri);
  }
  const id = (name: ExtensionName): number => idOf.get(URIS[name]) ?? 0;
  return {
    mid: id('mid'),
    rid: id('rid'),
    repairedRid: id('repairedRid'),
    audioLevel: id('audioLevel'),
    transportSequenceNumber: id('transportSequenceNumber'),
    videoOrientation: id('videoOrientation'),
    dependencyDescriptor: id('dependencyDescriptor'),
  };
}
