/** The gRPC service for operators: `proto/admin.proto`. Checks who asks, and translates; decides nothing. */
import type { handleUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { type Audit, type AuditEntry, audited } from '../../common/audit/audit.ts';
import { ZonecastError } from '../../common/errors.ts';
import { toGrpcStatus } from '../../common/grpc-errors.ts';
import type { RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { operatorOf } from '../../common/operator.ts';
import type { AdminHandlers } from '../../proto/gen/zonecast/admin/v1/Admin.ts';
import type { DrainProgress } from '../../proto/gen/zonecast/admin/v1/DrainProgress.ts';
import type { DrainRequest__Output } from '../../proto/gen/zonecast/admin/v1/DrainRequest.ts';
import type { OperatorMirror } from '../registry/operator-mirror.ts';
import { DrainWatch, type DrainWatchOptions } from './drain-watch.ts';
import { type ExplainOptions, explain } from './explain.ts';
import type { TunnelReport } from './tunnel-report.ts';
import type { TunnelWishes } from './tunnel-wishes.ts';
import type { ZoneOrders } from './zone-orders.ts';

/** Operators who follow a drain at the same time; more are refused. */
const MAX_WATCHES = 64;

export interface AdminOptions extends ExplainOptions {
  readonly operators: OperatorMirror;
  readonly orders: ZoneOrders;
  readonly tunnels: TunnelReport;
  readonly tunnelWishes: TunnelWishes;
  readonly progress: DrainWatchOptions['progress'];
  readonly audit: Audit;
  readonly log: Logger;
}

type DrainCall = ServerWritableStream<DrainRequest__Output, DrainProgress>;

export function adminHandlers(options: AdminOptions): AdminHandlers {
  const { report, orders, tunnels, tunnelWishes, log } = options;
  const watches = new Set<DrainWatch>();

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

  /** An order of an operator. Empty: not about any. */
  function ordered<Result>(
    operator: string,
    what: string,
    { meeting = '', about = '', details = {} }: Pick<AuditEntry, 'meeting' | 'about' | 'details'>,
    run: () => Promise<Result>,
  ): Promise<Result> {
    const subject = { ...(meeting === '' ? {} : { meeting }), ...(about === '' ? {} : { about }) };
    return audited(options.audit, { what: `admin.${what}`, who: { operator }, ...subject, details }, run);
  }

  async function drain(call: DrainCall): Promise<void> {
    const { router, deadlineMs, watch: isWatched } = call.request;
    let watch: DrainWatch | undefined;
    const stop = (): void => {
      watch?.stop();
      if (watch !== undefined) watches.delete(watch);
    };
    try {
      const operator = operatorOf(call);
      if (watches.size >= MAX_WATCHES) throw new ZonecastError('rateLimited', 'Too many drains are watched already.');
      watch = new DrainWatch({
        router: router as RouterId, // a key to look for
        directory: options.directory,
        operators: options.operators,
        progress: options.progress,
        tell: (progress) => call.write(progress),
        ended: () => {
          stop();
          call.end();
        },
      });
      watches.add(watch);
      call.on('cancelled', stop);
      call.on('close', stop);
      const order = () => orders.drain(router, deadlineMs, operator);
      watch.start(await ordered(operator, 'drain', { details: { router, deadlineMs } }, order));
      if (isWatched || !watches.has(watch)) return;
      stop();
      call.end();
    } catch (error) {
      stop();
      if (!(error instanceof ZonecastError)) log.error({ err: error, router }, 'drain failed');
      call.emit('error', toGrpcStatus(error));
    }
  }

  return {
    Status: unary(() => report.status()),
    ListRouters: unary((request) => report.routers(request.router, request)),
    ListMeetings: unary((request) => report.meetings(request.router, request)),
    ListParticipants: unary((request) => report.participants(request.meeting, request)),
    Explain: unary((request) => explain(options, request)),
    Drain: (call) => void drain(call),
    Undrain: unary(async ({ router }, operator) => {
      const order = () => orders.undrain(router, operator);
      return { wasDraining: await ordered(operator, 'undrain', { details: { router } }, order) };
    }),
    ListTunnels: unary((request) => tunnels.list(request.tunnel, request)),
    DrainTunnel: unary(async ({ tunnel }, operator) => {
      const order = () => tunnelWishes.drain(tunnel, operator);
      return { drain: await ordered(operator, 'drainTunnel', { details: { tunnel } }, order) };
    }),
    UndrainTunnel: unary(async ({ tunnel }, operator) => {
      const order = () => tunnelWishes.undrain(tunnel, operator);
      return { wasDraining: await ordered(operator, 'undrainTunnel', { details: { tunnel } }, order) };
    }),
    Move: unary((request, operator) => {
      const { meeting, participant: about, from, toRouter } = request;
      const order = () => orders.move(request, operator);
      return ordered(operator, 'move', { meeting, about, details: { from, toRouter } }, order);
    }),
    Kick: unary(async (request, operator) => {
      const { meeting, participant: about, reason } = request;
      const order = () => orders.kick(request, operator);
      return { router: await ordered(operator, 'kick', { meeting, about, details: { reason } }, order) };
    }),
  };
}
