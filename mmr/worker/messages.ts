/** The contract between the main thread and one media worker: everything that crosses the MessagePort. */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type {
  NegotiatedMedia,
  NegotiatedTransport,
  SlotAssignment,
  SourceKind,
  ViewEntry,
} from '../media/negotiated.ts';

export interface WorkerOptions {
  readonly index: number;
  /** Address to bind; '::' takes both families. */
  readonly address: string;
  readonly port: number;
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
  | { readonly type: 'view'; readonly participant: ParticipantId; readonly view: readonly ViewEntry[] }
  | {
      readonly type: 'mute';
      readonly participant: ParticipantId;
      readonly source: SourceKind;
      readonly muted: boolean;
    }
  | { readonly type: 'leave'; readonly participant: ParticipantId }
  | { readonly type: 'closeMeeting'; readonly meeting: MeetingId }
  | { readonly type: 'statistics'; readonly request: number }
  | { readonly type: 'stop' };

export type LeaveReason = 'left' | 'consentExpired' | 'neverConnected' | 'dtlsFailed' | 'dtlsClosed' | 'meetingClosed';

export type FromWorker =
  | { readonly type: 'ready'; readonly port: number }
  /** The worker could not start; it exits after this. */
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
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
      readonly reason: LeaveReason;
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
  | { readonly type: 'load'; readonly load: WorkerLoad }
  | { readonly type: 'statistics'; readonly request: number; readonly statistics: WorkerStatistics };

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

export interface WorkerStatistics {
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
  readonly participants: readonly ParticipantStatistics[];
}

export interface ParticipantStatistics {
  readonly participant: ParticipantId;
  readonly meeting: MeetingId;
  readonly state: 'connecting' | 'connected';
  readonly roundTripMs: number | undefined;
  readonly sources: readonly {
    readonly kind: SourceKind;
    readonly ssrc: number | undefined;
    readonly packets: number;
    readonly lost: number;
    readonly jitterMs: number;
    readonly keyframes: number;
  }[];
  readonly slots: readonly {
    readonly mid: string;
    readonly ssrc: number;
    readonly packets: number;
    readonly fractionLost: number;
    readonly source: string | undefined;
  }[];
}
