/** What the tests of the router share: an authority, a zone-controller that only registers, and WebRTC clients. */
import { once } from 'node:events';
import {
  type CallOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  type requestCallback,
  Server,
  type ServerDuplexStream,
} from '@grpc/grpc-js';
import { pino } from 'pino';
import { HeadlessMedia, type HeadlessMediaOptions } from '../client/headless/headless-media.ts';
import { fromGrpcError } from '../common/grpc-errors.ts';
import type { RouterId } from '../common/ids.ts';
import {
  clientCredentials,
  type MutualTls,
  mintZoneCertificates,
  serverCredentials,
  type ZoneCertificates,
} from '../common/mutual-tls.ts';
import { callUnary } from '../proto/call-unary.ts';
import type { Empty__Output } from '../proto/gen/zonecast/router/v1/Empty.ts';
import type { Event__Output } from '../proto/gen/zonecast/router/v1/Event.ts';
import type { JoinReply__Output } from '../proto/gen/zonecast/router/v1/JoinReply.ts';
import type { JoinRequest } from '../proto/gen/zonecast/router/v1/JoinRequest.ts';
import type { RouterClient } from '../proto/gen/zonecast/router/v1/Router.ts';
import type { RegisterReply } from '../proto/gen/zonecast/zone/v1/RegisterReply.ts';
import type { Registration__Output } from '../proto/gen/zonecast/zone/v1/Registration.ts';
import { RouterService, ZoneService } from '../proto/load.ts';
import type { PersonAct } from './control/state/acts.ts';
import { Router, type RouterOptions } from './router.ts';

type Stream = ServerDuplexStream<Registration__Output, RegisterReply>;
const DEADLINE_MS = 10_000;
/** The process of the controller that everybody's home is. */
export const LAB_INSTANCE = 'lab';

/** A zone-controller that takes every registration and keeps it. */
export class TestZone {
  readonly registrations: Registration__Output[] = [];
  /** Says nothing to whoever registers. */
  isSilent = false;
  readonly #streams = new Set<Stream>();
  readonly #waiters = new Set<() => void>();
  #server: Server | undefined;
  port = 0;

  async start(tls: MutualTls, port = 0): Promise<void> {
    this.#server = new Server();
    this.#server.addService(ZoneService.service, { Register: (call: Stream) => this.#register(call) });
    const server = this.#server;
    this.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`localhost:${port}`, serverCredentials(tls), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
  }

  /** Dies as a killed process does. */
  kill(): void {
    this.#server?.forceShutdown();
  }

  /** Ends the streams in good order and goes on listening. */
  endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }

  /** Resolves when so many registrations have come. */
  async registered(count = 1): Promise<void> {
    while (this.registrations.length < count) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  #register(stream: Stream): void {
    this.#streams.add(stream);
    stream.on('data', (registration: Registration__Output) => {
      this.registrations.push(registration);
      if (!this.isSilent) stream.write({ zone: 'test' });
      for (const waiter of this.#waiters) waiter();
      this.#waiters.clear();
    });
    const forget = (): void => void this.#streams.delete(stream);
    stream.on('end', () => {
      forget();
      stream.end();
    });
    stream.on('error', forget);
    stream.on('cancelled', forget);
  }
}

/** An event stream, read into a list that can be waited on. */
export class EventReader {
  readonly events: Event__Output[] = [];
  readonly stream: ClientReadableStream<Event__Output>;
  error: Error | undefined;

  constructor(stream: ClientReadableStream<Event__Output>) {
    this.stream = stream;
    stream.on('data', (event: Event__Output) => this.events.push(event));
    stream.on('error', (error) => {
      this.error = error;
    });
  }

  /** The first event that `matches`, past or to come; rejects when the stream ends before. */
  async next(matches: (event: Event__Output) => boolean): Promise<Event__Output> {
    for (;;) {
      const found = this.events.find(matches);
      if (found !== undefined) return found;
      if (this.error !== undefined) throw this.error;
      // Without the signal, what was not awaited to its end would keep listening.
      const waiting = new AbortController();
      const { signal } = waiting;
      await Promise.race([once(this.stream, 'data', { signal }), once(this.stream, 'end', { signal })]);
      waiting.abort();
    }
  }
}

