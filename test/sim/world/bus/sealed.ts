/**
 * What goes over the simulated bus instead of signed envelopes: the same facts without a signature, judged by the same rules
 * of time and of who may speak. Signatures themselves are tested in bus/.
 */
import type { DropReason } from '../../../../bus/bus-observer.ts';
import type { Kind } from '../../../../bus/envelope/envelope.ts';
import { MAX_SKEW_MS, type Unwrapped } from '../../../../bus/envelope/verifier.ts';
import type { Sender } from '../../../../bus/sender.ts';

export interface Seal {
  readonly kind: Kind;
  readonly timeMs: number;
  readonly id: string;
  readonly sender: Sender;
  readonly subject: string;
  readonly value: unknown;
}

export function seal(content: Seal): string {
  return JSON.stringify(content);
}

/** `isFresh`: as `Expectation.isFresh`. */
export function unseal(
  text: string,
  wallMs: number,
  isFresh: boolean,
  isAllowed: (sender: Sender) => boolean,
): Seal | DropReason {
  const content: Seal = JSON.parse(text);
  const aheadMs = content.timeMs - wallMs;
  if (!isAllowed(content.sender)) return 'notTheirs';
  if (aheadMs > MAX_SKEW_MS || (isFresh && aheadMs < -MAX_SKEW_MS)) return 'stale';
  return content;
}

const NOTHING = new Uint8Array();

/** As who reads a bucket wants it. */
export function toUnwrapped(content: Seal): Unwrapped {
  return { ...content, payload: NOTHING };
}
