/**
 * The media workers of one router: N threads on consecutive UDP ports, meetings pinned to one or more of them, a thread
 * that dies restarted and counted and its people reported gone. Main thread only.
 */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { LeaveOrder } from '../media/meeting-registry.ts';
import type { NegotiatedMedia, NegotiatedTransport, SourceKind, ViewEntry } from '../media/negotiated.ts';
import type { ProbeCredential } from '../media/transport/probe-responder.ts';
import type { TrunkId } from '../media/trunk/trunk-messages.ts';
import type { TrunkTransport } from '../media/trunk/trunks.ts';
import type { FromWorker, ToWorker, WorkerLoad, WorkerMeters, WorkerStatistics } from '../worker/messages.ts';
import { WorkerPoolError } from './worker-pool-error.ts';
import { type SeatOptions, WorkerSeat } from './worker-pool-seat.ts';
import type { WorkerNotice } from './worker-pool-thread.ts';

type Left = Extract<FromWorker, { readonly type: 'left' }>;

export type WorkerEvent =
  | Extract<
      FromWorker,
      { readonly type: 'connected' | 'connection' | 'slots' | 'speakers' | 'encodings' | 'quality' | 'load' }
    >
  /** `workerLost`: the participant's worker died; he may join again at once. */
  | (Omit<Left, 'reason'> & { readonly reason: Left['reason'] | 'workerLost' })
  /** A worker died; it is being restarted. Sent after the `left` of all who were on it. */
  | { readonly type: 'workerDied'; readonly index: number; readonly reason: string };

/** Of one end of a trunk, which is one worker's. */
export type TrunkNotice = Extract<FromWorker, { readonly type: 'trunkMessage' | 'trunkState' }>;
export type TrunkCommand = Extract<
  ToWorker,
  { readonly type: 'trunkClose' | 'trunkStream' | 'trunkMessage' | 'trunkLink' | 'trunkUnlink' }
>;

export interface WorkerPoolOptions {
  /** Worker threads, at least 1. */
  readonly count: number;
  /** Address to bind; '::' takes both families. */
  readonly address: string;
  /** First port; worker i takes basePort + i, UDP and TCP. 0 = any free port for each. */
  readonly basePort: number;
  /** Whether clients may come to the same ports by TCP; default true. */
  readonly iceTcp?: boolean;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** Packets kept per worker for sending and retransmission, 2 KiB each; default 16384 (32 MiB). */
  readonly storeSlots?: number;
  /** Default 1000. */
  readonly maxParticipantsPerWorker?: number;
  readonly onEvent: (event: WorkerEvent) => void;
  /** `worker` is its index. Trunks of a worker that dies are gone without a word. */
  readonly onTrunk?: ((worker: number, notice: TrunkNotice) => void) | undefined;
  /** A worker that needs longer for an answer is stuck; default 5000. */
  readonly requestDeadlineMs?: number;
  /** The thread's program; only tests of the pool itself give another one. */
  readonly entry?: URL;
}

/** A thread that died is back long before. */
const RESTART_MS = 1_000;
const DEFAULT_STORE_SLOTS = 16_384;
const DEFAULT_MAX_PARTICIPANTS = 1_000;

/** How many of a meeting are on one worker. */
export interface PlacePeople {
  readonly meeting: MeetingId;
  readonly worker: number;
  readonly people: number;
}

/** A meeting on one worker; a large one has several. */
interface ParticipantSeat {
  readonly meeting: MeetingId;
  readonly seat: WorkerSeat;
  /** The worker has let him in. */
  hasEntered: boolean;
}

interface PinnedMeeting {
  readonly seat: WorkerSeat;
  readonly participants: Set<ParticipantId>;
}

