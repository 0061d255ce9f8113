/**
 * The JSON messages between a client and a zone-controller over WSS (path `/v1/signalling`, one JSON object a text
 * frame). Types only: the zone-controller validates against a schema that these types check.
 *
 * A client sends `join` or `resume` first. A request that carries `id` is answered by a message with the same `id`.
 */
import type { MeetingSettings } from './meeting-settings.ts';

export type SourceKind = 'microphone' | 'camera' | 'screen';

export type ClientMessage =
  | {
      type: 'join';
      id: number;
      meeting: string;
      passcode?: string;
      /** Of an identity provider that the zone trusts, in place of the passcode; see docs/identity.md. */
      token?: string;
      /** Makes the participant a host. */
      hostKey?: string;
      /** Given by `waiting` or `goTo` for this meeting: he comes as the same participant, without a passcode. */
      pass?: string;
      /** Round trips that the client measured, zone → milliseconds; see `GET /v1/zones`. */
      roundTrips?: Record<string, number>;
      /** Zones that have sent him on, as `redirect` says, and zones that he could not reach. */
      tried?: string[];
      /** Absent: as the token says. */
      name?: string;
      /** SDP. Send-only m-lines are sources, receive-only ones slots; see docs/slots.md. */
      offer: string;
      /** Which send-only m-line carries what: mid → kind. */
      sources: Record<string, SourceKind>;
      /** Sources that start muted; camera and screen of a client that has none to send yet are muted. */
      muted: SourceKind[];
    }
  /** `tried` as in `join`. */
  | { type: 'resume'; id: number; session: string; tried?: string[] }
  | { type: 'offer'; id: number; offer: string; sources: Record<string, SourceKind> }
  | { type: 'view'; view: ViewEntry[] }
  | { type: 'mute'; source: SourceKind; muted: boolean }
  /** Asked to move: an offer for a second connection, to another router. The stay is the same. `path`, which may be said
   *  unasked: to the same place by another way; the first connection goes on until `moveDone`, for 10 s at most. `moveUndone`
   *  says that the second one has come to nothing. */
  | {
      type: 'move';
      id: number;
      offer: string;
      sources: Record<string, SourceKind>;
      muted: SourceKind[];
      why?: 'path';
    }
  /** The second connection is in use, the first one is not needed any more. */
  | { type: 'moveDone' }
  /** The second connection, of `move` by `path`, is given up, also when that is not answered yet: `moveUndone` follows if it was there. */
  | { type: 'stay' }
  /** Nothing at all has come from the router for two seconds. Said again each half second while it is so. */
  | { type: 'mediaLost' }
  /** Which way its media goes by from now on, and what it has tried in vain before; for the operators' statistics. */
  | { type: 'wayIn'; rung: Rung; tried: TriedRung[] }
  /** Changes the meeting for others; `done` or `error` answers. `hostKey` belongs to `claimHost`. */
  | { type: 'act'; id: number; act: MeetingAct; hostKey?: string }
  | { type: 'leave' }
  | { type: 'ping' };

/** Ways to the routers, the best first; docs/http-tunnel.md. */
export type Rung = 'udp' | 'iceTcp' | 'turnUdp' | 'turnTcp' | 'turnTls' | 'webSocket' | 'httpStream' | 'longPoll';

/** At most 16 are told. */
export interface TriedRung {
  rung: Rung;
  /** From its beginning to its end, at most an hour. */
  ms: number;
  /** For logs, at most 64 characters. */
  why: string;
}

export type Role = 'host' | 'cohost' | 'participant';

