/**
 * One media worker: the engine, the media core, and the messages of the main thread, put together. The engine calls
 * on every wake-up, the thread's timer calls `tick`; both end with a flush. While packets wait in pacing queues, `tick`
 * also comes each PACING_INTERVAL_US.
 */
import { DtlsContext, DtlsEndpoint } from '../engine/dtls-endpoint.ts';
import { PacketEngine } from '../engine/packet-engine.ts';
import { TcpListener } from '../ice-tcp/tcp-listener.ts';
import { DropReason } from '../media/drop-reason.ts';
import { PACING_INTERVAL_US } from '../media/egress/egress-gate.ts';
import { MeetingRegistry, type Refusal } from '../media/meeting-registry.ts';
import { PacketPath } from '../media/packet-path.ts';
import { reportOf } from '../media/trunk/trunk-report.ts';
import type { TrunkRefusal } from '../media/trunk/trunks.ts';
import type { FromWorker, ToWorker, WorkerOptions, WorkerTotals } from './messages.ts';
import { participantStatistics } from './participant-statistics.ts';
import { measurePeople } from './people-meters.ts';
import { RepairTotals } from './repair-totals.ts';
import { ThreadMeters } from './thread-meters.ts';

const LOAD_INTERVAL_US = 1_000_000;
/** How often `tick` is to be called from outside: coarser than pacing needs, because an idle worker should sleep. */
export const TICK_INTERVAL_MS = 10;

const REFUSALS: Readonly<Record<Refusal | TrunkRefusal, string>> = {
  trunkLimit: 'the media worker has its maximum of trunks',
  badTrunk: 'the ICE ufrag is in use',
  workerFull: 'the media worker has its maximum of participants',
  alreadyJoined: 'the participant is there already',
  noSuchParticipant: 'the participant is not there',
  badMedia: 'more m-lines than can be carried, or an SSRC, mid, kind of source or ICE ufrag twice',
};

export class MediaWorker {
  readonly #index: number;
  readonly #post: (message: FromWorker) => void;
  readonly #engine: PacketEngine;
  readonly #registry: MeetingRegistry;
  readonly #path: PacketPath;
  readonly #tcp: TcpListener | undefined;
  readonly #meters = new ThreadMeters();
  readonly #repairs = new RepairTotals();
  #loadUs: number;
  readonly #pacer: NodeJS.Timeout;
  #isPacing = false;
  #receivedAtLoad = 0;
  #sentAtLoad = 0;

