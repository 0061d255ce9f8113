/**
 * The ICE-lite agent of one transport (RFC 8445 section 2.5): it answers connectivity checks and thereby learns which
 * addresses its peer is reachable at. It sends no checks, knows no remote candidates, and never speaks to an address
 * that has not proved the password. Consent (RFC 7675) is the peer's checks going on.
 */
import type { EgressPlan } from '../egress/egress-plan.ts';
import type { NegotiatedTransport } from '../negotiated.ts';
import type { RemoteAddress } from '../remote-address.ts';
import { verifyFingerprint, verifyIntegrity } from '../stun/stun-integrity.ts';
import { BINDING_METHOD, parseStun, type StunMessage } from '../stun/stun-message.ts';
import { MAX_BINDING_RESPONSE_BYTES, writeBindingError, writeBindingSuccess } from '../stun/stun-writer.ts';
import type { IceAgent } from './ice-agent.ts';
import { sameAddress } from './remote-addresses.ts';
import type { TransportShell } from './transport-shell.ts';

/** Validated addresses kept per transport. A browser with four interfaces and both families uses eight. */
export const MAX_REMOTE_ADDRESSES = 16;
/** Time in which a first valid check must come. */
export const CONNECT_DEADLINE_US = 15_000_000;
/** Consent expires this long after the last valid check (RFC 7675 section 5.1). */
export const CONSENT_EXPIRY_US = 30_000_000;
/**
 * A selected path without checks for this long (consent checks come every 4–6 s, RFC 7675 section 5.1) gives way to any
 * other address that is being checked, nominated or not: the peer's agent nominates only once.
 */
export const SILENT_PATH_US = 10_000_000;
/**
 * The same for an address that was never seen before: the peer's NAT rebound. Firefox checks its one pair every 4–6 s,
 * and without nomination; libwebrtc checks the pair it has selected at least every 2.5 s, so that a spare pair of its
 * does not look like a rebinding.
 */
export const REBOUND_PATH_US = 3_500_000;
/**
 * For so long after its handshake an agent may go on nominating pairs that it does not use: Firefox nominates every
 * pair it checks, and repeats a check that got no answer for 8 s.
 */
export const STALE_NOMINATION_US = 10_000_000;

interface ValidatedAddress {
  readonly address: RemoteAddress;
  lastRequestUs: number;
  nominated: boolean;
  /** Of the peer's last check there: a pair over TCP has a lower one than any over UDP. Undefined when it did not say. */
  priority: number | undefined;
}

export class IceLite implements IceAgent {
  /** Error responses 487: the peer took us for the controlling side. */
  roleConflicts = 0;
  /** Addresses forgotten because there were more than MAX_REMOTE_ADDRESSES. */
  evicted = 0;
  /** Changes of the selected address after the first choice. */
  pathSwitches = 0;
  /** It sends no checks. */
  readonly dueUs = Number.POSITIVE_INFINITY;
  readonly roundTripMs = undefined;
  readonly #handle: number;
  readonly #shell: TransportShell;
  readonly #username: string;
  readonly #password: string;
  readonly #validated: ValidatedAddress[] = [];
  readonly #connectDeadlineUs: number;
  #selected: ValidatedAddress | undefined;
  /** When the peer last showed which address it uses. */
  #followedUs = Number.NEGATIVE_INFINITY;

  constructor(handle: number, negotiated: NegotiatedTransport, shell: TransportShell, nowUs: number) {
    this.#handle = handle;
    this.#shell = shell;
    this.#username = `${negotiated.localUfrag}:${negotiated.remoteUfrag}`;
    this.#password = negotiated.localPassword;
    this.#connectDeadlineUs = nowUs + CONNECT_DEADLINE_US;
  }

  /** Where our packets go; undefined before the first valid check. */
  get selected(): RemoteAddress | undefined {
    return this.#selected?.address;
  }

  get validatedCount(): number {
    return this.#validated.length;
  }

  /** When the transport ends unless a valid check comes before. */
  get deadlineUs(): number {
    return this.#selected === undefined ? this.#connectDeadlineUs : this.#selected.lastRequestUs + CONSENT_EXPIRY_US;
  }

  get heardUs(): number {
    return this.#selected?.lastRequestUs ?? Number.NEGATIVE_INFINITY;
  }

  isValidated(address: RemoteAddress): boolean {
    return this.#find(address) !== undefined;
  }

