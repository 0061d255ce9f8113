/**
 * A router without media for tests of the zone-controller: it really speaks the two gRPC services over mTLS, keeps its
 * meetings as a real one does, answers every offer with a fixed text, and reports what the test tells it to.
 */
import { type handleUnaryCall, Server } from '@grpc/grpc-js';
import { ZonecastError } from '../../common/errors.ts';
import { toGrpcStatus } from '../../common/grpc-errors.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { clientCredentials, type MutualTls, serverCredentials } from '../../common/mutual-tls.ts';
import { ControllerEvents } from '../../mmr/control/controller-events.ts';
import { describeMeetings } from '../../mmr/control/describe-meetings.ts';
import type { EventStream } from '../../mmr/control/event-hub.ts';
import type { LiveMeeting } from '../../mmr/control/live-meeting.ts';
import { readAct } from '../../mmr/control/read-request.ts';
import type { Home } from '../../mmr/control/roster.ts';
import type { MeetingEvent, ParticipantEvent } from '../../mmr/control/to-event.ts';
import type { PlacePeople } from '../../mmr/control/worker-pool.ts';
import type { Event } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { Home__Output } from '../../proto/gen/zonecast/router/v1/Home.ts';
import type { JoinRequest__Output } from '../../proto/gen/zonecast/router/v1/JoinRequest.ts';
import type { RouterHandlers } from '../../proto/gen/zonecast/router/v1/Router.ts';
import type { SetTreeRequest__Output } from '../../proto/gen/zonecast/router/v1/SetTreeRequest.ts';
import type { SlotAssignment } from '../../proto/gen/zonecast/router/v1/SlotAssignment.ts';
import type { ZoneTrunk__Output as ZoneTrunk } from '../../proto/gen/zonecast/router/v1/ZoneTrunk.ts';
import type { ZoneClient } from '../../proto/gen/zonecast/zone/v1/Zone.ts';
import { RouterService, ZoneService } from '../../proto/load.ts';
import type { SourceKind } from '../../proto/signalling.ts';
import { FakeStates } from './fake-states.ts';
import { StateStreams } from './state-streams.ts';

/** So that tests need not wait for what a router says each second. */
const REPORT_MS = 20;
const TIMEOUT_CHECK_MS = 5;

/** A command as it arrived. */
export interface Command {
  readonly method: string;
  // Each method's request is another type; tests compare the fields they care about.
  readonly request: Readonly<Record<string, unknown>>;
}

export interface FakeRouterOptions {
  readonly name: string;
  readonly tls: MutualTls;
  /** Of the gRPC service of the zone-controller that it registers with. */
  readonly zonePort: number;
  /** To serve at; any by default. */
  readonly port?: number;
  readonly workers?: number;
  /** Of each worker. */
  readonly maxParticipants?: number;
  /** To the zone's other routers. */
  readonly streams?: StateStreams;
  /** Where it says that its workers receive media. */
  readonly media?: readonly { readonly address: string; readonly port: number }[];
  /** host:port at which it says that it listens to routers of other zones. */
  readonly zonesAddress?: string;
  /** Throws what a join is to be refused with, waits as long as it is to take. */
  readonly onJoin?: (request: JoinRequest__Output) => void | Promise<void>;
  /** Waits as long as it is to take. */
  readonly onView?: () => void | Promise<void>;
  readonly onTree?: (request: SetTreeRequest__Output) => void | Promise<void>;
}

type LeaveCause = Extract<ParticipantEvent, { type: 'left' }>['reason'];

interface Target {
  readonly meeting: string;
  readonly epoch: number;
  readonly participant: string;
}

type Assignments = Parameters<LiveMeeting['connectionChanged']>[2];

