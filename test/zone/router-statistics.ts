/** What real routers say of themselves, by the call that controllers have for it. */
import { clientCredentials } from '../../common/mutual-tls.ts';
import type { WorkerStatistics } from '../../mmr/worker/messages.ts';
import { callUnary } from '../../proto/call-unary.ts';
import type { RouterClient } from '../../proto/gen/zonecast/router/v1/Router.ts';
import type { StatisticsReply__Output } from '../../proto/gen/zonecast/router/v1/StatisticsReply.ts';
import { RouterService } from '../../proto/load.ts';
import type { WorkerPlace } from '../../zone-controller/placement/meeting-tree.ts';
import type { ZoneProcesses } from './zone-processes.ts';

const DEADLINE_MS = 10_000;

export class RouterStatistics {
  readonly #clients: ReadonlyMap<string, RouterClient>;

  private constructor(clients: ReadonlyMap<string, RouterClient>) {
    this.#clients = clients;
  }

  /** Of all routers of the zone. */
  static async open({ certificates, routerAddresses }: ZoneProcesses): Promise<RouterStatistics> {
    const credentials = clientCredentials(await certificates.issue('zone-controller', 'statistics'));
    const clients = [...routerAddresses].map(([id, address]) => [id, new RouterService(address, credentials)] as const);
    return new RouterStatistics(new Map(clients));
  }

  /** Of these workers, in the same order. */
  read(places: readonly WorkerPlace[]): Promise<WorkerStatistics[]> {
    return Promise.all(
      places.map(async ({ router, worker }) => {
        const client = this.#clients.get(router);
        if (client === undefined) throw new Error(`no router ${router}`);
        const { workers } = await callUnary<StatisticsReply__Output>(
          (options, done) => client.Statistics({}, options, done),
          DEADLINE_MS,
        );
        return JSON.parse(workers[worker] ?? '') as WorkerStatistics; // as proto/router.proto says
      }),
    );
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}
