/** The contract between the main thread and one media worker: everything that crosses the MessagePort. */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { TcpCounts } from '../ice-tcp/tcp-listener.ts';
import type { EstimateLimit } from '../media/congestion/estimator-snapshot.ts';
import type { LeaveCause, LeaveOrder } from '../media/meeting-registry.ts';
import type {
  ConnectionQuality,
  EncodingDemand,
  NegotiatedMedia,
  NegotiatedTransport,
  SlotAssignment,
  SourceKind,
  ViewEntry,
} from '../media/negotiated.ts';
import type { ProbeCredential } from '../media/transport/probe-responder.ts';
import type { Relation } from '../media/trunk/meeting-link.ts';
import type { TrunkId, TrunkMessage } from '../media/trunk/trunk-messages.ts';
import type { TrunkReport } from '../media/trunk/trunk-report.ts';
import type { TrunkTransport } from '../media/trunk/trunks.ts';

export interface WorkerOptions {
  readonly index: number;
  /** Address to bind; '::' takes both families. */
  readonly address: string;
  /** 0 = any. */
  readonly port: number;
  /** Whether clients may come to the same port by TCP. */
  readonly iceTcp: boolean;
  readonly storeSlots: number;
  /** The router's DTLS certificate, one for all its workers. */
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly maxParticipants: number;
}

export type ToWorker =
  | {
      readonly type: 'join';
      readonly request: number;
      readonly meeting: MeetingId;
      readonly participant: ParticipantId;
      readonly transport: NegotiatedTransport;
      readonly media: NegotiatedMedia;
    }
  /** A further offer on the same transport: more slots or sources. What is there already stays as it is. */
  | {
      readonly type: 'update';
      readonly request: number;
      readonly participant: ParticipantId;
      readonly media: NegotiatedMedia;
    }
  /** A second connection of a participant, beside the one that he has. A `connection` comes before the answer. */
  | {
      readonly type: 'openConnection';
      readonly request: number;
      readonly participant: ParticipantId;
      readonly transport: NegotiatedTransport;
      readonly media: NegotiatedMedia;
    }
  /** He goes by the second connection, if that stands; or by the first one, and the second is given up. */
  | { readonly type: 'settleConnection'; readonly participant: ParticipantId; readonly isGivenUp: boolean }
  | { readonly type: 'view'; readonly participant: ParticipantId; readonly view: readonly ViewEntry[] }
  | {
      readonly type: 'mute';
      readonly participant: ParticipantId;
      readonly source: SourceKind;
      readonly muted: boolean;
    }
  | { readonly type: 'leave'; readonly participant: ParticipantId; readonly cause: LeaveOrder }
  | { readonly type: 'closeMeeting'; readonly meeting: MeetingId }
  | { readonly type: 'statistics'; readonly request: number }
  /** The same without a word about anybody: cheap, and of one size. */
  | { readonly type: 'meters'; readonly request: number }
  /** Answered as soon as the worker gets round to it: is it alive. */
  | { readonly type: 'ping'; readonly request: number }
  /** Opens our end of a trunk; one of the same id is closed and replaced. Links to it (`trunkLink`) are kept. */
  | {
      readonly type: 'trunkOpen';
      readonly request: number;
      readonly trunk: TrunkId;
      readonly transport: TrunkTransport;
    }
  /** A `trunkState` `closed` follows. Links are kept for a trunk of the same id. */
  | { readonly type: 'trunkClose'; readonly trunk: TrunkId }
  /** The control stream to the other end is there (again), or broken. Each new one begins with everything said anew. */
  | { readonly type: 'trunkStream'; readonly trunk: TrunkId; readonly up: boolean }
  /** From the other end, as it came: the worker looks at it itself. */
  | { readonly type: 'trunkMessage'; readonly trunk: TrunkId; readonly message: unknown }
  /** The meeting uses the trunk while that is open; `relation` says where the other end is in the meeting's tree. */
  | {
      readonly type: 'trunkLink';
      readonly trunk: TrunkId;
      readonly meeting: MeetingId;
      readonly relation: Relation;
    }
  | { readonly type: 'trunkUnlink'; readonly trunk: TrunkId; readonly meeting: MeetingId }
  /** Who measures the way here by one of these is answered, by another not. */
  | { readonly type: 'probes'; readonly credentials: readonly ProbeCredential[] }
  | { readonly type: 'stop' };