export interface LabMediaOptions extends Partial<HeadlessMediaOptions> {
  /** What the client's datagrams go over: it gives the answer that he is to see. Without one, straight to the router. */
  readonly way?: { through(answer: string): string };
}

export class RouterLab {
  readonly authority: ZoneCertificates;
  readonly zone: TestZone;
  readonly zoneTls: MutualTls;
  readonly router: Router;
  readonly client: RouterClient;
  readonly #media: HeadlessMedia[] = [];

  private constructor(authority: ZoneCertificates, zone: TestZone, zoneTls: MutualTls, router: Router) {
    this.authority = authority;
    this.zone = zone;
    this.zoneTls = zoneTls;
    this.router = router;
    this.client = new RouterService(`localhost:${router.grpcPort}`, clientCredentials(zoneTls));
  }

  /** `authority`: of the zone, for a router that is to meet others. */
  static async start(options: Partial<RouterOptions> = {}, authority?: ZoneCertificates): Promise<RouterLab> {
    return RouterLab.#start(options, authority ?? (await mintZoneCertificates()));
  }

  static async #start(options: Partial<RouterOptions>, authority: ZoneCertificates): Promise<RouterLab> {
    const zoneTls = await authority.issue('zone-controller', 'zc-1');
    const zone = new TestZone();
    await zone.start(zoneTls);
    const router = new Router({
      router: 'router-1' as RouterId,
      grpcAddress: 'localhost:0',
      zoneControllers: [`localhost:${zone.port}`],
      tls: await authority.issue('router', options.router ?? 'router-1'),
      mediaAddress: '127.0.0.1',
      mediaPort: 0,
      announce: ['127.0.0.1'],
      workers: 1,
      maxParticipantsPerWorker: 50,
      log: pino({ level: 'silent' }),
      ...options,
    });
    await router.start();
    return new RouterLab(authority, zone, zoneTls, router);
  }

  /** Joins a WebRTC client over gRPC; resolves when the router has answered. */
  async join(
    meeting: string,
    participant: string,
    { audioOnly = false, ...options }: LabMediaOptions & { readonly audioOnly?: boolean } = {},
    epoch = 1,
    worker?: number,
  ): Promise<HeadlessMedia> {
    const wanted = worker === undefined ? {} : { worker };
    const media = await this.come({ meeting, participant, epoch, audioOnly, ...wanted }, options);
    if (media === undefined) throw new Error(`${participant} waits`);
    return media;
  }

  /** The same with any field of the request; undefined when he is to wait. */
  async come(
    fields: JoinRequest & { readonly participant: string },
    { way, ...options }: LabMediaOptions = {},
  ): Promise<HeadlessMedia | undefined> {
    const { participant: name } = fields;
    const media = new HeadlessMedia({ name, audioSlots: 2, videoSlots: 2, ...options });
    this.#media.push(media);
    const home = { instance: LAB_INSTANCE, attachment: 1 };
    const request = { epoch: 1, name, home, ...fields, ...media.createOffer() };
    const { answer, waiting } = await callUnary<JoinReply__Output>(
      (call, done) => this.client.Join(request, call, done),
      DEADLINE_MS,
    );
    if (waiting) return undefined;
    media.acceptAnswer(way?.through(answer) ?? answer);
    return media;
  }

  /** Of a participant, or without one of an operator. Rejects with the ZonecastError of who refuses it. */
  async act(meeting: string, participant: string, act: PersonAct, epoch = 1): Promise<void> {
    const request = { meeting, epoch, participant, act: JSON.stringify(act) };
    try {
      await this.command((options, done) => this.client.Act(request, options, done));
    } catch (error) {
      throw fromGrpcError(error);
    }
  }

  /** One command that answers nothing. */
  async command(start: (options: CallOptions, done: requestCallback<Empty__Output>) => ClientUnaryCall): Promise<void> {
    await callUnary(start, DEADLINE_MS);
  }

  /** Subscribes as a process of the controller; resolves when nothing is missed any more. */
  async subscribe(instance = LAB_INSTANCE): Promise<EventReader> {
    const reader = new EventReader(this.client.Events({ instance }));
    await reader.next((event) => event.event === 'subscribed');
    return reader;
  }

  async stop(): Promise<void> {
    for (const media of this.#media) media.close();
    this.client.close();
    await this.router.stop();
    this.zone.kill();
  }
}