  /** Throws EngineError when the port is taken, the address is not ours or the certificate cannot be used. */
  constructor(options: WorkerOptions, post: (message: FromWorker) => void) {
    this.#index = options.index;
    this.#post = post;
    const dtls = new DtlsContext(options.certificatePem, options.privateKeyPem);
    const engine = new PacketEngine({
      address: options.address,
      port: options.port,
      storeSlots: options.storeSlots,
      onBatch: (count, nowUs) => this.#handleBatch(count, nowUs),
    });
    this.#engine = engine;
    this.#registry = new MeetingRegistry(
      {
        store: engine.store,
        generation: (slot) => engine.generation(slot),
        openTransport: () => engine.openTransport(),
        closeTransport: (handle) => engine.closeTransport(handle),
        addRemote: (handle, address) => engine.addRemote(handle, address),
        removeRemote: (address) => engine.removeRemote(address),
        setDestination: (handle, address) => engine.setDestination(handle, address),
        setSrtpKeys: (handle, keys, maxStreams) => engine.setSrtpKeys(handle, keys, maxStreams),
        openDtls: (_handle, role) => new DtlsEndpoint(dtls, role),
        forgetStream: (handle, ssrc) => engine.forgetStream(handle, ssrc),
      },
      {
        connected: (meeting, participant) => post({ type: 'connected', meeting, participant }),
        left: (meeting, participant, reason) => post({ type: 'left', meeting, participant, reason }),
        connectionChanged: (meeting, participant, ufrag, slots) =>
          post({ type: 'connection', meeting, participant, ufrag, slots }),
        slotsChanged: (meeting, participant, slots) => post({ type: 'slots', meeting, participant, slots }),
        speakersChanged: (meeting, speakers) => post({ type: 'speakers', meeting, speakers }),
        encodingsChanged: (meeting, participant, source, encodings) =>
          post({ type: 'encodings', meeting, participant, source, encodings }),
        qualityChanged: (meeting, qualities) => post({ type: 'quality', meeting, qualities }),
        trunkMessage: (trunk, message) => post({ type: 'trunkMessage', trunk, message }),
        trunkReported: (trunk, report) => post({ type: 'trunkState', trunk, report }),
      },
      options.maxParticipants,
    );
    this.#path = new PacketPath(engine, this.#registry);
    this.#tcp = options.iceTcp ? this.#makeTcp(options) : undefined;
    this.#loadUs = engine.nowUs();
    this.#pacer = setTimeout(() => this.#paced(), PACING_INTERVAL_US / 1000);
  }

  /** Lets clients come by TCP, if they may. Rejects with an errno of `listen`; the worker is then to be closed. */
  async start(): Promise<void> {
    await this.#tcp?.start();
  }

  /** UDP port that is bound. */
  get port(): number {
    return this.#engine.port;
  }

  /** Everything but `stop`, which is the thread's affair. */
  handleMessage(message: Exclude<ToWorker, { readonly type: 'stop' }>): void {
    const registry = this.#registry;
    const nowUs = this.#engine.nowUs();
    switch (message.type) {
      case 'join':
        this.#reply(
          message.request,
          registry.join(nowUs, message.meeting, message.participant, message.transport, message.media),
        );
        return;
      case 'update':
        this.#reply(message.request, registry.update(message.participant, message.media));
        return;
      case 'openConnection':
        this.#reply(
          message.request,
          registry.openConnection(nowUs, message.participant, message.transport, message.media, this.#path),
        );
        return;
      case 'settleConnection':
        registry.settleConnection(message.participant, message.isGivenUp, this.#path);
        break;
      case 'view':
        registry.setView(message.participant, message.view);
        return;
      case 'mute':
        registry.setMuted(nowUs, message.participant, message.source, message.muted);
        return;
      case 'leave':
        registry.leave(message.participant, this.#path, message.cause);
        break;
      case 'closeMeeting':
        registry.closeMeeting(message.meeting, this.#path);
        break;
      case 'statistics':
        this.#postStatistics(message.request);
        return;
      case 'meters':
        this.#postMeters(message.request);
        return;
      case 'ping':
        this.#reply(message.request, undefined);
        return;
      case 'trunkOpen':
        this.#reply(message.request, registry.trunks.open(nowUs, message.trunk, message.transport, this.#path));
        break;
      case 'trunkClose':
        registry.trunks.close(nowUs, message.trunk, this.#path);
        break;
      case 'trunkMessage':
        registry.trunks.handleMessage(nowUs, message.trunk, message.message, this.#path);
        break;
      case 'trunkStream':
        registry.trunks.setStream(message.trunk, message.up);
        return;
      case 'trunkLink':
        registry.trunks.link(message.meeting, message.trunk, message.relation);
        return;
      case 'trunkUnlink':
        registry.trunks.unlink(message.meeting, message.trunk);
        return;
      case 'probes':
        this.#path.probes.use(message.credentials);
        return;
    }
    this.#path.flush();
    registry.settle(nowUs);
    this.#pace();
  }

  /** The thread's timer: called each TICK_INTERVAL_MS. */
  tick(): void {
    const nowUs = this.#engine.nowUs();
    this.#registry.handleTimeout(nowUs, this.#path);
    this.#path.flush();
    this.#registry.settle(nowUs);
    if (nowUs - this.#loadUs >= LOAD_INTERVAL_US) this.#postLoad(nowUs);
    this.#pace();
  }

  /** Says good-bye to all participants and closes the socket. */
  close(): void {
    this.#isPacing = true;
    clearTimeout(this.#pacer);
    const { meetings, trunks } = this.#registry;
    for (const meeting of [...meetings.keys()]) this.#registry.closeMeeting(meeting, this.#path);
    for (const trunk of [...trunks.trunks.keys()]) trunks.close(this.#engine.nowUs(), trunk, this.#path);
    this.#path.flush();
    this.#tcp?.stop();
    this.#engine.close();
    this.#meters.stop();
  }

  #makeTcp({ address, maxParticipants }: WorkerOptions): TcpListener {
    return new TcpListener({
      address,
      port: this.#engine.port,
      maxParticipants,
      knows: (ufrag) => this.#registry.byUfrag(ufrag) !== undefined,
    });
  }

  #handleBatch(count: number, nowUs: number): void {
    this.#path.handleBatch(count, nowUs);
    this.#registry.settle(nowUs);
    this.#pace();
  }

  #pace(): void {
    if (this.#isPacing || !this.#registry.gate.busy) return;
    this.#isPacing = true;
    this.#pacer.refresh();
  }

  #paced(): void {
    this.#isPacing = false;
    this.tick();
  }

  #reply(request: number, refusal: Refusal | TrunkRefusal | undefined): void {
    this.#post(
      refusal === undefined
        ? { type: 'reply', request }
        : { type: 'reply', request, error: { code: refusal, message: REFUSALS[refusal] } },
    );
  }

  #postLoad(nowUs: number): void {
    const elapsedUs = nowUs - this.#loadUs;
    this.#repairs.count(this.#registry.participants.values());
    const path = this.#path;
    this.#post({
      type: 'load',
      load: {
        index: this.#index,
        meetings: this.#registry.meetings.size,
        participants: this.#registry.participants.size,
        ingressPacketsPerSecond: ((path.received - this.#receivedAtLoad) * 1e6) / elapsedUs,
        egressPacketsPerSecond: ((path.sent - this.#sentAtLoad) * 1e6) / elapsedUs,
        ...this.#meters.takeRecent(elapsedUs),
      },
    });
    this.#loadUs = nowUs;
    this.#receivedAtLoad = path.received;
    this.#sentAtLoad = path.sent;
  }

  #postStatistics(request: number): void {
    this.#post({
      type: 'statistics',
      request,
      statistics: {
        ...this.#totals(),
        participants: [...this.#registry.participants.values()].map((participant) =>
          participantStatistics(participant, this.#registry.meetings.get(participant.meeting)?.allocation),
        ),
        trunks: [...this.#registry.trunks.trunks].map(([trunk, end]) => ({ trunk, report: reportOf(end, undefined) })),
      },
    });
  }

  #postMeters(request: number): void {
    const { participants, meetings, trunks } = this.#registry;
    const states = { connecting: 0, up: 0, down: 0, closed: 0 };
    for (const trunk of trunks.trunks.values()) states[reportOf(trunk, undefined).state]++;
    this.#repairs.count(participants.values());
    this.#post({
      type: 'meters',
      request,
      meters: {
        ...this.#totals(),
        index: this.#index,
        meetings: meetings.size,
        participants: participants.size,
        ...measurePeople([...participants.values()]),
        repairs: { ...this.#repairs.totals },
        trunks: states,
        iceTcp: this.#tcp?.counts,
      },
    });
  }

  #totals(): WorkerTotals {
    const path = this.#path;
    const memory = process.memoryUsage();
    return {
      drops: this.#drops(),
      received: path.received,
      consumed: path.consumed,
      forwarded: path.forwarded,
      sent: path.sent,
      retransmitted: this.#registry.retransmissions.retransmitted,
      cpuUs: this.#meters.cpuUs,
      eventLoopDelayMs: this.#meters.eventLoopDelayMs,
      garbageCollection: this.#meters.garbageCollection,
      heapUsedBytes: memory.heapUsed,
      externalBytes: memory.external,
    };
  }

  /** Of packets in, of records out (the engine's), and of packets that receivers asked for again. */
  #drops(): number[] {
    const drops = Array.from(this.#path.drops, (drops, reason) => drops + (this.#engine.drops[reason] ?? 0));
    drops[DropReason.retransmissionRefused] = this.#registry.retransmissions.retransmissionsRefused;
    const { gate } = this.#registry;
    drops[DropReason.pacerQueueFull] = gate.dropped;
    drops[DropReason.storeOverwritten] = (drops[DropReason.storeOverwritten] ?? 0) + gate.overwritten;
    return drops;
  }
}
