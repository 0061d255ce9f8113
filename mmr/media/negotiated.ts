/**
 * What the SDP negotiation of one participant agreed on, as plain data: made on the main thread (`mmr/sdp`), sent to
 * the worker, read by the media core. Payload types and extension ids are those of this participant's own offer.
 */

export type SourceKind = 'microphone' | 'camera' | 'screen';
export type MediaKind = 'audio' | 'video';
export type CodecName = 'opus' | 'VP8' | 'VP9' | 'H264' | 'AV1';

export interface NegotiatedCodec {
  readonly name: CodecName;
  readonly payloadType: number;
  readonly clockRateHz: number;
  /**
   * Equal for two participants exactly when one can decode what the other sends under it: the codec's name and the
   * fmtp parameters that change the bit stream, e.g. `VP8`, `VP9/0`, `H264/42e0/1`, `AV1/0`.
   */
  readonly key: string;
}

/** Header-extension ids (1–14 one-byte, up to 255 two-byte); 0 when not negotiated. */
export interface ExtensionIds {
  readonly mid: number;
  readonly rid: number;
  readonly audioLevel: number;
  readonly transportSequenceNumber: number;
  readonly absSendTime: number;
  readonly videoOrientation: number;
  readonly dependencyDescriptor: number;
}

/** A send-only m-line of the client. */
export interface NegotiatedSource {
  readonly mid: string;
  readonly kind: SourceKind;
  readonly codecs: readonly NegotiatedCodec[];
  /** SSRC from the offer's `a=ssrc`; undefined when the stream is to be recognised by its mid extension. */
  readonly ssrc: number | undefined;
  readonly muted: boolean;
}

/** A receive-only m-line of the client: a fixed position to which the meeting assigns sources. */
export interface NegotiatedSlot {
  readonly mid: string;
  readonly kind: MediaKind;
  readonly codecs: readonly NegotiatedCodec[];
  /** SSRC that the answer announced for what we send here. */
  readonly ssrc: number;
}

export interface NegotiatedTransport {
  readonly localUfrag: string;
  readonly localPassword: string;
  readonly remoteUfrag: string;
  /** From the offer's `a=fingerprint` lines; any one of them must match (RFC 8122 section 5). */
  readonly remoteFingerprints: readonly Fingerprint[];
  /** Whether `a=rtcp-rsize` was agreed (RFC 5506): feedback may then go without a report before it. Default false. */
  readonly reducedSizeRtcp?: boolean;
}

export interface Fingerprint {
  readonly algorithm: 'sha-256' | 'sha-384' | 'sha-512';
  readonly value: Uint8Array;
}

export interface NegotiatedMedia {
  readonly sources: readonly NegotiatedSource[];
  readonly slots: readonly NegotiatedSlot[];
  readonly extensions: ExtensionIds;
  /** CNAME of the participant's RTCP, from the router's answer. */
  readonly cname: string;
}

/** What a subscriber asks to see in one slot. */
export interface ViewEntry {
  readonly mid: string;
  /** A fixed source, "auto" (the meeting fills it), or "off". */
  readonly source: { readonly participant: string; readonly kind: SourceKind } | 'auto' | 'off';
  readonly maxHeight: number | undefined;
  readonly maxFps: number | undefined;
}

/** What a slot carries now; `participant` undefined when it is empty. */
export interface SlotAssignment {
  readonly mid: string;
  readonly participant: string | undefined;
  readonly kind: SourceKind | undefined;
}
