/** Numbers of RTCP that reader and writer share. */

/** Packet types (RFC 3550 section 12.1, RFC 4585 section 6.1). */
export const RtcpType = {
  senderReport: 200,
  receiverReport: 201,
  sourceDescription: 202,
  bye: 203,
  transportFeedback: 205,
  payloadFeedback: 206,
} as const;

/** FMT values of transport-layer feedback (205). */
export const TransportFormat = {
  /** RFC 4585 section 6.2.1. */
  nack: 1,
  /** draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1. */
  transportWide: 15,
} as const;

/** FMT values of payload-specific feedback (206). */
export const PayloadFormat = {
  /** RFC 4585 section 6.3.1. */
  pictureLossIndication: 1,
  /** RFC 5104 section 4.3.1. */
  fullIntraRequest: 4,
  /** RFC 4585 section 6.4; REMB (draft-alvestrand-rmcat-remb-03) is the only one read. */
  application: 15,
} as const;

/** Bytes of header and SSRC that start every packet type used here. */
export const REPORT_HEADER_BYTES = 8;
export const SENDER_INFO_BYTES = 20;
export const REPORT_BLOCK_BYTES = 24;
/** Bytes of header, sender SSRC and media SSRC that start every feedback packet. */
export const FEEDBACK_HEADER_BYTES = 12;
/** "REMB" in ASCII. */
export const REMB_IDENTIFIER = 0x52454d42;
