/**
 * Answers those who measure how far away this zone is, before they are in any meeting: STUN checks with a credential that the
 * zone's controllers have made for everybody (docs/zones.md). One answer to each, smaller than the question; nothing is kept of
 * who asks, and no DTLS follows.
 */
import { DropReason } from '../drop-reason.ts';
import type { EgressPlan } from '../egress/egress-plan.ts';
import type { RemoteAddress } from '../remote-address.ts';
import { verifyFingerprint, verifyIntegrity } from '../stun/stun-integrity.ts';
import { BINDING_METHOD, type StunMessage } from '../stun/stun-message.ts';
import { MAX_BINDING_RESPONSE_BYTES, writeBindingSuccess } from '../stun/stun-writer.ts';
import { TokenBucket } from '../token-bucket.ts';

/** What every probe's user name begins with. A slash may be in an ICE user name (RFC 8839 section 5.4); ours have 16 characters. */
export const PROBE_PREFIX = 'probe/';
/** Looked at per second, right or wrong: about 3 % of a core, and 0.6 Mb/s of answers. */
export const PROBES_PER_SECOND = 1_000;

export interface ProbeCredential {
  /** PROBE_PREFIX and something. */
  readonly ufrag: string;
  readonly password: string;
}

export class ProbeResponder {
  #passwords: ReadonlyMap<string, string> = new Map();
  readonly #looks = new TokenBucket(PROBES_PER_SECOND, PROBES_PER_SECOND);

  /** From here on these are answered, and no others. */
  use(credentials: readonly ProbeCredential[]): void {
    this.#passwords = new Map(credentials.map(({ ufrag, password }) => [ufrag, password]));
  }

  /** A STUN message whose user name begins with `ufrag`, which is a probe's. `none`: answered. */
  handle(nowUs: number, ufrag: string, message: StunMessage, address: RemoteAddress, out: EgressPlan): DropReason {
    const password = this.#passwords.get(ufrag);
    if (password === undefined) return DropReason.probeExpired;
    // Before anything is computed.
    if (!this.#looks.take(nowUs, 1)) return DropReason.probeFlood;
    if (!isQuestion(message) || address.port === 0) return DropReason.probeInvalid;
    if (!verifyFingerprint(message) || !verifyIntegrity(message, password)) return DropReason.probeInvalid;
    if (!out.hasRoom(1, MAX_BINDING_RESPONSE_BYTES)) return DropReason.probeFlood;
    const size = writeBindingSuccess(out.side, out.sideSize, message.transactionId, address, password);
    out.datagramTo(address, out.reserveSide(size), size);
    return DropReason.none;
  }
}

/** Of either ICE role: nothing is agreed on here. */
function isQuestion({ method, class: kind, unknownRequired }: StunMessage): boolean {
  return method === BINDING_METHOD && kind === 'request' && unknownRequired.length === 0;
}
