/**
 * How media goes between this page and one router: an RTCPeerConnection (media-connection.ts), or a tunnel (client/tunnel). Three sources and
 * the slots, offered once.
 */
import type { EncodingEntry, SourceKind } from '../../proto/signalling.ts';
import type { MediaConnectionState, Slot } from './media-connection.ts';
import type { SlotContents } from './slot-contents.ts';

/** `good`: one of the relays it was given has let us in. `bad`: none of them will. */
export type Prospect = 'unknown' | 'good' | 'bad';

export interface MediaWay {
  /** What the slots carry now, as the server says. */
  readonly contents: SlotContents;
  readonly state: MediaConnectionState;
  /** Whether anything can be expected to arrive. */
  readonly isUp: boolean;
  /** Of its ever being connected, before it is. */
  readonly prospect: Prospect;
  /** Once. Rejects when this way cannot be had. */
  offer(): Promise<{ offer: string; sources: Record<string, SourceKind> }>;
  accept(answer: string): Promise<void>;
  /** Whether media flows within this time; false at once when it never will. */
  connected(withinMs: number): Promise<boolean>;
  /** Grows with whatever arrives. */
  received(): Promise<number>;
  /** Whether all pictures that move in another connection have been decoded in this one, too. */
  isShowing(others: SlotContents): Promise<boolean>;
  /** Sends a track from now on, or nothing. */
  send(kind: SourceKind, track: MediaStreamTrack | undefined): Promise<void>;
  /** Which encodings of a source of our own anybody needs. */
  setDemand(kind: SourceKind, demand: readonly EncodingEntry[]): Promise<void>;
  /** What the meeting wants of an encoding of ours; undefined while it has not said. */
  demandOf(kind: SourceKind, rid: string): EncodingEntry | undefined;
  /** Slots by mid. Empty before the offer was made. */
  slots(): Map<string, Slot>;
  /** The m-line that carries a source of our own. */
  sourceMid(kind: SourceKind): string | undefined;
  /** Dictionaries as of `RTCPeerConnection.getStats()` (W3C webrtc-stats). */
  statistics(): Promise<Iterable<[string, unknown]>>;
  close(): void;
}
