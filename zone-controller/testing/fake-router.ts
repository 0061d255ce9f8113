/**
 * A router without media for tests of the zone-controller: it really speaks the two gRPC services over mTLS, answers
 * every offer with a fixed text, and reports what the test tells it to.
 */
import { type handleUnaryCall, Server, type ServerWritableStream } from '@grpc/grpc-js';
import { ZonecastError } from '../../common/errors.ts';
import { toGrpcStatus } from '../../common/grpc-errors.ts';
import { clientCredentials, type MutualTls, serverCredentials } from '../../common/mutual-tls.ts';
import type { Event } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { EventsRequest__Output } from '../../proto/gen/zonecast/router/v1/EventsRequest.ts';
import type { JoinRequest__Output } from '../../proto/gen/zonecast/router/v1/JoinRequest.ts';
import type { RouterHandlers } from '../../proto/gen/zonecast/router/v1/Router.ts';
import type { RouterReport } from '../../proto/gen/zonecast/zone/v1/RouterReport.ts';
import type { ZoneClient } from '../../proto/gen/zonecast/zone/v1/Zone.ts';
import { RouterService, ZoneService } from '../../proto/load.ts';
import type { SourceKind } from '../../proto/signalling.ts';

/** As in WorkerStatistics of mmr/worker/messages.ts. */
export interface SlotStatistics {
  readonly mid: string;
  /** participant/kind */
  readonly source?: string;
  readonly suspended?: boolean;
}

/** The same, of what a participant publishes, and of the connection. */
export interface PublishedStatistics {
  readonly sources?: readonly {
    readonly kind: SourceKind;
    readonly encodings: readonly { readonly rid: string; readonly wanted: boolean; readonly maxHeight?: number }[];
  }[];
  readonly speaking?: boolean;
  readonly quality?: { readonly uplink?: number; readonly downlink?: number };
}

interface Present extends PublishedStatistics {
  readonly participant: string;
  readonly meeting: string;
  readonly slots: readonly SlotStatistics[];
}

/** A command as it arrived. */
export interface Command {
  readonly method: string;
  // Each method's request is another type; tests compare the fields they care about.
  readonly request: Readonly<Record<string, unknown>>;
}

export interface FakeRouterOptions {
  readonly name: string;
  readonly tls: MutualTls;
  /** Of the zone-controller's gRPC service. */
  readonly zonePort: number;
  readonly maxParticipants?: number;
  /** Throws what a join is to be refused with, waits as long as it is to take. */
  readonly onJoin?: (request: JoinRequest__Output) => void | Promise<void>;
  /** Waits as long as it is to take. */
  readonly onView?: () => void | Promise<void>;
  /** What it answers is as things were before this. */
  readonly onStatistics?: () => void | Promise<void>;
}

type Events = ServerWritableStream<EventsRequest__Output, Event>;

export class FakeRouter {
  readonly commands: Command[] = [];
  readonly #options: FakeRouterOptions;
  readonly #server = new Server();
  readonly #streams = new Set<Events>();
  readonly #present = new Map<string, Present>();
  readonly #waiting: { readonly method: string; readonly resolve: (command: Command) => void }[] = [];
  #zone: ZoneClient | undefined;
  #registration: ReturnType<ZoneClient['Register']> | undefined;
  #loads: NodeJS.Timeout | undefined;
  #port = 0;

  constructor(options: FakeRouterOptions) {
    this.#options = options;
    this.#server.addService(RouterService.service, this.#handlers());
  }

  /** Serves, registers and reports an empty load. */
  async start(): Promise<void> {
    const credentials = serverCredentials(this.#options.tls);
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync('localhost:0', credentials, (error, port) => (error ? reject(error) : resolve(port)));
    });
    this.register();
  }

  /** Opens the registration stream, again if need be. */
  register(name: string = this.#options.name): ReturnType<ZoneClient['Register']> {
    this.#zone ??= new ZoneService(`localhost:${this.#options.zonePort}`, clientCredentials(this.#options.tls));
    const stream = this.#zone.Register();
    this.#registration = stream;
    stream.on('data', () => this.report(this.#present.size));
    stream.on('error', () => undefined);
    const { maxParticipants = 100 } = this.#options;
    const address = `localhost:${this.#port}`;
    stream.write({ registration: { router: name, address, workers: 1, maxParticipants, version: 'test' } });
    clearInterval(this.#loads);
    this.#loads = setInterval(() => this.report(this.#present.size), 1_000);
    return stream;
  }

  /** Ends the registration stream and nothing else. */
  unregister(): void {
    clearInterval(this.#loads);
    this.#registration?.end();
  }

  report(participants: number): void {
    const worker = { index: 0, participants, meetings: 0 };
    const report: RouterReport = { load: { workers: [worker], workerRestarts: 0 } };
    this.#registration?.write(report);
  }

  emit(event: Event): void {
    for (const stream of this.#streams) stream.write(event);
  }

  /** Somebody's media ends while nobody is told. */
  forget(participant: string): void {
    this.#present.delete(participant);
  }

  /** Somebody's slots carry something else, or something else is wanted of his sources, while nobody is told. */
  assign(participant: string, slots: readonly SlotStatistics[], published: PublishedStatistics = {}): void {
    const present = this.#present.get(participant);
    if (present !== undefined) this.#present.set(participant, { ...present, ...published, slots });
  }

  /** Breaks the event streams; the controller opens them again. */
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

  stop(): void {
    clearInterval(this.#loads);
    this.#registration?.cancel();
    this.#zone?.close();
    this.#server.forceShutdown();
  }

  #record(method: string, request: object): void {
    const command = { method, request: { ...request } };
    const index = this.#waiting.findIndex((waiting) => waiting.method === method);
    if (index === -1) this.commands.push(command);
    else this.#waiting.splice(index, 1)[0]?.resolve(command);
  }

  #handlers(): RouterHandlers {
    const unary =
      <Request extends object, Reply>(
        method: string,
        reply: (request: Request) => Reply | Promise<Reply>,
      ): handleUnaryCall<Request, Reply> =>
      async (call, done) => {
        try {
          const result = await reply(call.request);
          this.#record(method, call.request);
          done(null, result);
        } catch (error) {
          done(toGrpcStatus(error));
        }
      };
    return {
      Join: unary('Join', async (request) => {
        await this.#options.onJoin?.(request);
        const { participant, meeting } = request;
        this.#present.set(participant, { participant, meeting, slots: [] });
        return { answer: `answer to ${request.offer}` };
      }),
      Renegotiate: unary('Renegotiate', ({ offer }) => ({ answer: `answer to ${offer}` })),
      SetView: unary('SetView', async () => {
        await this.#options.onView?.();
        return {};
      }),
      SetMute: unary('SetMute', () => ({})),
      Leave: unary('Leave', ({ participant }) => {
        this.#present.delete(participant);
        return {};
      }),
      CloseMeeting: unary('CloseMeeting', () => ({})),
      Statistics: unary('Statistics', async () => {
        const workers = [JSON.stringify({ participants: [...this.#present.values()] })];
        await this.#options.onStatistics?.();
        return { workers };
      }),
      Events: (call) => {
        this.#streams.add(call);
        call.on('cancelled', () => this.#streams.delete(call));
        call.write({ subscribed: {} });
      },
    };
  }
}
