/** The router's gRPC server: `proto/router.proto` over mTLS, with health and reflection. Translates, decides nothing. */
import { type handleUnaryCall, Server, type ServerWritableStream } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { ZonecastError } from '../../common/errors.ts';
import { toGrpcStatus } from '../../common/grpc-errors.ts';
import { listen, shutDown } from '../../common/grpc-server.ts';
import type { RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { type MutualTls, peerIdentity } from '../../common/mutual-tls.ts';
import type { Home__Output } from '../../proto/gen/zonecast/router/v1/Home.ts';
import type { RouterHandlers } from '../../proto/gen/zonecast/router/v1/Router.ts';
import { CascadeService, cascadePackage, RouterService, routerPackage } from '../../proto/load.ts';
import type { ProbeCredential } from '../media/transport/probe-responder.ts';
import type { WorkerStatistics } from '../worker/messages.ts';
import type { Cascade } from './cascade/cascade.ts';
import { type CallingStream, PEER_KEEPALIVE } from './cascade/peer-links.ts';
import type { ControllerEvents } from './controller-events.ts';
import { describeMeetings } from './describe-meetings.ts';
import type { MeetingCommands } from './meeting-commands.ts';
import {
  readAct,
  readEntry,
  readInstance,
  readMeetingId,
  readName,
  readParticipantId,
  readPlaces,
  readProbeCredentials,
  readSourceKind,
  readSources,
  readTrustedZones,
  readView,
  readZoneLinks,
} from './read-request.ts';
import type { Home } from './roster.ts';

/** The state of a large meeting, of another router. What controllers send is smaller. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const SHUTDOWN_MS = 500;
const HEALTH_NAME = 'zonecast.router.v1.Router';

export interface RouterServerOptions {
  readonly tls: MutualTls;
  readonly commands: MeetingCommands;
  readonly cascade: Pick<Cascade, 'accept' | 'trust' | 'setZoneLinks'>;
  readonly events: ControllerEvents;
  readonly statistics: () => Promise<readonly WorkerStatistics[]>;
  /** Answers probes by these from here on, and says where. */
  readonly setProbes: (credentials: readonly ProbeCredential[]) => { address: string; port: number }[];
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
  readonly #server = new Server({ ...PEER_KEEPALIVE, 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  // '' is the process (liveness), the service's name readiness: whether a controller can place meetings here.
  readonly #health = new HealthImplementation({ '': 'SERVING', [HEALTH_NAME]: 'NOT_SERVING' });

  constructor(options: RouterServerOptions) {
    this.#options = options;
    this.#server.addService(RouterService.service, this.#handlers());
    this.#server.addService(CascadeService.service, { Link: (call: CallingStream) => this.#link(call) });
    this.#health.addToServer(this.#server);
    // Reflection tells of one package each.
    new ReflectionService({ ...routerPackage, ...cascadePackage }).addToServer(this.#server);
  }

  /** Listens at host:port and resolves with the port. Rejects with ZonecastError `portTaken` or `badConfig`. */
  start(address: string): Promise<number> {
    return listen(this.#server, address, this.#options.tls);
  }

  setReady(ready: boolean): void {
    this.#health.setStatus(HEALTH_NAME, ready ? 'SERVING' : 'NOT_SERVING');
  }

  /** Lets running calls end for half a second, then cuts them. */
  stop(): Promise<void> {
    return shutDown(this.#server, SHUTDOWN_MS);
  }

  #handlers(): RouterHandlers {
    const { commands, cascade, events, statistics, setProbes } = this.#options;
    return {
      Join: this.#unary((request, controller) =>
        commands.join({
          ...readTarget(request),
          name: readName(request.name),
          offer: request.offer,
          sources: readSources(request.sources),
          muted: request.muted.map(readSourceKind),
          home: readHome(controller, request.home),
          entry: readEntry(request.entry, request.home?.instance ?? ''),
          worker: typeof request.worker === 'number' ? request.worker : undefined,
          maxParticipants: request.maxParticipants,
          audioOnly: request.audioOnly,
        }),
      ),
      Act: this.#unary(async ({ meeting, epoch, participant, act }) => {
        await commands.act({
          meeting: readMeetingId(meeting),
          epoch,
          participant: participant === '' ? undefined : readParticipantId(participant),
          act: readAct(act),
        });
        return {};
      }),
      Attach: this.#unary((request, controller) => {
        commands.attach(readTarget(request), readHome(controller, request.home));
        return {};
      }),
      Detach: this.#unary((request, controller) => {
        commands.detach(readTarget(request), readHome(controller, request.home), request.keepMs);
        return {};
      }),
      Renegotiate: this.#unary(async (request) => ({
        answer: await commands.renegotiate({
          ...readTarget(request),
          offer: request.offer,
          sources: readSources(request.sources),
        }),
      })),
      OpenConnection: this.#unary(async (request) => ({
        answer: await commands.openConnection({
          ...readTarget(request),
          offer: request.offer,
          sources: readSources(request.sources),
          muted: request.muted.map(readSourceKind),
          connection: request.connection,
        }),
      })),
      SettleConnection: this.#unary((request) => {
        commands.settleConnection(readTarget(request), request.givenUp);
        return {};
      }),
      SetView: this.#unary((request) => {
        commands.setView(readTarget(request), readView(request.view));
        return {};
      }),
      SetMute: this.#unary((request) => {
        commands.setMute(readTarget(request), readSourceKind(request.source), request.muted);
        return {};
      }),
      Leave: this.#unary((request) => {
        commands.leave(
          readTarget(request),
          request.kicked ? 'kicked' : 'left',
          request.room === '' ? undefined : readMeetingId(request.room),
        );
        return {};
      }),
      CloseMeeting: this.#unary((request) => {
        const { epoch, onlyIfEmpty } = request;
        commands.closeMeeting({ meeting: readMeetingId(request.meeting), epoch }, onlyIfEmpty);
        return {};
      }),
      SetTree: this.#unary((request) => {
        const { epoch, version } = request;
        commands.setTree({
          meeting: readMeetingId(request.meeting),
          epoch,
          version,
          places: readPlaces(request.places),
        });
        return {};
      }),
      SetZoneLinks: this.#unary(({ meeting, version, links }) => {
        cascade.setZoneLinks(readMeetingId(meeting), version, readZoneLinks(links));
        return {};
      }),
      SetZones: this.#unary(({ zones }) => {
        cascade.trust.set(readTrustedZones(zones));
        return {};
      }),
      SetProbes: this.#unary(({ credentials }) => ({ targets: setProbes(readProbeCredentials(credentials)) })),
      Describe: this.#unary(({ meetings, people }) => ({
        meetings: describeMeetings(events.meetings, meetings.map(readMeetingId), people),
      })),
      Statistics: this.#unary(async () => ({
        workers: (await statistics()).map((worker) => JSON.stringify(worker)),
      })),
      Events: (call) => {
        try {
          events.subscribe(controllerKey(this.#checkPeer(call), call.request.instance), call);
        } catch (error) {
          call.emit('error', toGrpcStatus(error));
        }
      },
    };
  }

  /** Another router of the zone calls. */
  #link(call: CallingStream): void {
    const peer = peerIdentity(call.getAuthContext().sslPeerCertificate);
    // The cast: the certificate names a router of the zone.
    if (peer?.role === 'router') this.#options.cascade.accept(peer.name as RouterId, call);
    else call.emit('error', toGrpcStatus(new ZonecastError('unauthorized', 'only routers may do this')));
  }

  /** The one place where a call's failure becomes a status. */
  #unary<Request, Reply>(
    run: (request: Request, controller: string) => Reply | Promise<Reply>,
  ): handleUnaryCall<Request, Reply> {
    return async (call, done) => {
      try {
        const controller = this.#checkPeer(call);
        done(null, await run(call.request, controller));
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

/** A process of a controller, of all that ever have its name. */
function controllerKey(name: string, instance: string): string {
  return `${name} ${readInstance(instance)}`;
}

function readHome(controller: string, home: Home__Output | null): Home {
  if (home === null) throw new ZonecastError('badMessage', 'a home is missing');
  return { controller: controllerKey(controller, home.instance), attachment: home.attachment };
}
