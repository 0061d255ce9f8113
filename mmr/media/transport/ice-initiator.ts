/**
 * The end of a trunk that opens it: sends connectivity checks to the addresses that the control plane named (RFC 8445
 * section 7.2), takes the first that answers, and goes on checking it, which is its consent (RFC 7675), its round-trip
 * time, and the other end's sign of life. When the path falls silent, all addresses are tried again. The other end is an
 * `IceLite` agent, so nothing comes from there but answers.
 */
import { createHmac } from 'node:crypto';
import type { EgressPlan } from '../egress/egress-plan.ts';
import type { CheckPace, NegotiatedTransport, TransportInitiation } from '../negotiated.ts';
import type { RemoteAddress } from '../remote-address.ts';
import { writeUint32 } from '../rtp/bytes.ts';
import { verifyFingerprint, verifyIntegrity } from '../stun/stun-integrity.ts';
import {
  BINDING_METHOD,
  parseStun,
  StunAttribute,
  type StunMessage,
  TRANSACTION_ID_BYTES,
} from '../stun/stun-message.ts';
import { BINDING_REQUEST, StunWriter } from '../stun/stun-writer.ts';
import type { IceAgent } from './ice-agent.ts';
import { CONNECT_DEADLINE_US, CONSENT_EXPIRY_US, MAX_REMOTE_ADDRESSES } from './ice-lite.ts';
import { sameAddress } from './remote-addresses.ts';
import type { TransportShell } from './transport-shell.ts';

/** Between two checks of an address while none is in use. */
export const SEARCH_INTERVAL_US = 200_000;
/**
 * Between two checks of the address in use. RFC 7675 asks for one each 5 s; between routers a path that is gone is to be
 * noticed in 2 s (`trunk/trunk-health.ts`), whatever single checks get lost.
 */
export const CHECK_INTERVAL_US = 400_000;
/** And of the others meanwhile, so that mappings and firewalls on their way stay open. */
export const SPARE_INTERVAL_US = 5_000_000;
/** The address in use has not answered for so long: all are tried. */
export const SEARCH_AFTER_US = 1_500_000;
const TRUNK_PACE: CheckPace = { checkIntervalUs: CHECK_INTERVAL_US, searchAfterUs: SEARCH_AFTER_US };
/** Checks of one address that may still be answered: 1.6 s of them while searching, 3.2 s later. */
const MAX_OUTSTANDING = 8;
/** With both ufrags of up to 256 characters (RFC 8445 section 5.3). */
const MAX_REQUEST_BYTES = 640;
/** Type preference of host candidates, local preference of the only one, component 1 (RFC 8445 section 5.1.2). */
const PRIORITY = (126 << 24) | (65_535 << 8) | 255;
/** As TCP smooths its round-trip time (RFC 6298 section 2). */
const ROUND_TRIP_GAIN = 1 / 8;

interface Outstanding {
  readonly transactionId: Uint8Array;
  readonly sentUs: number;
}

interface Candidate {
  readonly address: RemoteAddress;
  /** Oldest first. */
  readonly outstanding: Outstanding[];
  dueUs: number;
  lastAnswerUs: number;
}

const writer = new StunWriter();

export class IceInitiator implements IceAgent {
  /** Answers that were errors, forged, or to no check of ours. */
  refusedAnswers = 0;
  /** Changes of the selected address after the first choice. */
  pathSwitches = 0;
  roundTripMs: number | undefined;
  readonly #handle: number;
  readonly #shell: TransportShell;
  readonly #username: Uint8Array;
  readonly #remotePassword: string;
  /** Secret of this end alone: transaction ids are drawn from it. */
  readonly #secret: string;
  readonly #candidates: readonly Candidate[];
  readonly #connectDeadlineUs: number;
  readonly #pace: CheckPace;
  #selected: Candidate | undefined;
  #counter = 0;