/** docs/meeting-state.md says who may do what. `participant` is whom it is about. */
export type MeetingAct =
  | { type: 'lock' | 'unlock' }
  | { type: 'setSetting'; setting: 'waitingRoom' | 'joinBeforeHost' | 'unmuteSelf' | 'renameSelf'; value: boolean }
  | { type: 'setSetting'; setting: 'shareBy'; value: 'host' | 'all' }
  | { type: 'setSetting'; setting: 'chat'; value: 'all' | 'host' | 'off' }
  | { type: 'admit' | 'refuse'; participant: string }
  | { type: 'admitAll' }
  | { type: 'mute'; participant: string; source: SourceKind }
  | { type: 'muteAll' }
  | { type: 'askUnmute'; participant: string; source: 'microphone' | 'camera' }
  | { type: 'stopVideo' | 'remove'; participant: string }
  | { type: 'rename'; participant: string; name: string }
  | { type: 'makeHost' | 'makeCohost' | 'takeBackCohost'; participant: string }
  | { type: 'claimHost' }
  | { type: 'spotlight' | 'unspotlight'; participant: string }
  | { type: 'raiseHand' }
  | { type: 'lowerHand'; participant: string }
  | { type: 'lowerAllHands' }
  /** One of REACTIONS. */
  | { type: 'react'; emoji: string }
  /** Without `to`: to everybody. At most 2 KiB of text. */
  | { type: 'chat'; text: string; to?: string }
  | { type: 'openRooms'; rooms: { name: string; assigned: string[] }[] }
  /** Without a room: back to the meeting itself. */
  | { type: 'assignRoom'; participant: string; room?: string }
  | { type: 'closeRooms' }
  | { type: 'endMeeting' };

export const REACTIONS = ['👍', '👏', '❤️', '😂', '😮', '😢', '🎉', '🔥', '✅', '❌', '🐢', '🐇'] as const;

/** Of whom there is more to say than the roster does; of others there is no entry. */
export interface PersonEntry {
  participant: string;
  name: string;
  role: Role;
  /** Raised; lower for who raised it first. */
  hand?: number;
  /** A host has asked him to turn on his microphone. For himself and hosts. */
  mayUnmute?: true;
  /** A host has turned off his camera. For himself and hosts. */
  videoStopped?: true;
  /** The room in which he is, for hosts. */
  room?: string;
}

export interface WaitingEntry {
  participant: string;
  name: string;
  /** Unix time. */
  sinceMs: number;
}

export interface ChatEntry {
  id: string;
  from: string;
  fromName: string;
  /** Whom alone it is for; absent: everybody. */
  to?: string;
  toName?: string;
  text: string;
  /** Unix time. */
  sentMs: number;
}

export interface RoomEntry {
  room: string;
  name: string;
  /** For others than hosts: himself, and only the room to which he is assigned. */
  assigned: string[];
}

/** The meeting as one client may see it: waiting and rooms are for hosts. */
export interface MeetingEntry {
  /** In a breakout room: the meeting that it is part of. */
  main?: string;
  settings: MeetingSettings;
  people: PersonEntry[];
  waiting: WaitingEntry[];
  spotlight: string[];
  chat: ChatEntry[];
  rooms: RoomEntry[];
}

