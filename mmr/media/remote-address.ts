/** A UDP address as bytes. Cold path: made when ICE validates a packet, never per media packet. */
export interface RemoteAddress {
  readonly family: 4 | 6;
  readonly port: number;
  /** 4 or 16 bytes, network byte order. */
  readonly bytes: Uint8Array;
}
