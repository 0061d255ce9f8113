/** The router's gRPC server: `proto/router.proto` over mTLS, with health and reflection. Translates, decides nothing. */
import { type handleUnaryCall, Server, type ServerWritableStream } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { ZonecastError } from '../../common/errors.ts';
import { toGrpcStatus } from '../../common/grpc-errors.ts';
import type { Logger } from '../../common/log.ts';
import { type MutualTls, peerIdentity, serverCredentials } from '../../common/mutual-tls.ts';
import type { RouterHandlers } from '../../proto/gen/zonecast/router/v1/Router.ts';
import { RouterService, routerPackage } from '../../proto/load.ts';
import type { WorkerStatistics } from '../worker/messages.ts';
import type { EventHub } from './event-hub.ts';
import type { MeetingCommands } from './meeting-commands.ts';
import { readMeetingId, readParticipantId, readSourceKind, readSources, readView } from './read-request.ts';

/** An SDP is at most 512 KB; nothing else that controllers send is large. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const SHUTDOWN_MS = 500;
const HEALTH_NAME = 'zonecast.router.v1.Router';

export interface RouterServerOptions {
  readonly tls: MutualTls;
  readonly commands: MeetingCommands;
  readonly events: EventHub;
  readonly statistics: () => Promise<readonly WorkerStatistics[]>;
  readonly log: Logger;
}

type Call = Parameters<handleUnaryCall<unknown, unknown>>[0] | ServerWritableStream<unknown, unknown>;

interface TargetFields {
  readonly meeting: string;
  readonly epoch: number;
  readonly participant: string;
}

export class RouterServer {
  readonly #options: RouterServerOptions;
  readonly #server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  // '' is the process (liveness), the service's name readiness: whether a controller can place meetings here.
  readonly #health = new HealthImplementation({ '': 'SERVING', [HEALTH_NAME]: 'NOT_SERVING' });

  constructor(options: RouterServerOptions) {
    this.#options = options;
    this.#server.addService(RouterService.service, this.#handlers());
    this.#health.addToServer(this.#server);
    new ReflectionService(routerPackage).addToServer(this.#server);
  }

  /** Listens at host:port and resolves with the port. Rejects with ZonecastError `portTaken` or `badConfig`. */
  start(address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, serverCredentials(this.#options.tls), (error, port) => {
        if (!error) return resolve(port);
        const taken = error.message.includes('EADDRINUSE');
        const message = taken ? `TCP port of ${address} is in use` : `cannot listen at ${address}: ${error.message}`;
        reject(new ZonecastError(taken ? 'portTaken' : 'badConfig', message, { cause: error }));
      });
    });
  }

  setReady(ready: boolean): void {
    this.#health.setStatus(HEALTH_NAME, ready ? 'SERVING' : 'NOT_SERVING');
  }

  /** Lets running calls end for half a second, then cuts them. */
  async stop(): Promise<void> {
    this.#options.events.stop();
    let timer: NodeJS.Timeout | undefined;
    const drained = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    const overdue = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, SHUTDOWN_MS);
    });
    await Promise.race([drained, overdue]);
    clearTimeout(timer);
    this.#server.forceShutdown();
  }

  #handlers(): RouterHandlers {
    const { commands, events, statistics } = this.#options;
    return {
      Join: this.#unary(async (request) => ({
        answer: await commands.join({
          ...readTarget(request),
          offer: request.offer,
          sources: readSources(request.sources),
          muted: request.muted.map(readSourceKind),
        }),
      })),
      Renegotiate: this.#unary(async (request) => ({
        answer: await commands.renegotiate({
          ...readTarget(request),
          offer: request.offer,
          sources: readSources(request.sources),
        }),
      })),
      SetView: this.#unary((request) => {
        commands.setView(readTarget(request), readView(request.view));
        return {};
      }),
      SetMute: this.#unary((request) => {
        commands.setMute(readTarget(request), readSourceKind(request.source), request.muted);
        return {};
      }),
      Leave: this.#unary((request) => {
        commands.leave(readTarget(request));
        return {};
      }),
      CloseMeeting: this.#unary((request) => {
        commands.closeMeeting({ meeting: readMeetingId(request.meeting), epoch: request.epoch });
        return {};
      }),
      Statistics: this.#unary(async () => ({
        workers: (await statistics()).map((worker) => JSON.stringify(worker)),
      })),
      Events: (call) => {
        try {
          events.subscribe(this.#checkPeer(call), call);
        } catch (error) {
          call.emit('error', toGrpcStatus(error));
        }
      },
    };
  }

  /** The one place where a call's failure becomes a status. */
  #unary<Request, Reply>(run: (request: Request) => Reply | Promise<Reply>): handleUnaryCall<Request, Reply> {
    return async (call, done) => {
      try {
        this.#checkPeer(call);
        done(null, await run(call.request));
      } catch (error) {
        if (!(error instanceof ZonecastError))
          this.#options.log.error({ err: error, path: call.getPath() }, 'call failed');
        done(toGrpcStatus(error));
      }
    };
  }

  /**
   * TLS has proved that the peer's certificate is of the zone's authority; only controllers command a router. Returns
   * the controller's name.
   */
  #checkPeer(call: Pick<Call, 'getAuthContext'>): string {
    const peer = peerIdentity(call.getAuthContext().sslPeerCertificate);
    if (peer?.role !== 'zone-controller') throw new ZonecastError('unauthorized', 'only zone-controllers may do this');
    return peer.name;
  }
}

function readTarget(request: TargetFields): {
  meeting: ReturnType<typeof readMeetingId>;
  epoch: number;
  participant: ReturnType<typeof readParticipantId>;
} {
  return {
    meeting: readMeetingId(request.meeting),
    epoch: request.epoch,
    participant: readParticipantId(request.participant),
  };
}