  constructor(
    handle: number,
    negotiated: NegotiatedTransport,
    { remotePassword, addresses, pace = TRUNK_PACE }: TransportInitiation,
    shell: TransportShell,
    nowUs: number,
  ) {
    this.#handle = handle;
    this.#shell = shell;
    this.#username = new TextEncoder().encode(`${negotiated.remoteUfrag}:${negotiated.localUfrag}`);
    this.#remotePassword = remotePassword;
    this.#secret = negotiated.localPassword;
    this.#connectDeadlineUs = nowUs + CONNECT_DEADLINE_US;
    this.#pace = pace;
    this.#candidates = addresses.slice(0, MAX_REMOTE_ADDRESSES).map((address) => ({
      address,
      outstanding: [],
      dueUs: nowUs,
      lastAnswerUs: Number.NEGATIVE_INFINITY,
    }));
  }

  get selected(): RemoteAddress | undefined {
    return this.#selected?.address;
  }

  get heardUs(): number {
    return this.#selected?.lastAnswerUs ?? Number.NEGATIVE_INFINITY;
  }

  get deadlineUs(): number {
    return this.#selected === undefined ? this.#connectDeadlineUs : this.heardUs + CONSENT_EXPIRY_US;
  }

  get dueUs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { dueUs } of this.#candidates) earliest = Math.min(earliest, dueUs);
    return earliest;
  }

  isValidated(address: RemoteAddress): boolean {
    const candidate = this.#find(address);
    return candidate !== undefined && candidate.lastAnswerUs !== Number.NEGATIVE_INFINITY;
  }

  /** We choose the path; the peer answers from wherever it was asked. */
  follow(_nowUs: number, address: RemoteAddress): boolean {
    return this.isValidated(address);
  }

  /** Takes an answer to a check of ours (RFC 8445 section 7.2.5): from where the check went, under the peer's password. */
  handle(nowUs: number, bytes: Uint8Array, offset: number, size: number, address: RemoteAddress): boolean {
    const message = parseStun(bytes, offset, size);
    if (message === undefined || message.method !== BINDING_METHOD) return false;
    if (message.class === 'indication') return this.isValidated(address);
    const candidate = this.#find(address);
    const check = candidate === undefined ? undefined : takeCheck(candidate, message);
    if (candidate === undefined || check === undefined || !this.#isSuccess(message)) {
      this.refusedAnswers++;
      return false;
    }
    this.#measure((nowUs - check.sentUs) / 1000);
    candidate.lastAnswerUs = nowUs;
    const current = this.#selected;
    if (current === undefined || (candidate !== current && nowUs - current.lastAnswerUs >= this.#pace.searchAfterUs)) {
      this.#select(nowUs, candidate);
    }
    return true;
  }

  handleTimeout(nowUs: number, out: EgressPlan): void {
    const isSearching = this.#isSearching(nowUs);
    for (const candidate of this.#candidates) {
      if (isSearching) candidate.dueUs = Math.min(candidate.dueUs, nowUs + SEARCH_INTERVAL_US);
    }
    for (const candidate of this.#candidates) if (nowUs >= candidate.dueUs) this.#check(nowUs, candidate, out);
  }

  close(): void {
    for (const { address } of this.#candidates) {
      if (this.#shell.addresses.release(this.#handle, address)) this.#shell.removeRemote(address);
    }
  }

  #isSuccess(message: StunMessage): boolean {
    if (message.class !== 'success' || message.xorMappedAddress === undefined) return false;
    return verifyFingerprint(message) && verifyIntegrity(message, this.#remotePassword);
  }

  #select(nowUs: number, candidate: Candidate): void {
    if (this.#selected !== undefined) this.pathSwitches++;
    this.#selected = candidate;
    this.#shell.setDestination(this.#handle, candidate.address);
    // At once: the check that nominates it.
    candidate.dueUs = nowUs;
  }

  #measure(sampleMs: number): void {
    const before = this.roundTripMs;
    this.roundTripMs = before === undefined ? sampleMs : before + ROUND_TRIP_GAIN * (sampleMs - before);
  }

  #intervalUs(nowUs: number, candidate: Candidate): number {
    if (this.#isSearching(nowUs)) return SEARCH_INTERVAL_US;
    return candidate === this.#selected ? this.#pace.checkIntervalUs : SPARE_INTERVAL_US;
  }

  #isSearching(nowUs: number): boolean {
    return this.#selected === undefined || nowUs - this.#selected.lastAnswerUs >= this.#pace.searchAfterUs;
  }

  #check(nowUs: number, candidate: Candidate, out: EgressPlan): void {
    candidate.dueUs = nowUs + this.#intervalUs(nowUs, candidate);
    const { address, outstanding } = candidate;
    // An address of another transport's is not ours to send to: its answers would go there.
    if (!this.#shell.addresses.claim(nowUs, this.#handle, address) || !out.hasRoom(1, MAX_REQUEST_BYTES)) return;
    this.#shell.addRemote(this.#handle, address);
    const transactionId = this.#draw(TRANSACTION_ID_BYTES);
    if (outstanding.length === MAX_OUTSTANDING) outstanding.shift();
    outstanding.push({ transactionId, sentUs: nowUs });
    const offset = out.sideSize;
    writer.begin(out.side, offset, BINDING_REQUEST, transactionId);
    writer.attribute(StunAttribute.username, this.#username);
    writer.attribute(StunAttribute.priority, PRIORITY_BYTES);
    writer.attribute(StunAttribute.iceControlling, this.#draw(8));
    if (candidate === this.#selected) writer.attribute(StunAttribute.useCandidate, NOTHING);
    writer.messageIntegrity(this.#remotePassword);
    writer.fingerprint();
    const size = writer.end();
    out.datagramTo(address, out.reserveSide(size), size);
  }

  /** Bytes that nobody else can foretell, and never the same twice. */
  #draw(sizeBytes: number): Uint8Array {
    return createHmac('sha256', this.#secret)
      .update(`check ${this.#counter++}`)
      .digest()
      .subarray(0, sizeBytes);
  }

  #find(address: RemoteAddress): Candidate | undefined {
    return this.#candidates.find((candidate) => sameAddress(candidate.address, address));
  }
}

const NOTHING = new Uint8Array(0);
const PRIORITY_BYTES = new Uint8Array(4);
writeUint32(PRIORITY_BYTES, 0, PRIORITY >>> 0);

/** The check that `message` answers; it and all before it are then settled. */
function takeCheck({ outstanding }: Candidate, message: StunMessage): Outstanding | undefined {
  const at = outstanding.findIndex(({ transactionId }) => equals(transactionId, message.transactionId));
  if (at < 0) return undefined;
  const check = outstanding[at];
  outstanding.splice(0, at + 1);
  return check;
}

function equals(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
