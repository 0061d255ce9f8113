/** What a further offer on the same transport may change: it may add m-lines, and stop using some. */
import type { ExtensionIds, Fingerprint, NegotiatedSlot } from '../media/negotiated.ts';
import type { Negotiated } from './negotiate.ts';
import { SdpError } from './sdp-error.ts';

/** Returns why `next` does not continue `previous`, undefined when it does. */
export function checkRenegotiation(previous: Negotiated, next: Negotiated): SdpError | undefined {
  const refuse = (message: string): SdpError => new SdpError('badRenegotiation', message);
  // An ICE restart (RFC 8839 section 4.4.1.1.1) makes a new transport: the client joins again instead.
  if (previous.transport.remoteUfrag !== next.transport.remoteUfrag) return refuse('ICE restart: join again instead');
  if (!sameFingerprints(previous.transport.remoteFingerprints, next.transport.remoteFingerprints)) {
    return refuse('the certificate fingerprints have changed');
  }
  // RFC 3264 section 8: m-lines stay where they are.
  if (previous.mids.some((mid, i) => next.mids[i] !== mid)) return refuse('m-lines were removed or moved');
  const nextRoles = new Map(roles(next));
  if (roles(previous).some(([mid, role]) => (nextRoles.get(mid) ?? role) !== role)) {
    return refuse('an m-line carries something else than before');
  }
  if (previous.media.sources.some(({ mid, rids }) => (ridsOf(next, mid) ?? rids.join()) !== rids.join())) {
    return refuse('the encodings of a source have changed');
  }
  if (previous.media.slots.some((slot) => !isRepairedAlike(slot, next))) {
    return refuse('NACK, RTX or transport-cc of a slot have changed');
  }
  return sameExtensions(previous.media.extensions, next.media.extensions)
    ? undefined
    : refuse('a header-extension id has changed');
}

function sameFingerprints(a: readonly Fingerprint[], b: readonly Fingerprint[]): boolean {
  const text = (list: readonly Fingerprint[]): string =>
    list.map(({ algorithm, value }) => `${algorithm} ${value.join()}`).join();
  return text(a) === text(b);
}

/** mid → what the m-line carries. */
function roles({ media }: Negotiated): [string, string][] {
  return [
    ...media.sources.map(({ mid, kind }): [string, string] => [mid, kind]),
    ...media.slots.map(({ mid, kind }): [string, string] => [mid, `${kind} slot`]),
  ];
}

function ridsOf({ media }: Negotiated, mid: string): string | undefined {
  return media.sources.find((source) => source.mid === mid)?.rids.join();
}

function isRepairedAlike(slot: NegotiatedSlot, { media }: Negotiated): boolean {
  const now = media.slots.find(({ mid }) => mid === slot.mid) ?? slot;
  return now.nack === slot.nack && now.rtxSsrc === slot.rtxSsrc && now.transportNumbers === slot.transportNumbers;
}

function sameExtensions(a: ExtensionIds, b: ExtensionIds): boolean {
  // The cast: the keys of an object of this type.
  return (Object.keys(a) as (keyof ExtensionIds)[]).every(
    (name) => a[name] === 0 || b[name] === 0 || a[name] === b[name],
  );
}
