/**
 * The gRPC server for routers (`proto/zone.proto`) and operators (`proto/admin.proto`, `proto/meetings.proto`) over mTLS,
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
import { type MutualTls, peerIdentity } from '../../common/mutual-tls.ts';
import type { AdminHandlers } from '../../proto/gen/zonecast/admin/v1/Admin.ts';
import type { MeetingsHandlers } from '../../proto/gen/zonecast/meetings/v1/Meetings.ts';
import type { RegisterReply } from '../../proto/gen/zonecast/zone/v1/RegisterReply.ts';
import type { Registration__Output } from '../../proto/gen/zonecast/zone/v1/Registration.ts';
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
/** For a router to say who it is. */
const REGISTRATION_MS = 5_000;

/** What the server tells of a router; `session` tells two streams of one router apart. */
export interface RegistrationListener {
  /** Or has changed. @throws ZonecastError when the registration makes no sense */
  registered(session: object, router: RouterId, registration: Registration__Output): void;
  gone(session: object, router: RouterId): void;
}

type RegisterStream = ServerDuplexStream<Registration__Output, RegisterReply>;

export class ZoneServer {
  readonly #zone: ZoneId;
  readonly #listener: RegistrationListener;
  readonly #log: Logger;
  readonly #server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    // A router whose machine is gone sends no FIN.
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
  });

  constructor(
    zone: ZoneId,
    listener: RegistrationListener,
    admin: AdminHandlers,
    meetings: MeetingsHandlers,
    log: Logger,
  ) {
    this.#zone = zone;
    this.#listener = listener;
    this.#log = log;
    this.#server.addService(ZoneService.service, { Register: (call: RegisterStream) => this.#register(call) });
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
    let router: RouterId | undefined;
    const fail = (error: unknown): void => {
      call.emit('error', toGrpcStatus(error));
      end();
    };
    const silent = setTimeout(() => fail(new ZonecastError('badMessage', 'no registration')), REGISTRATION_MS);
    const end = (): void => {
      clearTimeout(silent);
      if (router !== undefined) this.#listener.gone(call, router);
      router = undefined;
    };
    call.on('data', (registration: Registration__Output) => {
      try {
        const id = checkIdentity(call, registration.router);
        this.#listener.registered(call, id, registration);
        clearTimeout(silent);
        if (router === undefined) call.write({ zone: this.#zone });
        router = id;
      } catch (error) {
        this.#log.warn({ err: error, peer: call.getPeer() }, 'a router was refused');
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

/** A router speaks for itself only: its certificate must name it. */
function checkIdentity(call: RegisterStream, claimed: string): RouterId {
  const peer = peerIdentity(call.getAuthContext().sslPeerCertificate);
  if (peer?.role !== 'router' || peer.name !== claimed) {
    throw new ZonecastError('unauthorized', `the certificate of ${peer?.name ?? 'nobody'} is not that of ${claimed}`);
  }
  return claimed as RouterId; // checked against the certificate
}