  /**
   * One STUN message from `address`. False: dropped without an answer (malformed, not a check, wrong credentials, or
   * the address belongs to another transport). A check that holds is answered to where it came from.
   */
  handle(
    nowUs: number,
    bytes: Uint8Array,
    offset: number,
    size: number,
    address: RemoteAddress,
    out: EgressPlan,
  ): boolean {
    const message = parseStun(bytes, offset, size);
    if (message === undefined || message.method !== BINDING_METHOD) return false;
    // A keep-alive (RFC 8445 section 11): no answer, no state, no consent.
    if (message.class === 'indication') return this.isValidated(address);
    if (message.class !== 'request' || !this.#isAuthentic(message) || address.port === 0) return false;
    if (!out.hasRoom(1, MAX_BINDING_RESPONSE_BYTES)) return false;

    if (message.unknownRequired.length > 0) return this.#refuse(message, 420, address, out);
    if (message.iceControlled) {
      // A lite agent is always the controlled one, so its peer must be told to switch (RFC 8445 section 7.3.1.1).
      this.roleConflicts++;
      return this.#refuse(message, 487, address, out);
    }
    const isNew = !this.isValidated(address);
    const validated = this.#validate(nowUs, address);
    if (validated === undefined) return false;
    validated.priority = message.priority;
    if (this.#takesOver(nowUs, validated, isNew, message.useCandidate)) this.#select(validated);
    validated.nominated ||= message.useCandidate;
    this.#accept(message, address, out);
    return true;
  }

  /**
   * The peer's handshake comes from `address`: this is the pair it uses, whichever it has nominated. An agent that
   * nominates every pair it checks (RFC 5245 section 8.1.1.2; Firefox does, even to a lite peer) may have lost our answers
   * on the one it nominated last. False: `address` is not validated, and nothing has changed.
   */
  follow(nowUs: number, address: RemoteAddress): boolean {
    const validated = this.#find(address);
    if (validated === undefined) return false;
    this.#followedUs = nowUs;
    this.#select(validated);
    return true;
  }

  handleTimeout(): void {}

  /** Gives all addresses back. */
  close(): void {
    for (const { address } of this.#validated) this.#release(address);
    this.#validated.length = 0;
  }

  /** Ours by user name (RFC 8445 section 7.2.2), and made by somebody who knows the password. */
  #isAuthentic(message: StunMessage): boolean {
    if (message.username !== this.#username) return false;
    return verifyFingerprint(message) && verifyIntegrity(message, this.#password);
  }

  /** Notes that `address` proved the password, making room for it if need be; undefined when another transport's. */
  #validate(nowUs: number, address: RemoteAddress): ValidatedAddress | undefined {
    const known = this.#find(address);
    if (!this.#shell.addresses.claim(nowUs, this.#handle, address)) {
      // It was ours, but fell silent and another transport has taken it over.
      if (known !== undefined && known !== this.#selected) this.#validated.splice(this.#validated.indexOf(known), 1);
      return undefined;
    }
    if (known !== undefined) {
      known.lastRequestUs = nowUs;
      // Repeated on each check, because another transport may have held the address in between.
      this.#shell.addRemote(this.#handle, address);
      return known;
    }
    if (this.#validated.length >= MAX_REMOTE_ADDRESSES) this.#evictOldest();
    const validated = { address, lastRequestUs: nowUs, nominated: false, priority: undefined };
    this.#validated.push(validated);
    this.#shell.addRemote(this.#handle, address);
    return validated;
  }

  /** First valid address, then nominations (RFC 8445 section 7.3.2), then whatever is left when the path is silent. */
  #takesOver(nowUs: number, candidate: ValidatedAddress, isNew: boolean, nominated: boolean): boolean {
    const current = this.#selected;
    if (current === undefined || candidate === current) return current === undefined;
    if (nowUs - current.lastRequestUs >= (isNew ? REBOUND_PATH_US : SILENT_PATH_US)) return true;
    if (!nominated) return false;
    const isShown = nowUs - this.#followedUs < STALE_NOMINATION_US;
    return !isShown || !(candidate.nominated || this.#isWorse(nowUs, candidate, current));
  }

  /**
   * Of the pairs that it nominates, an agent uses the best one: when that is heard, a worse one is a check that was under way, such as
   * that of a TCP connection, which takes a round trip longer.
   */
  #isWorse(nowUs: number, candidate: ValidatedAddress, current: ValidatedAddress): boolean {
    if (candidate.priority === undefined || current.priority === undefined) return false;
    return candidate.priority < current.priority && nowUs - current.lastRequestUs < REBOUND_PATH_US;
  }

  #select(candidate: ValidatedAddress): void {
    if (candidate === this.#selected) return;
    if (this.#selected !== undefined) this.pathSwitches++;
    this.#selected = candidate;
    this.#shell.setDestination(this.#handle, candidate.address);
  }

  #evictOldest(): void {
    let oldest = -1;
    for (let i = 0; i < this.#validated.length; i++) {
      const entry = this.#validated[i] as ValidatedAddress;
      if (entry === this.#selected) continue;
      if (oldest < 0 || entry.lastRequestUs < (this.#validated[oldest] as ValidatedAddress).lastRequestUs) oldest = i;
    }
    for (const { address } of this.#validated.splice(oldest, 1)) this.#release(address);
    this.evicted++;
  }

  #release(address: RemoteAddress): void {
    if (this.#shell.addresses.release(this.#handle, address)) this.#shell.removeRemote(address);
  }

  #find(address: RemoteAddress): ValidatedAddress | undefined {
    for (const entry of this.#validated) {
      if (sameAddress(entry.address, address)) return entry;
    }
    return undefined;
  }

  #accept(message: StunMessage, address: RemoteAddress, out: EgressPlan): void {
    const offset = out.sideSize;
    const size = writeBindingSuccess(out.side, offset, message.transactionId, address, this.#password);
    out.datagramTo(address, out.reserveSide(size), size);
  }

  #refuse(message: StunMessage, code: 420 | 487, address: RemoteAddress, out: EgressPlan): true {
    const offset = out.sideSize;
    const { transactionId, unknownRequired } = message;
    const size = writeBindingError(out.side, offset, transactionId, code, this.#password, unknownRequired);
    out.datagramTo(address, out.reserveSide(size), size);
    return true;
  }
}
