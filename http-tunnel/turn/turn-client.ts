/** A client as the shells know it: its 5-tuple, and how it is sent to. */
import type { FiveTuple, Relay } from './core/allocation.ts';

export interface TurnClient extends FiveTuple {
  /** `isData`: a Data indication, which is worth nothing when it is late. The bytes are given away. */
  sendMessage(bytes: Uint8Array, isData: boolean): void;
  /** Frames data of a peer; the bytes hold only during the call. */
  sendChannelData(channel: number, bytes: Uint8Array, offset: number, size: number): void;
}

export type TurnRelay = Relay<TurnClient>;
