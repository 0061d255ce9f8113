/** What the TURN server wants done. Write-only: the shell carries it out, and nothing comes back from a call. */
import type { FiveTuple, Relay } from './allocation.ts';

export interface TurnOut<Client extends FiveTuple> {
  /** An answer; the bytes are the shell's to keep. */
  answer(client: Client, bytes: Uint8Array): void;
  /** A Data indication, likewise. May be dropped for a client who reads too slowly. */
  dataIndication(client: Client, bytes: Uint8Array): void;
  /** Data of a peer, to be framed as ChannelData (RFC 8656 section 12.4). The bytes hold only during the call. */
  channelData(client: Client, channel: number, bytes: Uint8Array, offset: number, size: number): void;
  /** Data of the client. The bytes are not written to afterwards. */
  toPeer(relay: Relay<Client>, bytes: Uint8Array, offset: number, size: number, address: string, port: number): void;
  /** A socket of the relay's family; `handleRelayOpened` or `handleRelayFailed` tells how it went, after this call. */
  openRelay(relay: Relay<Client>, evenPort: boolean): void;
  /** Also of a relay that is still being opened; nothing is to come from it any more. */
  closeRelay(relay: Relay<Client>): void;
}
