/** The gRPC server for operators (`proto/global.proto`) over mTLS, with health and reflection. Translates, decides nothing. */
import { type handleUnaryCall, Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { type Audit, type AuditEntry, audited } from '../../common/audit/audit.ts';
import { ZonecastError } from '../../common/errors.ts';
import { toGrpcStatus } from '../../common/grpc-errors.ts';
import { listen, shutDown } from '../../common/grpc-server.ts';
import type { Logger } from '../../common/log.ts';
import type { MutualTls } from '../../common/mutual-tls.ts';
import { operatorOf } from '../../common/operator.ts';
import type { GlobalHandlers } from '../../proto/gen/zonecast/global/v1/Global.ts';
import { GlobalService, globalPackage } from '../../proto/load.ts';
import type { GlobalOrders } from './global-orders.ts';
import { policyDetails } from './policy-message.ts';

const MAX_MESSAGE_BYTES = 1024 * 1024;
const SHUTDOWN_MS = 300;

export class GlobalServer {
  readonly #server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });

  constructor(orders: GlobalOrders, audit: Audit, log: Logger) {
    this.#server.addService(GlobalService.service, handlersOf(orders, audit, log));
    new HealthImplementation({ '': 'SERVING', 'zonecast.global.v1.Global': 'SERVING' }).addToServer(this.#server);
    new ReflectionService(globalPackage).addToServer(this.#server);
  }

  /** Listens at host:port and resolves with the port. Rejects with ZonecastError `portTaken` or `badConfig`. */
  start(address: string, tls: MutualTls): Promise<number> {
    return listen(this.#server, address, tls);
  }

  /** Lets calls end for a moment, then cuts them. */
  stop(): Promise<void> {
    return shutDown(this.#server, SHUTDOWN_MS);
  }
}

function handlersOf(orders: GlobalOrders, audit: Audit, log: Logger): GlobalHandlers {
  /** The one place where a call's failure becomes a status. */
  function unary<Request, Reply>(
    run: (request: Request, operator: string) => Reply | Promise<Reply>,
  ): handleUnaryCall<Request, Reply> {
    return async (call, done) => {
      try {
        done(null, await run(call.request, operatorOf(call)));
      } catch (error) {
        if (!(error instanceof ZonecastError)) log.error({ err: error, path: call.getPath() }, 'admin call failed');
        done(toGrpcStatus(error));
      }
    };
  }

  function ordered<Result>(
    operator: string,
    what: string,
    details: AuditEntry['details'],
    run: () => Promise<Result>,
  ): Promise<Result> {
    return audited(audit, { what: `world.${what}`, who: { operator }, ...(details && { details }) }, run);
  }

  return {
    ListZones: unary(() => ({ zones: orders.zones() })),
    SetDrained: unary(({ zone, drained }, operator) =>
      ordered(operator, drained ? 'drain' : 'undrain', { zone }, () => orders.setDrained(zone, drained, operator)),
    ),
    ListPolicies: unary(() => ({ policies: orders.policies() })),
    SetPolicy: unary(({ policy }, operator) =>
      ordered(operator, 'setPolicy', policyDetails(policy), () => orders.setPolicy(policy, operator)),
    ),
    GetTree: unary(({ meeting }) => orders.tree(meeting)),
    ExplainZone: unary((request) => orders.explain(request)),
  };
}
