/** The client-to-mixer audio level header extension (RFC 6464): what active-speaker ranking reads of every packet. */
import type { ByteRange } from './header-extensions.ts';

/** Level in −dBov: 0 (loudest) to 127 (silence). −1 when the element is malformed. */
export function readAudioLevel(bytes: Uint8Array, range: ByteRange): number {
  return range.size === 1 && range.offset < bytes.length ? (bytes[range.offset] as number) & 0x7f : -1;
}
