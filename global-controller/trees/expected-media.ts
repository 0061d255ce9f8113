/** What people of a zone send and watch when nobody has counted it. */

/** Bits a second: 20 ms Opus at 32 kb/s with headers; a picture of 1 Mb/s, as placement counts it. */
const VOICE_BPS = 50_000;
const PICTURE_BPS = 1_000_000;
/** A browser is sent so many voices and pictures at most. */
const VOICES = 3;
const PICTURES = 12;

/** Of so many people, bits a second. */
export function expectedOffersBps(people: number): number {
  return people * (VOICE_BPS + PICTURE_BPS);
}

/** Share of what `others` people elsewhere send that is watched in a zone of so many people, 0–1. */
export function expectedWatches(people: number, others: number): number {
  if (people === 0 || others === 0) return 0;
  const watchedBps = Math.min(VOICES, others) * VOICE_BPS + Math.min(PICTURES, others) * PICTURE_BPS;
  return watchedBps / expectedOffersBps(others);
}