export class FakeRouter {
  /** But SetTree and SetProbes, which come as often as controllers please. */
  readonly commands: Command[] = [];
  /** The latest tree of each meeting. */
  readonly trees = new Map<string, SetTreeRequest__Output>();
  /** What it reports of its trunks to other zones. */
  zoneTrunks: ZoneTrunk[] = [];
  readonly #options: FakeRouterOptions;
  readonly #server = new Server();
  readonly #events: ControllerEvents;
  readonly #states: FakeStates;
  readonly #streams = new Set<EventStream>();
  readonly #waiting: { readonly method: string; readonly resolve: (command: Command) => void }[] = [];
  /** Where those are who have ever joined. */
  readonly #workers = new Map<ParticipantId, number>();
  readonly #timeouts: NodeJS.Timeout;
  #loads: ReturnType<typeof idleWorker>[];
  #isCounting = true;
  #zone: ZoneClient | undefined;
  #registration: ReturnType<ZoneClient['Register']> | undefined;
  #port = 0;
  #frozen: PromiseWithResolvers<void> | undefined;

  constructor(options: FakeRouterOptions) {
    this.#options = options;
    const { workers = 1 } = options;
    this.#loads = Array.from({ length: workers }, (_, index) => idleWorker(index));
    this.#events = new ControllerEvents({
      load: () => ({
        load: {
          workers: this.#loads.map((load) => this.#counted(load)),
          workerRestarts: 0,
          zoneTrunks: [...this.zoneTrunks],
        },
      }),
      people: () => this.#people(),
      peers: { changedHere: () => undefined, forgotten: (meeting) => this.#states.drop(meeting) },
      now: () => performance.now(),
      reportMs: REPORT_MS,
    });
    this.#states = new FakeStates({
      router: options.name,
      streams: options.streams ?? new StateStreams(),
      meetings: () => this.#events.meetings,
      leave: (participant, reason) => {
        const live = [...this.#events.meetings.all].find((each) => each.has(participant));
        if (live !== undefined) this.#leave(live, participant, reason as LeaveCause);
      },
    });
    this.#timeouts = setInterval(() => this.#handleTimeout(), TIMEOUT_CHECK_MS);
    this.#server.addService(RouterService.service, this.#handlers());
  }

  /** Serves and registers. */
  async start(): Promise<void> {
    const { port = 0 } = this.#options;
    const credentials = serverCredentials(this.#options.tls);
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(`localhost:${port}`, credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    this.register();
  }

  get name(): string {
    return this.#options.name;
  }

  /** Of each worker, what it reports from now on. */
  report(loads: readonly Partial<ReturnType<typeof idleWorker>>[]): void {
    this.#loads = loads.map((load, index) => ({ ...idleWorker(index), ...load }));
    this.#isCounting = false;
  }

  /** Those who have been let in, as long as the test says nothing else. */
  #counted(load: ReturnType<typeof idleWorker>): ReturnType<typeof idleWorker> {
    if (!this.#isCounting) return load;
    let participants = 0;
    for (const live of this.#events.meetings.all) {
      for (const participant of live.participants) {
        if (live.hasEntered(participant) && this.#workers.get(participant) === load.index) participants++;
      }
    }
    return { ...load, participants };
  }

  get port(): number {
    return this.#port;
  }

  /** Opens the registration stream, again if need be, with this controller or another. */
  register(zonePort: number = this.#options.zonePort): ReturnType<ZoneClient['Register']> {
    this.#zone?.close();
    this.#zone = new ZoneService(`localhost:${zonePort}`, clientCredentials(this.#options.tls));
    const stream = this.#zone.Register();
    this.#registration = stream;
    stream.on('data', () => undefined);
    stream.on('error', () => undefined);
    const { name: router, workers = 1, maxParticipants: participants = 100, zonesAddress = '' } = this.#options;
    const { media = [] } = this.#options;
    const workerLimits = { participants, packetsPerSecond: 300_000 };
    const address = `localhost:${this.#port}`;
    stream.write({ router, address, zonesAddress, workers, workerLimits, media: [...media], version: 'test' });
    return stream;
  }

  /** Ends the registration stream and nothing else. */
  unregister(): void {
    this.#registration?.end();
  }

  /** A worker says something of a meeting: told in the words of the wire, for which tests need no casts. */
  emit(event: Event): void {
    const said = toWorkerEvent(event);
    if (said !== undefined) this.#apply(said);
  }

  /** A second connection of his has come to nothing; the one before carries this. */
  undoConnection(meeting: string, participant: string, slots: Assignments): void {
    // The casts: names of the test.
    this.#events.meetings.get(meeting as MeetingId)?.connectionChanged(participant as ParticipantId, 0, slots);
  }

  #apply(event: ParticipantEvent | MeetingEvent): void {
    const live = this.#events.meetings.get(event.meeting);
    live?.apply(event);
    if (live === undefined) return;
    if (event.type !== 'left') return;
    if (event.reason === 'workerLost') live.lose(event.participant, performance.now());
    else {
      this.#states.left(live.id, event.participant);
      this.#remove(live, event.participant);
    }
  }

  /** Breaks the event streams; controllers open them again. */
  breakEvents(): void {
    for (const stream of this.#streams) stream.emit('error', toGrpcStatus(new ZonecastError('rateLimited', 'slow')));
    this.#streams.clear();
  }

  /** The next command of that method, or the earliest that nobody asked for yet. */
  async command(method: string): Promise<Command> {
    const index = this.commands.findIndex((command) => command.method === method);
    if (index !== -1) return this.commands.splice(index, 1)[0] as Command; // findIndex found it
    return new Promise((resolve) => this.#waiting.push({ method, resolve }));
  }

  /** As a process that is stopped (SIGSTOP): its connections stay, and it neither answers nor tells anything. */
  freeze(): void {
    this.#states.stop();
    this.#frozen ??= Promise.withResolvers();
    for (const stream of this.#streams) stream.cork();
  }

  /** It goes on with all that it was asked meanwhile. */
  thaw(): void {
    this.#states.start();
    this.#frozen?.resolve();
    this.#frozen = undefined;
    for (const stream of this.#streams) stream.uncork();
  }

  /** As a process that is killed. */
  stop(): void {
    this.#states.stop();
    this.#registration?.cancel();
    this.#zone?.close();
    this.stopServing();
  }

  /** Nothing listens where it was, and yet it stays registered. */
  stopServing(): void {
    clearInterval(this.#timeouts);
    this.#events.stop();
    this.#server.forceShutdown();
  }

  #record(method: string, request: object): void {
    const command = { method, request: { ...request } };
    const index = this.#waiting.findIndex((waiting) => waiting.method === method);
    if (index === -1) this.commands.push(command);
    else this.#waiting.splice(index, 1)[0]?.resolve(command);
  }

  *#people(): Generator<PlacePeople> {
    for (const { id: meeting, participants } of this.#events.meetings.all) {
      const counts = new Map<number, number>();
      for (const participant of participants) {
        const worker = this.#workers.get(participant) ?? 0;
        counts.set(worker, (counts.get(worker) ?? 0) + 1);
      }
      for (const [worker, people] of counts) yield { meeting, worker, people };
    }
  }

  #handleTimeout(): void {
    for (const live of this.#events.meetings.all) {
      for (const participant of live.handleTimeout(performance.now())) this.#leave(live, participant);
    }
    this.#states.handleTimeout();
  }

  /** So much time passes at once for the states of its meetings, and for nothing else. */
  skipInStates(ms: number): void {
    this.#states.skip(ms);
  }

  async #setTree(request: SetTreeRequest__Output): Promise<void> {
    await this.#frozen?.promise;
    await this.#options.onTree?.(request);
    const before = this.trees.get(request.meeting);
    if (before !== undefined && before.epoch === request.epoch && before.version >= request.version) return;
    const { meetings } = this.#events;
    meetings.checkEpoch(request.meeting as MeetingId, request.epoch);
    this.trees.set(request.meeting, request);
    // Those who are here stay.
    meetings.under(request.meeting as MeetingId, request.epoch);
    this.#states.setTree(request);
  }

  /** People of other routers of the meeting, as those would tell this one. */
  elsewhere(meeting: string, change: Parameters<LiveMeeting['applyElsewhere']>[0]): void {
    this.#events.meetings.get(meeting as MeetingId)?.applyElsewhere(change, performance.now());
  }

  #leave(live: LiveMeeting, participant: ParticipantId, reason: LeaveCause = 'left', room?: MeetingId): void {
    if (live.hasEntered(participant)) this.#states.left(live.id, participant, room);
    live.apply({ type: 'left', meeting: live.id, participant, reason });
    this.#remove(live, participant);
  }

  #remove(live: LiveMeeting, participant: ParticipantId): void {
    live.remove(participant);
    this.#events.meetings.settle(live);
  }

  // The casts of ids in here: controllers made them.
  #find({ meeting, epoch, participant }: Target): LiveMeeting {
    this.#events.meetings.checkEpoch(meeting as MeetingId, epoch);
    const live = this.#events.meetings.get(meeting as MeetingId);
    if (live?.hasEntered(participant as ParticipantId)) return live;
    throw new ZonecastError('noSuchParticipant', 'not here');
  }

  async #join(request: JoinRequest__Output): Promise<{ answer: string } | { waiting: true }> {
    const { meetings } = this.#events;
    const [meeting, participant] = [request.meeting as MeetingId, request.participant as ParticipantId];
    meetings.checkEpoch(meeting, request.epoch);
    const live = meetings.under(meeting, request.epoch);
    if (live.has(participant)) throw new ZonecastError('badMessage', 'in the meeting already');
    if (request.maxParticipants > 0 && live.size >= request.maxParticipants)
      throw new ZonecastError('meetingFull', 'full');
    const home = toHome(request.home);
    if ((await this.#states.join(live, request, home)) === 'waiting') return { waiting: true };
    const sources = Object.values(request.sources) as SourceKind[];
    const muted = request.muted as SourceKind[];
    const { name, audioOnly } = request;
    live.add(participant, { name, sources, muted, home, audioOnly });
    this.#workers.set(participant, request.worker ?? 0);
    try {
      await this.#options.onJoin?.(request);
    } catch (error) {
      live.remove(participant);
      this.#states.left(meeting, participant);
      throw error;
    }
    if (meetings.get(meeting) !== live) throw new ZonecastError('meetingLost', 'ended meanwhile');
    this.#states.entered(live, participant, home);
    live.enter(participant);
    return { answer: `answer to ${request.offer}` };
  }

  #handlers(): RouterHandlers {
    const { meetings } = this.#events;
    const unary =
      <Request extends object, Reply>(
        method: string,
        reply: (request: Request) => Reply | Promise<Reply>,
      ): handleUnaryCall<Request, Reply> =>
      async (call, done) => {
        await this.#frozen?.promise;
        try {
          const result = await reply(call.request);
          this.#record(method, call.request);
          done(null, result);
        } catch (error) {
          done(toGrpcStatus(error));
        }
      };
    return {
      Join: unary('Join', (request) => this.#join(request)),
      Attach: unary('Attach', (request) => {
        this.#find(request).attach(request.participant as ParticipantId, toHome(request.home));
        return {};
      }),
      Detach: unary('Detach', ({ meeting, participant, home, keepMs }) => {
        const live = meetings.get(meeting as MeetingId);
        live?.detach(participant as ParticipantId, toHome(home), performance.now() + keepMs);
        return {};
      }),
      Renegotiate: unary('Renegotiate', (request) => {
        const sources = Object.values(request.sources) as SourceKind[];
        this.#find(request).setSources(request.participant as ParticipantId, sources);
        return { answer: `answer to ${request.offer}` };
      }),
      OpenConnection: unary('OpenConnection', (request) => {
        this.#find(request).connectionChanged(request.participant as ParticipantId, request.connection, []);
        return { answer: `answer to ${request.offer}` };
      }),
      SettleConnection: unary('SettleConnection', () => ({})),
      SetView: unary('SetView', async () => {
        await this.#options.onView?.();
        return {};
      }),
      SetMute: unary('SetMute', (request) => {
        const { participant, source, muted } = request;
        if (!muted) this.#states.checkUnmute(this.#find(request), participant as ParticipantId, source as SourceKind);
        this.#find(request).setMuted(participant as ParticipantId, source as SourceKind, muted);
        return {};
      }),
      Leave: unary('Leave', (request) => {
        meetings.checkEpoch(request.meeting as MeetingId, request.epoch);
        const live = meetings.get(request.meeting as MeetingId);
        const participant = request.participant as ParticipantId;
        if (live === undefined || this.#states.leaveWaiting(live, participant)) return {};
        const room = request.room === '' ? undefined : (request.room as MeetingId);
        if (live.has(participant)) this.#leave(live, participant, request.kicked ? 'kicked' : 'left', room);
        return {};
      }),
      Act: unary('Act', async ({ meeting, epoch, participant, act }) => {
        meetings.checkEpoch(meeting as MeetingId, epoch);
        const actor = participant === '' ? ('operator' as const) : { participant: participant as ParticipantId };
        if (meetings.get(meeting as MeetingId) === undefined) throw new ZonecastError('noSuchMeeting', 'not here');
        await this.#states.act(meeting as MeetingId, actor, readAct(act));
        return {};
      }),
      CloseMeeting: unary('CloseMeeting', ({ meeting, epoch, onlyIfEmpty }) => {
        meetings.checkEpoch(meeting as MeetingId, epoch);
        const live = meetings.get(meeting as MeetingId);
        if (onlyIfEmpty && live?.isUnused === false) {
          throw new ZonecastError('revisionConflict', 'somebody is in the meeting');
        }
        live?.state.sendGuestsAway('meetingClosed');
        this.#states.drop(meeting as MeetingId);
        meetings.end(meeting as MeetingId, epoch);
        if (live === undefined) return {};
        for (const participant of [...live.participants]) this.#leave(live, participant, 'meetingClosed');
        return {};
      }),
      SetTree: (call, done) =>
        void this.#setTree(call.request).then(
          () => done(null, {}),
          (error: unknown) => done(toGrpcStatus(error)),
        ),
      SetZoneLinks: unary('SetZoneLinks', () => ({})),
      SetZones: unary('SetZones', () => ({})),
      SetProbes: (_, done) => done(null, { targets: [{ address: '192.0.2.1', port: 8801 }] }),
      Describe: unary('Describe', (request) => ({
        meetings: describeMeetings(meetings, request.meetings as MeetingId[], request.people),
      })),
      Statistics: unary('Statistics', () => ({ workers: [] })),
      Events: (call) => {
        this.#streams.add(call);
        if (this.#frozen !== undefined) call.cork();
        call.on('cancelled', () => this.#streams.delete(call));
        this.#events.subscribe(call.request.instance, call);
      },
    };
  }
}

function toHome(home: Home__Output | null): Home {
  return { controller: home?.instance ?? '', attachment: home?.attachment ?? 0 };
}

/** The casts: the messages have what the worker's events have, and their ids are those of the controller. */
function toWorkerEvent(event: Event): ParticipantEvent | MeetingEvent | undefined {
  const { slots, speakers, encodings, quality, left } = event;
  const said =
    (slots && { ...slots, type: 'slots', slots: slots.slots?.map(toAssignment) }) ??
    (speakers && { ...speakers, type: 'speakers', speakers: speakers.participants }) ??
    (encodings && { ...encodings, type: 'encodings' }) ??
    (quality && { ...quality, type: 'quality' }) ??
    (left && { ...left, type: 'left' });
  return said as unknown as ReturnType<typeof toWorkerEvent>;
}

function toAssignment({ mid, participant, kind, suspended }: SlotAssignment) {
  return { mid, participant: participant || undefined, kind: kind || undefined, suspended };
}

function idleWorker(index: number) {
  return {
    index,
    meetings: 0,
    participants: 0,
    ingressPacketsPerSecond: 0,
    egressPacketsPerSecond: 0,
    cpuUtilization: 0,
    eventLoopDelayP99Ms: 0,
  };
}
