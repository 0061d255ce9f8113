/** What makes one zone-controller different from another: where it listens, who it is, what it shares and allows. */
import type { KeyObject } from 'node:crypto';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { Audit } from '../common/audit/audit.ts';
import type { ZoneId } from '../common/ids.ts';
import type { Logger } from '../common/log.ts';
import type { MutualTls } from '../common/mutual-tls.ts';
import type { ZoneLimits, ZoneTimes } from './limits/zone-limits.ts';
import type { PeopleAddress } from './people-server.ts';
import type { PlacementPolicy } from './placement/placement-policy.ts';
import type { EtcdConfig } from './registry/etcd-config.ts';
import type { Registry } from './registry/registry.ts';
import type { Identities } from './service/identity/identities.ts';
import type { World } from './world/world.ts';
import type { WorldOptions } from './world/world-options.ts';

export interface Membership {
  readonly world: World;
  /** The zone's own, Ed25519; the others know its public half. */
  readonly privateKey: KeyObject;
}

export interface ZoneControllerOptions extends PeopleAddress {
  readonly zone: ZoneId;
  /** host:port of the gRPC service for routers; port 0 = any. */
  readonly grpcAddress: string;
  readonly tls: MutualTls;
  /** The registry that the zone's controllers share; without it, memory of this one. */
  readonly etcd?: EtcdConfig;
  /** In place of what `etcd` says, for tests; closed with the controller. */
  readonly registry?: Registry;
  /** The zone is one of several; without it, it is alone. */
  readonly world?: WorldOptions;
  /** In place of what `world` makes, for tests. */
  readonly membership?: Membership;
  /** Who people are, by the word of whom; without it nobody can sign in. */
  readonly identities?: Identities;
  /** Whether who has no token may make meetings; by default he may. */
  readonly anonymous?: boolean;
  /** By default nothing is recorded. */
  readonly audit?: Audit;
  readonly limits?: Partial<ZoneLimits>;
  readonly times?: Partial<ZoneTimes>;
  readonly placement?: Partial<PlacementPolicy>;
  /** Where metrics are registered; by default one of its own. */
  readonly metrics?: MetricsRegistry;
  readonly log: Logger;
}
