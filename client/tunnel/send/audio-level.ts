/** @returns the level that RFC 6464 writes: −dBov, 0 for the loudest, 127 for silence. @param samples −1 to 1 */
export function audioLevelOf(samples: Float32Array): number {
  let squares = 0;
  for (const sample of samples) squares += sample * sample;
  if (squares === 0 || samples.length === 0) return 127;
  return Math.max(0, Math.min(127, Math.round(-10 * Math.log10(squares / samples.length))));
}

/** The one byte of the extension (RFC 6464 section 3): V, and the level. */
export function audioLevelByte(level: number): Uint8Array {
  return Uint8Array.of((level < SILENT_LEVEL ? 0x80 : 0) | level);
}

/** From here on, up to 127, there is no voice: what routers take for silence. */
const SILENT_LEVEL = 60;
