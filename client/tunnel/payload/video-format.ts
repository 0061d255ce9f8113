/** How a codec's frames lie in RTP payloads. One strategy for each codec; receiving knows them by this alone. */

/** What the payload of one packet says of its frame. */
export interface PayloadInfo {
  /** The packet is the first of its frame. */
  readonly startsFrame: boolean;
  /** With `startsFrame`: a decoder can begin here. */
  readonly isKey: boolean;
  /** 0: the base layer. Undefined: the payload does not tell layers. */
  readonly temporal: number | undefined;
  /** 8 bits: grows by one with each frame of the base layer, the same in those above it. Undefined: not told. */
  readonly baseIndex: number | undefined;
}

export interface VideoFormat {
  /** `VP8`, as in SDP. */
  readonly name: string;
  /** Undefined when malformed. */
  describe(payload: Uint8Array): PayloadInfo | undefined;
  /** The frame as the decoder takes it, of all its payloads in order. Undefined when they do not fit together. */
  join(payloads: readonly Uint8Array[]): Uint8Array | undefined;
}