export type FromWorker =
  | { readonly type: 'ready'; readonly port: number }
  /** The worker could not start; it exits after this. */
  | {
      readonly type: 'failed';
      readonly code: string;
      readonly message: string;
      /** Of the port that could not be had. */
      readonly protocol: 'UDP' | 'TCP';
    }
  | {
      readonly type: 'reply';
      readonly request: number;
      readonly error?: { readonly code: string; readonly message: string };
    }
  | { readonly type: 'connected'; readonly meeting: MeetingId; readonly participant: ParticipantId }
  | {
      readonly type: 'left';
      readonly meeting: MeetingId;
      readonly participant: ParticipantId;
      readonly reason: LeaveCause;
    }
  /** What is said from now on of slots and encodings is of his connection of this ICE ufrag, which carries `slots` already. */
  | {
      readonly type: 'connection';
      readonly meeting: MeetingId;
      readonly participant: ParticipantId;
      readonly ufrag: string;
      readonly slots: readonly SlotAssignment[];
    }
  | {
      readonly type: 'slots';
      readonly meeting: MeetingId;
      readonly participant: ParticipantId;
      /** Only the slots that changed. */
      readonly slots: readonly SlotAssignment[];
    }
  /** Loudest first; sent when the order or the set changes. */
  | { readonly type: 'speakers'; readonly meeting: MeetingId; readonly speakers: readonly ParticipantId[] }
  /** Which encodings of `participant`'s source anybody needs, from now on (all encodings of that source are listed). */
  | {
      readonly type: 'encodings';
      readonly meeting: MeetingId;
      readonly participant: ParticipantId;
      readonly source: SourceKind;
      readonly encodings: readonly EncodingDemand[];
    }
  /** Those whose connection quality changed noticeably; at most every 2 s per meeting. */
  | { readonly type: 'quality'; readonly meeting: MeetingId; readonly qualities: readonly ConnectionQuality[] }
  /** To be carried to the other end in order; sent only while there is a control stream. */
  | { readonly type: 'trunkMessage'; readonly trunk: TrunkId; readonly message: TrunkMessage }
  /** At each change of state, and each second while the trunk is open. */
  | { readonly type: 'trunkState'; readonly trunk: TrunkId; readonly report: TrunkReport }
  | { readonly type: 'load'; readonly load: WorkerLoad }
  | { readonly type: 'statistics'; readonly request: number; readonly statistics: WorkerStatistics }
  | { readonly type: 'meters'; readonly request: number; readonly meters: WorkerMeters };

/** Sent every second. */
export interface WorkerLoad {
  readonly index: number;
  readonly meetings: number;
  readonly participants: number;
  readonly ingressPacketsPerSecond: number;
  readonly egressPacketsPerSecond: number;
  /** CPU of the worker's thread in the last second, 0–1 of one core. */
  readonly cpuUtilization: number;
  readonly eventLoopDelayP99Ms: number;
}

/** Of a worker since its start. */
export interface WorkerTotals {
  /** Packets by DropReason number. */
  readonly drops: readonly number[];
  readonly received: number;
  readonly consumed: number;
  readonly forwarded: number;
  readonly sent: number;
  readonly retransmitted: number;
  /** CPU of the worker's thread since its start, microseconds (user + system). */
  readonly cpuUs: number;
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly garbageCollection: { readonly count: number; readonly totalMs: number; readonly maxMs: number };
  readonly heapUsedBytes: number;
  readonly externalBytes: number;
}

export interface WorkerStatistics extends WorkerTotals {
  readonly participants: readonly ParticipantStatistics[];
  readonly trunks: readonly { readonly trunk: TrunkId; readonly report: TrunkReport }[];
}

