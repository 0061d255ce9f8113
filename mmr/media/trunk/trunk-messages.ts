/**
 * What the two ends of a trunk tell each other beside the media: plain values, carried by the control plane in order and
 * without loss while its stream to the other router stands. After each new stream both ends say everything again, so every
 * message tells a state and saying it twice does no harm. docs/trunks.md tells it by scenarios.
 */
import type { MeetingId, ParticipantId } from '../../../common/ids.ts';
import type { CodecName, SourceKind } from '../negotiated.ts';

/** Neighbours one version apart work together: what a message of a newer one has beyond ours is ignored. */
export const TRUNK_VERSION = 1;
export const OLDEST_TRUNK_VERSION = Math.max(1, TRUNK_VERSION - 1);

/** A trunk as both ends' control planes call it; at most one open trunk per pair of workers. */
declare const trunkId: unique symbol;
export type TrunkId = string & { readonly [trunkId]: true };

/** A codec of an announced source. Its payload types on the trunk follow from its place in the list (`trunk-codecs.ts`). */
export interface TrunkCodec {
  readonly name: CodecName;
  readonly clockRateHz: number;
  /** As `NegotiatedCodec.key`: who can decode it. */
  readonly key: string;
}

/** Which source of which meeting a message is about. */
export interface SourceName {
  readonly meeting: MeetingId;
  readonly participant: ParticipantId;
  readonly kind: SourceKind;
}

/** A source that the sender of the message can send over this trunk. */
export interface SourceMessage extends SourceName {
  readonly type: 'source';
  /** Trunks from the publisher's worker to the receiver of the message: 1 for the sender's own participants. */
  readonly hops: number;
  readonly muted: boolean;
  readonly codecs: readonly TrunkCodec[];
  /** Of its encodings; `['']` without simulcast. */
  readonly rids: readonly string[];
}

/** Send that source, or go on sending it. */
export interface DemandMessage extends SourceName {
  readonly type: 'demand';
  /**
   * Chosen by who demands, so that he knows the streams before their first packet: encoding i of the announced rids comes as
   * `ssrc` + 2 i, its RTX as `ssrc` + 2 i + 1. Another `ssrc` than before begins the source anew. Each new one is higher than
   * all before on the trunk: used twice, it would use SRTP's nonces twice.
   */
  readonly ssrc: number;
  /** Tallest picture that is watched, pixels; 0: no limit. Encodings and spatial layers beyond are not sent. */
  readonly maxHeight: number;
}

/** Scores as in `forward/active-speaker.ts`, 0–127. */
export interface SpeakerLevel {
  readonly participant: ParticipantId;
  readonly loudness: number;
  readonly presence: number;
}

export interface RankingMessage {
  readonly type: 'ranking';
  readonly meeting: MeetingId;
  /** Those to be heard first, and those to be seen first; the rest comes behind them in any order. */
  readonly heard: readonly ParticipantId[];
  readonly seen: readonly ParticipantId[];
  /** Those who speak now, dominant one first. */
  readonly speaking: readonly ParticipantId[];
}

export type TrunkMessage =
  /** First on each new control stream. `up`: as in `health`. */
  | { readonly type: 'hello'; readonly version: number; readonly up: boolean }
  /** Whether the sender hears the other end on the media path. The trunk carries meetings while both do. */
  | { readonly type: 'health'; readonly up: boolean }
  /** The sender takes part in the meeting over this trunk, and asks for everything about it to be said (again). */
  | { readonly type: 'link'; readonly meeting: MeetingId }
  | { readonly type: 'unlink'; readonly meeting: MeetingId }
  /** All that there is about the meeting has been said since `link`: what was not repeated is gone. */
  | { readonly type: 'synced'; readonly meeting: MeetingId }
  | SourceMessage
  | ({ readonly type: 'withdraw' } & SourceName)
  | DemandMessage
  | ({ readonly type: 'release' } & SourceName)
  /** `ssrc`, which you have demanded, has been used before: demand the source under others. */
  | ({ readonly type: 'renew'; readonly ssrc: number } & SourceName)
  /** To the parent: the loudest candidates of the sender and all below it; who is not listed is silent. */
  | { readonly type: 'levels'; readonly meeting: MeetingId; readonly levels: readonly SpeakerLevel[] }
  /** To the children: the ranking of the whole meeting. */
  | RankingMessage;
