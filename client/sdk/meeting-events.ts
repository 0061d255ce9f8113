/** What a meeting is made from and what it tells. */
import type { EncodingEntry, SourceKind } from '../../proto/signalling.ts';
import type { PublishOptions } from './encoding-plan.ts';
import type { MediaConnectionState } from './media-connection.ts';
import type { MeetingError } from './meeting-error.ts';
import type { RecordChange, RosterChange } from './meeting-state.ts';
import type { StreamStatistics } from './statistics.ts';

export interface ConnectionState {
  /** `away`: the WebSocket is lost and being opened again; media goes on. `waiting`: to be let in, also once again. */
  signalling: 'open' | 'away' | 'waiting';
  media: MediaConnectionState;
}

/** Why one is not let in at once: a host has to do it, or there is no host yet. */
export interface WaitingNotice {
  reason: 'waitingRoom' | 'noHost';
  title: string | undefined;
}

export interface MeetingEvents {
  roster: RosterChange;
  /** Roles, hands, settings, chat, rooms, who waits. */
  state: RecordChange;
  /** Somebody shows an emoji for a moment; ourselves too. */
  reaction: { participant: string; emoji: string };
  /** A host has turned off a source of our own, or it may not be turned on. */
  mutedByHost: SourceKind;
  /** A host asks for it; turning it on is up to us. */
  askedToUnmute: 'microphone' | 'camera';
  /** Before we are in: a host has to let us in. */
  waiting: WaitingNotice;
  /** On the way to a breakout room of this name, or back to the meeting (undefined). */
  going: { room: string | undefined };
  /** We are in another meeting now, a breakout room or the one that it belongs to: everybody and everything is another. */
  place: undefined;
  /** Slots carry other sources now. */
  slots: undefined;
  /** Who speaks now, the dominant speaker first; nobody in silence. */
  speakers: readonly string[];
  connection: ConnectionState;
  /** There is room for sound only, or for pictures again. */
  audioOnly: boolean;
  /** The connections of these participants are better or worse than before. */
  quality: readonly string[];
  /** A source of our own went live or stopped. */
  local: SourceKind;
  /** Something a person should know, in plain words. */
  notice: string;
  /** Something failed; the meeting goes on, or tries to. */
  error: MeetingError;
  /** The stay is over; `error` says why when it was not our own wish. */
  left: { error: MeetingError | undefined };
}

export interface MeetingOptions {
  url: string;
  meeting: string;
  passcode: string;
  /** Makes us a host. */
  hostKey: string | undefined;
  /** In place of passcode and host key, as given by the server for this meeting. */
  pass: string | undefined;
  name: string;
  /** Round trips to zones that were measured so far, milliseconds. */
  roundTrips?: (() => Record<string, number>) | undefined;
  publish: PublishOptions;
  audioSlots: number;
  videoSlots: number;
  microphone: MediaStreamTrack | undefined;
  camera: MediaStreamTrack | undefined;
  notices: readonly string[];
}

/** One stream with the tile it belongs to. */
export interface SourceStatistics extends StreamStatistics {
  participant: string;
  source: SourceKind;
  /** It stands still because our bandwidth does not allow it. */
  suspended: boolean;
  /** Tallest picture that was asked for in this slot, in pixels; undefined without a limit and for our own. */
  askedHeight: number | undefined;
  /** What the meeting wants of this encoding of ours; undefined while it has not said, and for what is received. */
  demand: EncodingEntry | undefined;
}
