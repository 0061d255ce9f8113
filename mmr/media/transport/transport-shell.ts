/** What a transport asks of the worker's shell. Carried out at once; the shell wires it to the engine. */
import type { RemoteAddress } from '../remote-address.ts';
import type { AddressTable } from './address-table.ts';
import type { DtlsRole, DtlsSession, SrtpKeys } from './dtls-session.ts';

/** Why a transport ended by itself. */
export type TransportEnd = 'consentExpired' | 'neverConnected' | 'dtlsFailed' | 'dtlsClosed';

/** What the shell needs to know of a transport. */
interface Caller {
  readonly handle: number;
}

export interface TransportShell {
  /** Which transport owns which remote address; one table for all transports of a worker. */
  readonly addresses: AddressTable;
  /** Datagrams from `address` are from now on reported under `handle`. At most MAX_REMOTE_ADDRESSES per transport. */
  addRemote(handle: number, address: RemoteAddress): void;
  /** Only called for an address that this transport owns, so it never takes one away from another transport. */
  removeRemote(address: RemoteAddress): void;
  /** Where RTP, RTCP and DTLS of this transport go from now on. */
  setDestination(handle: number, address: RemoteAddress): void;
  /** Called once per transport, after the peer's fingerprint matched. `maxStreams`: SSRCs that the peer may use. */
  setSrtpKeys(handle: number, keys: SrtpKeys, maxStreams: number): void;
  /** A fresh endpoint. Called at most once per transport, when its handshake begins. */
  openDtls(handle: number, role: DtlsRole): DtlsSession;
  /** The `nextTimeoutUs()` of the transport moved to the earlier time `atUs`, between two calls of `handleTimeout`. */
  wake(transport: Caller, atUs: number): void;
  /** Keys are in place: media flows from now on. */
  connected(transport: Caller): void;
  /**
   * The transport ended by itself and has released everything; last act of the call that ended it. What it still wrote
   * to `out` (close_notify) should be flushed before its handle is closed.
   */
  closed(transport: Caller, reason: TransportEnd): void;
}
