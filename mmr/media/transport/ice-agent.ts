/** The ICE agent of one transport, as the transport sees it: `IceLite` answers checks, `IceInitiator` sends them. */
import type { EgressPlan } from '../egress/egress-plan.ts';
import type { RemoteAddress } from '../remote-address.ts';

export interface IceAgent {
  /** Where our packets go; undefined before the first address has proved itself. */
  readonly selected: RemoteAddress | undefined;
  /** When the transport ends unless a check succeeds before. */
  readonly deadlineUs: number;
  /** When the last check of the selected address succeeded; −Infinity before the first. */
  readonly heardUs: number;
  /** When `handleTimeout` is due; Infinity when there is nothing to send. */
  readonly dueUs: number;
  /** Smoothed round-trip time of checks that we sent; undefined when we send none, or none was answered. */
  readonly roundTripMs: number | undefined;
  /** One STUN message from `address`. False: dropped, and nothing has changed. */
  handle(
    nowUs: number,
    bytes: Uint8Array,
    offset: number,
    size: number,
    address: RemoteAddress,
    out: EgressPlan,
  ): boolean;
  isValidated(address: RemoteAddress): boolean;
  /** The peer's handshake comes from `address`. False: that has not proved itself. */
  follow(nowUs: number, address: RemoteAddress): boolean;
  /** Sends the checks that are due. */
  handleTimeout(nowUs: number, out: EgressPlan): void;
  /** Gives all addresses back. */
  close(): void;
}
