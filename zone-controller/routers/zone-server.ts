/**
 * The gRPC server for routers and HTTP tunnels (`proto/zone.proto`) and operators (`proto/admin.proto`, `proto/meetings.proto`) over mTLS,
 * with health and reflection. Translates, decides nothing.
 */
import { Server, type ServerDuplexStream } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { ZonecastError } from '../../common/errors.ts';
import { toGrpcStatus } from '../../common/grpc-errors.ts';
import { listen, shutDown } from '../../common/grpc-server.ts';
import type { RouterId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { type DaemonRole, type MutualTls, peerIdentity } from '../../common/mutual-tls.ts';
import type { AdminHandlers } from '../../proto/gen/zonecast/admin/v1/Admin.ts';
import type { MeetingsHandlers } from '../../proto/gen/zonecast/meetings/v1/Meetings.ts';
import type { RegisterReply } from '../../proto/gen/zonecast/zone/v1/RegisterReply.ts';
import type { Registration__Output } from '../../proto/gen/zonecast/zone/v1/Registration.ts';
import type { TunnelOrders } from '../../proto/gen/zonecast/zone/v1/TunnelOrders.ts';
import type { TunnelRegistration__Output } from '../../proto/gen/zonecast/zone/v1/TunnelRegistration.ts';
import {
  AdminService,
  adminPackage,
  MeetingsService,
  meetingsPackage,
  ZoneService,
  zonePackage,
} from '../../proto/load.ts';

const MAX_MESSAGE_BYTES = 1024 * 1024;
const SHUTDOWN_MS = 300;
/** For a router or a tunnel to say who it is. */
const REGISTRATION_MS = 5_000;

/** What the server tells of a router; `session` tells two streams of one router apart. */
export interface RegistrationListener {
  /** Or has changed. @throws ZonecastError when the registration makes no sense */
  registered(session: object, router: RouterId, registration: Registration__Output): void;
  gone(session: object, router: RouterId): void;
}

/** A tunnel's end of the stream that it is registered by. */
export interface TunnelSession {
  /** Passed over while the tunnel has not taken those before. */
  tell(orders: TunnelOrders): void;
}

/** What the server tells of an HTTP tunnel. */
export interface TunnelListener {
  /** Or has changed. @throws ZonecastError when the registration makes no sense */
  registered(session: TunnelSession, tunnel: string, registration: TunnelRegistration__Output): void;
  gone(session: TunnelSession, tunnel: string): void;
}

export interface ZoneServerOptions {
  readonly zone: ZoneId;
  readonly routers: RegistrationListener;
  readonly tunnels: TunnelListener;
  readonly admin: AdminHandlers;
  readonly meetings: MeetingsHandlers;
  readonly log: Logger;
}

type RegisterStream = ServerDuplexStream<Registration__Output, RegisterReply>;
type TunnelStream = ServerDuplexStream<TunnelRegistration__Output, TunnelOrders>;

/** What becomes of a daemon's stream. */
interface Registrar<Message> {
  /** The daemon that the message says it is from, of the role that it has to have. */
  readonly role: DaemonRole;
  claimed(message: Message): string;
  registered(name: string, message: Message): void;
  gone(name: string): void;
}

export class ZoneServer {
  readonly #options: ZoneServerOptions;
  readonly #server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    // A router whose machine is gone sends no FIN.
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
  });

  constructor(options: ZoneServerOptions) {
    this.#options = options;
    const { admin, meetings } = options;
    this.#server.addService(ZoneService.service, {
      Register: (call: RegisterStream) => this.#register(call),
      RegisterTunnel: (call: TunnelStream) => this.#registerTunnel(call),
    });
    this.#server.addService(AdminService.service, admin);
    this.#server.addService(MeetingsService.service, meetings);
    const services = ['', 'zonecast.zone.v1.Zone', 'zonecast.admin.v1.Admin', 'zonecast.meetings.v1.Meetings'];
    const health = Object.fromEntries(services.map((service) => [service, 'SERVING' as const]));
    new HealthImplementation(health).addToServer(this.#server);
    new ReflectionService({ ...zonePackage, ...adminPackage, ...meetingsPackage }).addToServer(this.#server);
  }

  /** Listens at host:port and resolves with the port. Rejects with ZonecastError `portTaken` or `badConfig`. */
  start(address: string, tls: MutualTls): Promise<number> {
    return listen(this.#server, address, tls);
  }

  /** Lets calls end for a moment, then cuts them. */
  stop(): Promise<void> {
    return shutDown(this.#server, SHUTDOWN_MS);
  }

  #register(call: RegisterStream): void {
    const { zone, routers } = this.#options;
    let isNew = true;
    this.#follow(call, {
      role: 'router',
      claimed: ({ router }) => router,
      registered: (name, registration) => {
        routers.registered(call, name as RouterId, registration); // checked against the certificate
        if (isNew) call.write({ zone });
        isNew = false;
      },
      gone: (name) => routers.gone(call, name as RouterId),
    });
  }

  #registerTunnel(call: TunnelStream): void {
    const { tunnels } = this.#options;
    const session: TunnelSession = {
      tell: (orders) => {
        if (call.writableLength === 0) call.write(orders);
      },
    };
    this.#follow(call, {
      role: 'http-tunnel',
      claimed: ({ tunnel }) => tunnel,
      registered: (name, registration) => tunnels.registered(session, name, registration),
      gone: (name) => tunnels.gone(session, name),
    });
  }

  #follow<Message, Reply>(call: ServerDuplexStream<Message, Reply>, registrar: Registrar<Message>): void {
    const { role } = registrar;
    let known: string | undefined;
    const fail = (error: unknown): void => {
      call.emit('error', toGrpcStatus(error));
      end();
    };
    const silent = setTimeout(() => fail(new ZonecastError('badMessage', 'no registration')), REGISTRATION_MS);
    const end = (): void => {
      clearTimeout(silent);
      if (known !== undefined) registrar.gone(known);
      known = undefined;
    };
    call.on('data', (message: Message) => {
      try {
        const name = registrar.claimed(message);
        checkIdentity(call, role, name);
        registrar.registered(name, message);
        clearTimeout(silent);
        known = name;
      } catch (error) {
        this.#options.log.warn({ err: error, peer: call.getPeer(), role }, 'a registration was refused');
        fail(error);
      }
    });
    call.on('end', () => {
      end();
      call.end();
    });
    call.on('cancelled', end);
    call.on('error', end);
    call.on('close', end);
  }
}

/** A daemon speaks for itself only: its certificate must name it. */
function checkIdentity<Message, Reply>(
  call: ServerDuplexStream<Message, Reply>,
  role: DaemonRole,
  claimed: string,
): void {
  const peer = peerIdentity(call.getAuthContext().sslPeerCertificate);
  if (peer?.role === role && peer.name === claimed) return;
  throw new ZonecastError('unauthorized', `the certificate of ${peer?.name ?? 'nobody'} is not that of ${claimed}`);
}