/** Each replaces what was said of the same before. */
export type MeetingChange =
  | { type: 'settings'; settings: MeetingSettings }
  | { type: 'person'; person: PersonEntry }
  /** There is nothing more to say of them than the roster does. */
  | { type: 'plain'; participants: string[] }
  | { type: 'waiting'; entry: WaitingEntry }
  | { type: 'notWaiting'; participants: string[] }
  | { type: 'spotlight'; spotlight: string[] }
  | { type: 'chat'; message: ChatEntry }
  | { type: 'rooms'; rooms: RoomEntry[] };

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
      meeting: { id: string; passcode?: string; title?: string };
      state: MeetingEntry;
      roster: RosterEntry[];
      slots: SlotEntry[];
      speakers: string[];
      /** Where the zone's other controllers are reached, for when this one is not. */
      controllers: string[];
      /** There is room for sound only: no picture comes or goes. Absent: everything does. */
      media?: 'audio';
      /** Absent: there are no tunnels. */
      access?: AccessEntry;
    }
  | {
      type: 'resumed';
      id: number;
      self: { participant: string; session: string };
      state: MeetingEntry;
      roster: RosterEntry[];
      slots: SlotEntry[];
      speakers: string[];
      controllers: string[];
      /** As in `joined`. */
      media?: 'audio';
      access?: AccessEntry;
    }
  /** Answers `join` of who is to wait. `joined` or `left` follows with no further request; until then `pass` is what `join`
   *  takes on another connection. */
  | {
      type: 'waiting';
      id: number;
      participant: string;
      pass: string;
      reason: 'waitingRoom' | 'noHost';
      meeting: { id: string; title?: string };
    }
  /** Answers `join` or `resume`: the same by one of these, of another zone, with this `tried`; and with `zone` in it, here again,
   *  when none of them can be reached. */
  | { type: 'redirect'; id: number; zone: string; urls: string[]; reason: string; tried: string[] }
  /** Please go on by one of these, of another zone: `resume` there, then `move`; `leave` here when that is done. Media stays
   *  meanwhile. */
  | { type: 'transfer'; zone: string; urls: string[]; reason: 'zoneDrained' | 'policy' }
  | { type: 'done'; id: number }
  /** All of it, after a change that is more than `state` says. */
  | { type: 'wholeState'; state: MeetingEntry }
  /** In the order in which it happened. */
  | { type: 'state'; changes: MeetingChange[] }
  | { type: 'reaction'; participant: string; emoji: string }
  /** A host has turned it off, or it may not be turned on. */
  | { type: 'muted'; source: SourceKind }
  | { type: 'askedToUnmute'; source: 'microphone' | 'camera' }
  /** The meeting may only last so long, and will be ended in `leftMs`. */
  | { type: 'endsSoon'; leftMs: number }
  /** To a breakout room, or back: `join` that meeting with this pass, and leave this one by that. */
  | { type: 'goTo'; meeting: string; name: string; pass: string }
  /** Others than those in `joined`, `resumed` or this message before. */
  | { type: 'controllers'; controllers: string[] }
  | { type: 'answer'; id: number; answer: string }
  /** Please send `move`: media is to go by another router. Told again after `resumed` while it is still so. */
  | { type: 'move'; reason: MoveReason }
  /** Answers `move`. `slots` and `encodings` that follow are of the second connection, and requests go to it. From here on
   *  `session` is what `resume` takes. */
  | {
      type: 'moved';
      id: number;
      answer: string;
      session: string;
      slots: SlotEntry[];
      media?: 'audio';
      /** Absent: what was said before holds. */
      access?: AccessEntry;
    }
  /** The second connection, of `move` by `path`, has come to nothing. `slots` and `encodings` that follow are of the first one
   *  again, and requests go to it; what was said of it meanwhile is to be said again. */
  | { type: 'moveUndone'; slots: SlotEntry[] }
  /** In place of the one before: told anew long before that ends, and when there are other tunnels. Who is told of a tunnel is
   *  told of it again for as long as it takes people. */
  | { type: 'access'; access: AccessEntry }
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
  /** `removed`, `refused`, `meetingEnded`, `meetingClosed`, `kicked`, `notAllowedHere`, `left`, or why media ended. */
  | { type: 'left'; reason: string }
  | { type: 'pong' }
  | { type: 'error'; id?: number; code: SignallingErrorCode; message: string; retryAfterMs?: number };

export type MoveReason =
  | 'drain'
  | 'routerLost'
  | 'workerLost'
  | 'rebalance'
  | 'admin'
  | 'upgrade'
  | 'zoneLost'
  | 'zoneDrained'
  /** The meeting may not be in the zone before any more. */
  | 'policy';

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

/** By which a client gets in whose UDP does not reach the routers: for an hour from when it is told. */
export interface AccessEntry {
  /** RFC 8656, as in RTCConfiguration.iceServers; one entry for each tunnel that has TURN. */
  turn: TurnEntry[];
  /** Where tunnels are reached, by HTTPS; few of all, the one to try first first. */
  tunnels: string[];
  /** Opens sessions at any of them. */
  ticket: string;
}
/** `GET /v1/access` answers this, for who is in no meeting yet: its ticket is for ten minutes. */
export type VisitorAccess = Omit<AccessEntry, 'turn'>;
export interface TurnEntry {
  urls: string[];
  username: string;
  /** Allocations that it has opened stay. */
  credential: string;
}

/** `GET /v1/zones` answers this: zones that may take those who join, this one first. */
export interface ZoneList {
  zones: ZoneEntry[];
}
export interface ZoneEntry {
  zone: string;
  /** For people. */
  name: string;
  region: string;
  /** Where its controllers are reached. */
  urls: string[];
  /** By which a client measures its round trip there; absent: not now. */
  probe?: ZoneProbe;
}
/** An ICE credential, and where it is answered. Nothing but connectivity checks is. */
export interface ZoneProbe {
  ufrag: string;
  password: string;
  targets: { address: string; port: number }[];
}

/** `POST /v1/meetings` answers this (201). */
export interface CreatedMeeting {
  /** 11 digits, the last one a check digit. */
  meeting: string;
  passcode: string;
  hostKey: string;
  /** Invite link with the two values in its fragment. */
  link: string;
}
