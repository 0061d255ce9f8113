/** The service of global controllers as plain calls: the first that answers is asked, the others if it is away. */
import { clientCredentials, type MutualTls } from '../../common/mutual-tls.ts';
import type { ExplainZoneRequest } from '../../proto/gen/zonecast/global/v1/ExplainZoneRequest.ts';
import type { GlobalClient } from '../../proto/gen/zonecast/global/v1/Global.ts';
import type { ListPoliciesReply__Output } from '../../proto/gen/zonecast/global/v1/ListPoliciesReply.ts';
import type { ListZonesReply__Output } from '../../proto/gen/zonecast/global/v1/ListZonesReply.ts';
import type { MeetingTree__Output } from '../../proto/gen/zonecast/global/v1/MeetingTree.ts';
import type { Policy, Policy__Output } from '../../proto/gen/zonecast/global/v1/Policy.ts';
import type { Zone__Output } from '../../proto/gen/zonecast/global/v1/Zone.ts';
import type { ZoneRanking__Output } from '../../proto/gen/zonecast/global/v1/ZoneRanking.ts';
import { GlobalService } from '../../proto/load.ts';
import { askFirst } from './ask-first.ts';

export class WorldClient {
  readonly #clients: readonly { readonly address: string; readonly client: GlobalClient }[];

  /** `controllers`: host:port of the gRPC service of each, at least one. Connects when it is asked something. */
  constructor(controllers: readonly string[], tls: MutualTls) {
    const credentials = clientCredentials(tls);
    this.#clients = controllers.map((address) => ({ address, client: new GlobalService(address, credentials) }));
  }

  zones(): Promise<ListZonesReply__Output> {
    return askFirst<GlobalClient, ListZonesReply__Output>(this.#clients, (client, options, done) =>
      client.ListZones({}, options, done),
    );
  }

  setDrained(zone: string, drained: boolean): Promise<Zone__Output> {
    return askFirst<GlobalClient, Zone__Output>(this.#clients, (client, options, done) =>
      client.SetDrained({ zone, drained }, options, done),
    );
  }

  explain(request: ExplainZoneRequest): Promise<ZoneRanking__Output> {
    return askFirst<GlobalClient, ZoneRanking__Output>(this.#clients, (client, options, done) =>
      client.ExplainZone(request, options, done),
    );
  }

  policies(): Promise<ListPoliciesReply__Output> {
    return askFirst<GlobalClient, ListPoliciesReply__Output>(this.#clients, (client, options, done) =>
      client.ListPolicies({}, options, done),
    );
  }

  setPolicy(policy: Policy): Promise<Policy__Output> {
    return askFirst<GlobalClient, Policy__Output>(this.#clients, (client, options, done) =>
      client.SetPolicy({ policy }, options, done),
    );
  }

  tree(meeting: string): Promise<MeetingTree__Output> {
    return askFirst<GlobalClient, MeetingTree__Output>(this.#clients, (client, options, done) =>
      client.GetTree({ meeting }, options, done),
    );
  }

  close(): void {
    for (const { client } of this.#clients) client.close();
  }
}