/** For monitoring: numbers over everybody on a worker. */
export interface WorkerMeters extends WorkerTotals {
  readonly index: number;
  readonly meetings: number;
  readonly participants: number;
  /** Those whose media flows. */
  readonly connected: number;
  readonly repairs: RepairCounts;
  /** What receivers' paths carry, and what limits that; those whose clients do not tell are left out. */
  readonly estimateBps: Quantiles | undefined;
  readonly limits: Readonly<Partial<Record<EstimateLimit, number>>>;
  readonly roundTripMs: Quantiles | undefined;
  /** In our own pacing queues. */
  readonly pacingDelayMs: Quantiles | undefined;
  /** Sums over receivers. */
  readonly wantedBps: number;
  readonly allocatedBps: number;
  /** How many connections are how good, by direction. */
  readonly quality: { readonly uplink: QualityBands; readonly downlink: QualityBands };
  readonly trunks: Readonly<Record<TrunkReport['state'], number>>;
  /** Undefined when nobody may come by TCP. */
  readonly iceTcp: TcpCounts | undefined;
}

/** A participant's last second is not in them. */
export interface RepairCounts {
  /** Packets that publishers were asked for again, and that came again, in answer or late. */
  readonly nacked: number;
  readonly repaired: number;
  readonly keyframes: number;
  /** Of publishers, by us; of us, by receivers. */
  readonly keyframesRequested: number;
  readonly keyframesAsked: number;
  /** Pictures that were moved to another layer. */
  readonly layerChanges: number;
}

/** Of participants at this moment. */
export interface Quantiles {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

/** As the bars on a tile (docs/connection-quality.md). */
export type QualityBands = Readonly<Record<'good' | 'fair' | 'poor' | 'lost', number>>;

export interface ParticipantStatistics {
  readonly participant: ParticipantId;
  readonly meeting: MeetingId;
  readonly state: 'connecting' | 'connected';
  readonly roundTripMs: number | undefined;
  /** As the meeting was told last or will be told within the interval. */
  readonly speaking: boolean;
  readonly sources: readonly SourceStatistics[];
  readonly slots: readonly SlotStatistics[];
  readonly bandwidth: BandwidthStatistics;
  /** 0–100 as in docs/connection-quality.md; undefined where nothing flows. */
  readonly quality: { readonly uplink: number | undefined; readonly downlink: number | undefined };
}

/** What a participant publishes. Sums are over its encodings. */
export interface SourceStatistics {
  readonly kind: SourceKind;
  readonly muted: boolean;
  /** Of the first encoding that has sent. */
  readonly ssrc: number | undefined;
  readonly codec: string | undefined;
  readonly packets: number;
  readonly lost: number;
  readonly jitterMs: number;
  readonly keyframes: number;
  readonly encodings: readonly EncodingStatistics[];
}

export interface EncodingStatistics {
  readonly rid: string;
  readonly ssrc: number | undefined;
  /** Packets have come lately. */
  readonly active: boolean;
  /** Whether anybody needs it, as its publisher was told, and how tall at most. */
  readonly wanted: boolean;
  readonly maxHeight: number | undefined;
  readonly height: number | undefined;
  readonly framesPerSecond: number;
  readonly bitrateBps: number;
  readonly packets: number;
  readonly lost: number;
  /** Requests to the publisher, and packets that came again, in answer or late. */
  readonly nacks: number;
  readonly repaired: number;
  readonly keyframes: number;
  readonly keyframesRequested: number;
  /** Slots that are sent it now. */
  readonly viewers: number;
}

/** What a participant receives on one m-line. */
export interface SlotStatistics {
  readonly mid: string;
  readonly ssrc: number;
  readonly packets: number;
  readonly fractionLost: number;
  /** participant/kind */
  readonly source: string | undefined;
  readonly suspended: boolean;
  /** Layer that it is to get, e.g. `m 360p15 310 kb/s`; undefined for audio, and when it gets nothing. */
  readonly layer: string | undefined;
  /** Why it gets no more. */
  readonly reason: string;
}

/** What the path to a participant carries, and how it is used. */
export interface BandwidthStatistics {
  /** Undefined for a participant who does not report how it goes: nothing limits him. */
  readonly estimateBps: number | undefined;
  /** What limits the estimate. */
  readonly limit: string | undefined;
  /** All that his views ask for, and what he is given, audio included. */
  readonly wantedBps: number;
  readonly allocatedBps: number;
  readonly lossFraction: number;
  /** On the path, by the estimator; and in our own pacing queue. */
  readonly queueDelayMs: number | undefined;
  readonly pacingDelayMs: number;
  /** Key frames that he asked for. */
  readonly keyframesAsked: number;
  /** Decisions about his layers so far, and how many of them moved a picture up or down. */
  readonly decisions: number;
  readonly layerChanges: number;
}
