/** Divides what may be sent among the encodings of camera and screen. Pure. */

export interface PlannedEncoding {
  /** Wanted by somebody and captured now. */
  readonly isActive: boolean;
  readonly mostBps: number;
}

/** Kept free for sound with its headers, and for RTCP. */
export const SOUND_BPS = 64_000;
/** An encoding with less than this part of its most is not worth sending, and ends below the lower one. */
const BEGIN_SHARE = 0.5;
const STAY_SHARE = 0.3;

/**
 * In the order of importance: each gets what it can use of what those before it left. The first that is wanted always gets something.
 *
 * @param wasSent By index: whether it is sent now.
 * @returns bits per second by index; 0: not sent
 */
export function planBitrates(
  uplinkBps: number,
  encodings: readonly PlannedEncoding[],
  wasSent: readonly boolean[],
): number[] {
  let leftBps = Math.max(0, uplinkBps - SOUND_BPS);
  let isFirst = true;
  return encodings.map(({ isActive, mostBps }, index) => {
    if (!isActive) return 0;
    const shareBps = Math.round(Math.min(mostBps, leftBps));
    const least = mostBps * (wasSent[index] === true ? STAY_SHARE : BEGIN_SHARE);
    if (!isFirst && shareBps < least) return 0;
    isFirst = false;
    leftBps -= shareBps;
    return Math.max(LEAST_VIDEO_BPS, shareBps);
  });
}

/** Encoders do not go below this. */
const LEAST_VIDEO_BPS = 30_000;
