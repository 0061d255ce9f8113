/** Why an offer was refused. A value, never thrown: an offer is hostile bytes. */

export type SdpErrorCode =
  /** Larger than MAX_SDP_BYTES, a line longer than MAX_LINE_LENGTH, or more m-lines than MAX_MEDIA_LINES. */
  | 'tooLarge'
  /** Not SDP, or an m-line without mid, or a mid that is there twice. */
  | 'malformed'
  /** No BUNDLE group with a usable m-line, or a bundled m-line without rtcp-mux. */
  | 'notBundled'
  /** ICE credentials missing or out of RFC 8839 section 5.4, or the other side is ICE-lite as well. */
  | 'badIce'
  /** No fingerprint by SHA-256 or better, or one of the wrong length. */
  | 'badFingerprint'
  /** `a=setup` leaves us no passive role. */
  | 'badSetup'
  /** One header-extension id for two URIs, or out of range. */
  | 'badExtension'
  /** A send-only m-line that `sources` does not name, a name without m-line, one kind twice, or an audio camera. */
  | 'badSources'
  /** One SSRC announced for two m-lines. */
  | 'duplicateSsrc'
  /** A further offer that changes what must stay: ICE credentials, certificate, order or kind of m-lines. */
  | 'badRenegotiation';

export class SdpError {
  readonly code: SdpErrorCode;
  /** For the developer of the client; holds nothing of the offer but mids. */
  readonly message: string;

  constructor(code: SdpErrorCode, message: string) {
    this.code = code;
    this.message = message;
  }
}
