/**
 * The JSON messages between a client and a zone-controller over WSS (path `/v1/signalling`, one JSON object a text
 * frame). Types only: the zone-controller validates against a schema that these types check.
 *
 * A client sends `join` or `resume` first. A request that carries `id` is answered by a message with the same `id`.
 */

export type SourceKind = 'microphone' | 'camera' | 'screen';

export type ClientMessage =
  | {
      type: 'join';
      id: number;
      meeting: string;
      passcode?: string;
      token?: string;
      name: string;
      /** SDP. Send-only m-lines are sources, receive-only ones slots; see docs/slots.md. */
      offer: string;
      /** Which send-only m-line carries what: mid → kind. */
      sources: Record<string, SourceKind>;
      /** Sources that start muted; camera and screen of a client that has none to send yet are muted. */
      muted: SourceKind[];
    }
  | { type: 'resume'; id: number; session: string }
  | { type: 'offer'; id: number; offer: string; sources: Record<string, SourceKind> }
  | { type: 'view'; view: ViewEntry[] }
  | { type: 'mute'; source: SourceKind; muted: boolean }
  /** Asked to move: an offer for a second connection, to another router. The stay is the same. */
  | { type: 'move'; id: number; offer: string; sources: Record<string, SourceKind>; muted: SourceKind[] }
  /** The second connection is in use, the first one is not needed any more. */
  | { type: 'moveDone' }
  /** Nothing at all has come from the router for two seconds. Said again each half second while it is so. */
  | { type: 'mediaLost' }
  | { type: 'leave' }
  | { type: 'ping' };

export interface ViewEntry {
  mid: string;
  source: { participant: string; kind: SourceKind } | 'auto' | 'off';
  maxHeight?: number;
  maxFps?: number;
}

export interface RosterEntry {
  participant: string;
  name: string;
  /** Which sources exist and are not muted. */
  live: SourceKind[];
  /** False between a lost media transport or WebSocket and its return. */
  connected: boolean;
}

export interface SlotEntry {
  mid: string;
  participant?: string;
  kind?: SourceKind;
  /** The subscriber's bandwidth does not allow this picture now: it stands still until it does. */
  suspended?: boolean;
}

/** One encoding of an own source. `rid` is '' for a source without simulcast. */
export interface EncodingEntry {
  rid: string;
  /** False: nobody needs it, stop encoding it. */
  active: boolean;
  /** Tallest picture that somebody wants of it. */
  maxHeight?: number;
}

/** 0 (lost) to 100 (excellent), see docs/connection-quality.md. */
export interface QualityEntry {
  participant: string;
  /** From the participant to the router; absent while he sends nothing. */
  uplink?: number;
  /** From the router to the participant; absent while he receives nothing. */
  downlink?: number;
}

export type ServerMessage =
  | {
      type: 'joined';
      id: number;
      answer: string;
      self: { participant: string; session: string };
      meeting: { id: string; passcode?: string };
      roster: RosterEntry[];
      slots: SlotEntry[];
      speakers: string[];
      /** Where the zone's other controllers are reached, for when this one is not. */
      controllers: string[];
      /** There is room for sound only: no picture comes or goes. Absent: everything does. */
      media?: 'audio';
    }
  | {
      type: 'resumed';
      id: number;
      self: { participant: string; session: string };
      roster: RosterEntry[];
      slots: SlotEntry[];
      speakers: string[];
      controllers: string[];
      /** As in `joined`. */
      media?: 'audio';
    }
  /** Others than those in `joined`, `resumed` or this message before. */
  | { type: 'controllers'; controllers: string[] }
  | { type: 'answer'; id: number; answer: string }
  /** Please send `move`: media is to go by another router. Told again after `resumed` while it is still so. */
  | { type: 'move'; reason: MoveReason }
  /** Answers `move`. `slots` and `encodings` that follow are of the second connection, and requests go to it. From here on
   *  `session` is what `resume` takes. */
  | { type: 'moved'; id: number; answer: string; session: string; slots: SlotEntry[]; media?: 'audio' }
  /** What changed since the last one: entries replace those of the same participant. */
  | { type: 'roster'; changed: RosterEntry[]; left: string[] }
  /** The slots that changed. */
  | { type: 'slots'; slots: SlotEntry[] }
  /** Who speaks now, the dominant speaker first. */
  | { type: 'speakers'; speakers: string[] }
  /** Which encodings of an own source anybody needs from now on. */
  | { type: 'encodings'; source: SourceKind; encodings: EncodingEntry[] }
  /** Whose connection quality changed noticeably. */
  | { type: 'quality'; qualities: QualityEntry[] }
  | { type: 'left'; reason: string }
  | { type: 'pong' }
  | { type: 'error'; id?: number; code: SignallingErrorCode; message: string; retryAfterMs?: number };

export type MoveReason = 'drain' | 'routerLost' | 'workerLost' | 'rebalance' | 'admin' | 'upgrade';

export type SignallingErrorCode =
  | 'badMessage'
  | 'rateLimited'
  | 'noSuchMeeting'
  | 'wrongPasscode'
  | 'meetingFull'
  | 'sessionExpired'
  | 'badOffer'
  | 'noRouter'
  | 'meetingLost'
  | 'notJoined'
  /** His role in the meeting, or a setting of it, does not let him. */
  | 'notAllowed'
  /** Makes no sense as the meeting is now: somebody has left, a list is full. */
  | 'notPossible'
  /** The part of the service that decides about it is away for a moment. */
  | 'tryAgain'
  | 'internal';

/** `POST /v1/meetings` answers this (201). */
export interface CreatedMeeting {
  /** 11 digits, the last one a check digit. */
  meeting: string;
  passcode: string;
  hostKey: string;
  /** Invite link with the two values in its fragment. */
  link: string;
}