export class WorkerPool {
  readonly #onEvent: WorkerPoolOptions['onEvent'];
  readonly #onTrunk: WorkerPoolOptions['onTrunk'];
  readonly #seats: WorkerSeat[] = [];
  readonly #meetings = new Map<MeetingId, PinnedMeeting[]>();
  readonly #participants = new Map<ParticipantId, ParticipantSeat>();
  #restarts = 0;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: WorkerPoolOptions) {
    if (options.count < 1) {
      throw new RangeError('a worker pool needs at least one worker');
    }
    this.#onEvent = options.onEvent;
    this.#onTrunk = options.onTrunk;
    const listener = {
      notice: (seat: WorkerSeat, notice: WorkerNotice) => this.#notice(seat, notice),
      died: (seat: WorkerSeat, reason: string) => this.#died(seat, reason),
    };
    for (let index = 0; index < options.count; index++) {
      this.#seats.push(new WorkerSeat(seatOptions(options, index), listener));
    }
  }

  /**
   * Resolves when every worker receives. Rejects with WorkerPoolError `portTaken` (its `port` says which one) or
   * `startFailed`; then nothing is left running.
   */
  async start(): Promise<void> {
    const results = await Promise.allSettled(this.#seats.map((seat) => seat.start()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      await this.stop();
      throw failed.reason;
    }
    this.#watchdog = setInterval(() => {
      for (const seat of this.#seats) seat.watch();
    }, 1_000);
    this.#watchdog.unref();
  }

  /** UDP port of each worker, by worker index. */
  get ports(): readonly number[] {
    return this.#seats.map((seat) => seat.port);
  }

  /** Workers that are up. */
  get running(): number {
    return this.#seats.filter((seat) => seat.ready).length;
  }

  /** How often a worker has died and been replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Where anybody is. */
  *people(): Generator<PlacePeople> {
    for (const [meeting, places] of this.#meetings) {
      for (const { seat, participants } of places) {
        if (participants.size > 0) yield { meeting, worker: seat.index, people: participants.size };
      }
    }
  }

  /**
   * The last load report of each worker that has sent one; as participants exactly those whom `join` has let in by now, so
   * that whoever was told of them can count on it.
   */
  get loads(): readonly WorkerLoad[] {
    return this.#seats.flatMap(({ load, entered: participants }) =>
      load === undefined ? [] : [{ ...load, participants }],
    );
  }

  /**
   * Index of the worker for those who join the meeting now: the `wanted` one, else one that has the meeting, else the
   * least loaded. It is pinned there until its last participant leaves or `closeMeeting`.
   */
  workerFor(meeting: MeetingId, wanted?: number): number {
    return this.#pin(meeting, wanted).seat.index;
  }

  /**
   * Adds a participant on the worker that `workerFor` says, for whose restart it waits; resolves with the UDP port that its
   * candidates must name. Rejects with WorkerPoolError (`workerFull`, `alreadyJoined`, `badMedia`, `noWorker`,
   * `workerLost`, `deadline`).
   */
  async join(
    meeting: MeetingId,
    participant: ParticipantId,
    transport: NegotiatedTransport,
    media: NegotiatedMedia,
    wanted?: number,
  ): Promise<{ readonly port: number }> {
    if (this.#participants.has(participant)) {
      throw new WorkerPoolError('alreadyJoined', `participant ${participant} is there already`);
    }
    const pinned = this.#pin(meeting, wanted);
    const { seat } = pinned;
    const place = { meeting, seat, hasEntered: false };
    this.#participants.set(participant, place);
    pinned.participants.add(participant);
    seat.participants++;
    try {
      await seat.whenReady(RESTART_MS);
      await seat.thread.request({ type: 'join', meeting, participant, transport, media });
    } catch (error) {
      this.#forget(participant);
      // A worker that answers too late would keep a participant nobody knows.
      if (error instanceof WorkerPoolError && error.code === 'deadline') {
        seat.thread.send({ type: 'leave', participant, cause: 'left' });
      }
      throw error;
    }
    // He may have left, or the worker died, before it was known here that he was let in.
    if (this.#participants.get(participant) === place) {
      place.hasEntered = true;
      seat.entered++;
    }
    return { port: seat.port };
  }

  /** A further offer of a participant: what is there stays, new sources and slots are added. */
  async update(participant: ParticipantId, media: NegotiatedMedia): Promise<void> {
    await this.#seatOf(participant).thread.request({ type: 'update', participant, media });
  }

  /** UDP port of the participant's worker. */
  portOf(participant: ParticipantId): number {
    return this.#seatOf(participant).port;
  }

  /** A second connection of somebody who is there; the worker ends one of the two after a while. A `connection` comes first. */
  async openConnection(
    participant: ParticipantId,
    transport: NegotiatedTransport,
    media: NegotiatedMedia,
  ): Promise<void> {
    await this.#seatOf(participant).thread.request({ type: 'openConnection', participant, transport, media });
  }

  /** He goes by the second one, if that stands; or by the first one, and the second is given up. */
  settleConnection(participant: ParticipantId, isGivenUp: boolean): void {
    this.#participants.get(participant)?.seat.thread.send({ type: 'settleConnection', participant, isGivenUp });
  }

  /** Replaces what the participant asked to see, for the slots named. Unknown participants are ignored. */
  view(participant: ParticipantId, view: readonly ViewEntry[]): void {
    this.#participants.get(participant)?.seat.thread.send({ type: 'view', participant, view });
  }

  mute(participant: ParticipantId, source: SourceKind, muted: boolean): void {
    this.#participants.get(participant)?.seat.thread.send({ type: 'mute', participant, source, muted });
  }

  /** A `left` event with this reason follows. */
  leave(participant: ParticipantId, cause: LeaveOrder = 'left'): void {
    this.#participants.get(participant)?.seat.thread.send({ type: 'leave', participant, cause });
  }

  /** `left` events (reason `meetingClosed`) follow. */
  closeMeeting(meeting: MeetingId): void {
    for (const pinned of [...(this.#meetings.get(meeting) ?? [])]) {
      pinned.seat.thread.send({ type: 'closeMeeting', meeting });
      if (pinned.participants.size === 0) this.#unpin(meeting, pinned);
    }
  }

  /** Opens a worker's end of a trunk. Rejects with WorkerPoolError (`noWorker`, `workerLost`, `deadline`, or the worker's own). */
  async openTrunk(worker: number, trunk: TrunkId, transport: TrunkTransport): Promise<void> {
    const seat = this.#seats[worker];
    if (seat === undefined) throw new WorkerPoolError('noWorker', `there is no worker ${worker}`);
    await seat.thread.request({ type: 'trunkOpen', trunk, transport });
  }

  /** About a worker's end of a trunk. One that is down has no trunks. */
  commandTrunk(worker: number, command: TrunkCommand): void {
    this.#seats[worker]?.thread.send(command);
  }

  /** By which credentials probes are answered; on every worker. */
  setProbes(credentials: readonly ProbeCredential[]): void {
    for (const seat of this.#seats) seat.setProbes(credentials);
  }

  /** By worker; workers that are down at this moment are left out. */
  async statistics(): Promise<WorkerStatistics[]> {
    const running = this.#seats.filter((seat) => seat.ready);
    const answers = await Promise.all(running.map((seat) => seat.thread.request({ type: 'statistics' })));
    return answers.flatMap((answer) => (answer.type === 'statistics' ? [answer.statistics] : []));
  }

  /** For monitoring, by worker; those that are down, or go down meanwhile, are left out. */
  async meters(): Promise<WorkerMeters[]> {
    const running = this.#seats.filter((seat) => seat.ready);
    const answers = await Promise.allSettled(running.map((seat) => seat.thread.request({ type: 'meters' })));
    return answers.flatMap(({ status, ...answer }) =>
      status === 'fulfilled' && 'value' in answer && answer.value.type === 'meters' ? [answer.value.meters] : [],
    );
  }

  /** Resolves when every worker that is up has answered. Rejects with WorkerPoolError `deadline` or `workerLost`. */
  async ping(): Promise<void> {
    const running = this.#seats.filter((seat) => seat.ready);
    await Promise.all(running.map((seat) => seat.thread.request({ type: 'ping' })));
  }

  /** Ends one worker thread at once, as if it had crashed: it is restarted and its meetings are lost. */
  killWorker(index: number, reason: string): void {
    this.#seats[index]?.thread.kill(reason);
  }

  /** Ends all workers. Nothing is reported for the meetings that were still there. */
  async stop(): Promise<void> {
    clearInterval(this.#watchdog);
    await Promise.all(this.#seats.map((seat) => seat.stop()));
    this.#meetings.clear();
    this.#participants.clear();
  }

  #notice(seat: WorkerSeat, notice: WorkerNotice): void {
    if (notice.type === 'trunkMessage' || notice.type === 'trunkState') {
      this.#onTrunk?.(seat.index, notice);
      return;
    }
    if (notice.type === 'left') {
      const known = this.#participants.get(notice.participant);
      // Of somebody who came too late to be let in, and is elsewhere by now.
      if (known !== undefined && (known.seat !== seat || known.meeting !== notice.meeting)) return;
      this.#forget(notice.participant);
    }
    this.#onEvent(notice);
  }

  #died(seat: WorkerSeat, reason: string): void {
    this.#restarts++;
    const lost = [...this.#participants].filter(([, place]) => place.seat === seat);
    for (const [participant] of lost) this.#forget(participant);
    for (const meeting of [...seat.meetings]) {
      const pinned = this.#meetings.get(meeting)?.find((each) => each.seat === seat);
      if (pinned !== undefined) this.#unpin(meeting, pinned);
    }
    for (const [participant, { meeting }] of lost) {
      this.#onEvent({ type: 'left', meeting, participant, reason: 'workerLost' });
    }
    this.#onEvent({ type: 'workerDied', index: seat.index, reason });
  }

  #pin(meeting: MeetingId, wanted?: number): PinnedMeeting {
    const known = this.#meetings.get(meeting) ?? [];
    // A worker that does not exist was there before the router was restarted with fewer.
    const seat = this.#seats[wanted ?? -1] ?? known[0]?.seat ?? this.#leastLoaded();
    const there = known.find((each) => each.seat === seat);
    if (there !== undefined) return there;
    const pinned: PinnedMeeting = { seat, participants: new Set() };
    this.#meetings.set(meeting, [...known, pinned]);
    seat.meetings.add(meeting);
    return pinned;
  }

  /** Of those that are up, if any is. */
  #leastLoaded(): WorkerSeat {
    return this.#seats.reduce((best, seat) => (comparePressure(seat, best) < 0 ? seat : best));
  }

  #seatOf(participant: ParticipantId): WorkerSeat {
    const known = this.#participants.get(participant);
    if (known === undefined) {
      throw new WorkerPoolError('noSuchParticipant', `no participant ${participant}`);
    }
    return known.seat;
  }

  #forget(participant: ParticipantId): void {
    const known = this.#participants.get(participant);
    if (known === undefined) {
      return;
    }
    this.#participants.delete(participant);
    known.seat.participants--;
    if (known.hasEntered) known.seat.entered--;
    const pinned = this.#meetings.get(known.meeting)?.find(({ seat }) => seat === known.seat);
    pinned?.participants.delete(participant);
    if (pinned?.participants.size === 0) this.#unpin(known.meeting, pinned);
  }

  #unpin(meeting: MeetingId, pinned: PinnedMeeting): void {
    const rest = this.#meetings.get(meeting)?.filter((each) => each !== pinned) ?? [];
    if (rest.length === 0) this.#meetings.delete(meeting);
    else this.#meetings.set(meeting, rest);
    pinned.seat.meetings.delete(meeting);
  }
}

/** By participants and meetings counted here, at decision time; the last CPU report only breaks ties. */
function comparePressure(a: WorkerSeat, b: WorkerSeat): number {
  if (a.ready !== b.ready) return a.ready ? -1 : 1;
  const counted = a.participants + a.meetings.size - (b.participants + b.meetings.size);
  return counted !== 0 ? counted : (a.load?.cpuUtilization ?? 0) - (b.load?.cpuUtilization ?? 0);
}

function seatOptions(options: WorkerPoolOptions, index: number): SeatOptions {
  return {
    entry: options.entry ?? new URL('../worker/worker.ts', import.meta.url),
    requestDeadlineMs: options.requestDeadlineMs,
    worker: {
      index,
      address: options.address,
      port: options.basePort === 0 ? 0 : options.basePort + index,
      iceTcp: options.iceTcp ?? true,
      storeSlots: options.storeSlots ?? DEFAULT_STORE_SLOTS,
      certificatePem: options.certificatePem,
      privateKeyPem: options.privateKeyPem,
      maxParticipants: options.maxParticipantsPerWorker ?? DEFAULT_MAX_PARTICIPANTS,
    },
  };
}
