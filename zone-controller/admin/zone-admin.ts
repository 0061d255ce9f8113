/** All that a controller does for operators, put together: what they see of the zone, and what they can order. */

import type { Audit } from '../../common/audit/audit.ts';
import type { MeetingId, ParticipantId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { AdminHandlers } from '../../proto/gen/zonecast/admin/v1/Admin.ts';
import type { ControllerRegistry } from '../registry/controller-registry.ts';
import type { ZoneRepairs } from '../repair/zone-repairs.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import type { TunnelDirectory } from '../tunnels/tunnel-directory.ts';
import { adminHandlers } from './admin-handlers.ts';
import type { ControllerMeters } from './controller-metrics.ts';
import { TunnelReport } from './tunnel-report.ts';
import { TunnelWishes } from './tunnel-wishes.ts';
import { ZoneOrders } from './zone-orders.ts';
import { ZoneReport } from './zone-report.ts';

export interface ZoneAdminOptions {
  readonly zone: ZoneId;
  /** Name of this controller. */
  readonly controller: string;
  readonly registry: ControllerRegistry;
  readonly directory: RouterDirectory;
  readonly tunnels: TunnelDirectory;
  readonly repairs: Pick<ZoneRepairs, 'drainProgress'>;
  /** Why people should be sent to another controller; empty when they need not. */
  readonly readinessProblems: () => string[];
  /** Somebody's stay was ended: he is not to come back to it by this controller. */
  readonly kicked: (meeting: MeetingId, participant: ParticipantId) => void;
  /** Has the meeting's routers end his stay and keep him out. @throws ZonecastError */
  readonly remove: (meeting: MeetingId, participant: ParticipantId) => Promise<void>;
  readonly audit: Audit;
  readonly log: Logger;
}

export class ZoneAdmin {
  /** What operators can ask and order, as `proto/admin.proto` says it. */
  readonly handlers: AdminHandlers;
  readonly #options: ZoneAdminOptions;
  readonly #report: ZoneReport;

  constructor(options: ZoneAdminOptions) {
    this.#options = options;
    const { zone, controller, registry, directory, repairs, readinessProblems, kicked, remove, audit, log } = options;
    const { records, mirror, operators } = registry;
    const tunnels = new TunnelReport({ tunnels: options.tunnels, operators });
    const report = new ZoneReport({ zone, controller, registry, operators, directory, tunnels, readinessProblems });
    this.handlers = adminHandlers({
      mirror,
      directory,
      report,
      operators,
      orders: new ZoneOrders({ records, directory, report, remove, kicked, log }),
      tunnels,
      tunnelWishes: new TunnelWishes({ records, report: tunnels, log }),
      progress: (router) => repairs.drainProgress(router),
      audit,
      log,
    });
    this.#report = report;
  }

  /** URLs of the zone's controllers, this one's among them. */
  get controllerUrls(): string[] {
    const urls = [...this.#options.registry.operators.controllers.values()].flatMap(({ url }) =>
      url === undefined ? [] : [url],
    );
    return [...new Set(urls)];
  }

  /** For metrics. */
  meters(): Omit<ControllerMeters, 'connections' | 'sessions' | 'tunnels'> {
    const { isLeader, keys, records, mirror, operators } = this.#options.registry;
    return {
      isLeader,
      registryAvailable: keys.isAlive,
      malformedRecords: records.malformed,
      routers: this.#report.routerStates(),
      meetings: mirror.definitions.size,
      liveMeetings: this.#report.liveMeetings,
      drains: operators.drains.size,
    };
  }
}
