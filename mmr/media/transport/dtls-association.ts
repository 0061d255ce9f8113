/**
 * The DTLS-SRTP association of one transport (RFC 5763, 5764): feeds the endpoint, sends what it gives out, and decides
 * on the peer's certificate. Keys come out only after a fingerprint matched. Where datagrams may come from, and how
 * long a handshake may take, is the transport's to say.
 */
import type { EgressPlan } from '../egress/egress-plan.ts';
import type { Fingerprint } from '../negotiated.ts';
import type { DtlsSession, SrtpKeys } from './dtls-session.ts';
import { matchesFingerprint } from './fingerprint.ts';

/** Datagrams taken from the endpoint at once: more than the longest flight in fragments of 1200 bytes. */
const MAX_FLIGHT_DATAGRAMS = 32;
/**
 * The endpoint's own clock may lag behind ours by a moment: a timer that is due already is looked at again after this.
 */
const MIN_TIMEOUT_US = 10_000;

export type AssociationState = 'new' | 'handshaking' | 'connected' | 'failed' | 'closed';

export class DtlsAssociation {
  /** `failed`: the handshake failed or its certificate was refused. `closed`: the peer ended it after it was up. */
  state: AssociationState = 'new';
  /** When `handleTimeout` is due; Infinity when no flight waits for an answer. */
  dueUs = Number.POSITIVE_INFINITY;
  /** Certificates that matched none of the fingerprints. */
  refusedCertificates = 0;
  readonly #handle: number;
  readonly #fingerprints: readonly Fingerprint[];
  readonly #openSession: (handle: number) => DtlsSession;
  #session: DtlsSession | undefined;

  constructor(handle: number, fingerprints: readonly Fingerprint[], openSession: (handle: number) => DtlsSession) {
    this.#handle = handle;
    this.#fingerprints = fingerprints;
    this.#openSession = openSession;
  }

  /** As the client: says the first word. */
  start(nowUs: number, out: EgressPlan): void {
    if (this.state !== 'new') return;
    this.#session = this.#openSession(this.#handle);
    this.state = 'handshaking';
    this.#advance(nowUs, this.#session, out);
  }

  /** One datagram in. The keys are returned once: by the call that completes the handshake. */
  handle(nowUs: number, datagram: Uint8Array, out: EgressPlan): SrtpKeys | undefined {
    if (this.state === 'failed' || this.state === 'closed') return undefined;
    if (this.#session === undefined) {
      this.#session = this.#openSession(this.#handle);
      this.state = 'handshaking';
    }
    this.#session.handle(datagram);
    return this.#advance(nowUs, this.#session, out);
  }

  /** Repeats the last flight when it is due. */
  handleTimeout(nowUs: number, out: EgressPlan): void {
    if (this.#session === undefined || nowUs < this.dueUs) return;
    this.#session.handleTimeout();
    this.#advance(nowUs, this.#session, out);
  }

  /** Says close_notify if there is somebody to say it to, and frees the endpoint. */
  close(out: EgressPlan | undefined): void {
    const session = this.#session;
    if (session === undefined) return;
    const wasConnected = this.state === 'connected';
    session.close();
    if (wasConnected && out !== undefined) this.#send(session, out);
    this.#session = undefined;
    this.dueUs = Number.POSITIVE_INFINITY;
    if (this.state !== 'failed') this.state = 'closed';
  }

  #advance(nowUs: number, session: DtlsSession, out: EgressPlan): SrtpKeys | undefined {
    let keys: SrtpKeys | undefined;
    if (this.state === 'handshaking' && session.state === 'connected') {
      keys = this.#admit(session);
      // The last flight is withheld from a refused peer, so that it does not take itself for connected.
      this.state = keys === undefined ? 'failed' : 'connected';
      if (keys === undefined) return undefined;
    } else if (session.state === 'failed' || session.state === 'closed') {
      this.state = this.state === 'connected' ? 'closed' : 'failed';
    }
    this.#send(session, out);
    const timeoutUs = this.state === 'failed' || this.state === 'closed' ? undefined : session.timeoutUs();
    this.dueUs = timeoutUs === undefined ? Number.POSITIVE_INFINITY : nowUs + Math.max(timeoutUs, MIN_TIMEOUT_US);
    return keys;
  }

  #admit(session: DtlsSession): SrtpKeys | undefined {
    if (matchesFingerprint(session, this.#fingerprints)) return session.srtpKeys();
    this.refusedCertificates++;
    return undefined;
  }

  /** What finds no room is lost like any datagram: the flight is repeated. */
  #send(session: DtlsSession, out: EgressPlan): void {
    for (let i = 0; i < MAX_FLIGHT_DATAGRAMS; i++) {
      const datagram = session.takeOutgoing();
      if (datagram === undefined) return;
      if (!out.hasRoom(1, datagram.length)) continue;
      const offset = out.reserveSide(datagram.length);
      out.side.set(datagram, offset);
      out.datagram(this.#handle, offset, datagram.length);
    }
  }
}
