/** Zones without routers, clients or registry, as the world sees them, for tests: what each knows of itself the test says. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Registry as MetricsRegistry } from 'prom-client';
import { BusCounters } from '../../bus/bus-observer.ts';
import { FixedKeyRing } from '../../bus/key-ring.ts';
import { GLOBAL_ZONE } from '../../bus/sender.ts';
import { SignedBus } from '../../bus/signed-bus.ts';
import type { Transport } from '../../bus/transport.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { makeRegistry } from '../../common/metrics.ts';
import { mintZoneCertificates } from '../../common/mutual-tls.ts';
import type { BlockId } from '../../global-controller/blocks/meeting-ids.ts';
import type { Declarations, DeclaredZone } from '../../global-controller/daemon/declarations.ts';
import { GlobalController } from '../../global-controller/global-controller.ts';
import type { PolicyRules } from '../../global-controller/policies/policy.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import type { TrustedZone } from '../../proto/gen/zonecast/router/v1/TrustedZone.ts';
import type { ZoneLink } from '../../proto/gen/zonecast/router/v1/ZoneLink.ts';
import type { MeetingDefinition, MeetingPlacement, RouterRecord } from '../registry/records.ts';
import type { RouterView } from '../routers/router-directory.ts';
import type { MeetingAnswer, MeetingRequest } from './meeting-requests.ts';
import { ZoneMembership } from './zone-membership.ts';
import type { ZoneSide } from './zone-side.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const HASH = { salt: 's', hash: 'h', N: 2, r: 1, p: 1 };
export const ROUTER = 'r-1' as RouterId;

export function definitionOf(fields: Partial<MeetingDefinition> = {}): MeetingDefinition {
  return { passcode: HASH, hostKey: HASH, createdMs: 1, expiresMs: null, ...fields };
}

export function placedAt(router: RouterId = ROUTER, epoch = 1): MeetingPlacement {
  return { epoch, version: 1, root: { router, worker: 0 }, branches: [], leaving: [] };
}

/** What one controller knows of its zone; several of one zone share what the registry has. */
export class FakeSide implements ZoneSide {
  readonly definitions: Map<MeetingId, MeetingDefinition>;
  readonly placements: Map<MeetingId, MeetingPlacement>;
  readonly blocks: Set<BlockId>;
  /** undefined: its routers have not told. */
  readonly counts = new Map<MeetingId, number | undefined>();
  readonly live = new Set<MeetingId>();
  readonly views: RouterView[] = [];
  readonly told: { readonly router: RouterId; readonly what: string }[] = [];
  leads = true;
  drained = false;

  constructor(registry?: FakeSide) {
    this.definitions = registry?.definitions ?? new Map();
    this.placements = registry?.placements ?? new Map();
    this.blocks = registry?.blocks ?? new Set();
    this.addRouter(ROUTER, { zonesAddress: 'r-1.example.org:9702' });
  }

  addRouter(router: RouterId, record: Partial<RouterRecord> = {}, load?: RouterView['load']): void {
    const limits = { participants: 100, packetsPerSecond: 1_000 };
    const common = { address: 'r:1', workers: 2, limits, labels: {}, taints: [], release: '1.0', controller: 'zc' };
    this.views.push({ router, record: { ...common, ...record }, isRecorded: true, isLost: false, load });
  }

  isLeader(): boolean {
    return this.leads;
  }

  people(meeting: MeetingId): number | undefined {
    return this.counts.get(meeting);
  }

  isLive(meeting: MeetingId): boolean {
    return this.live.has(meeting);
  }

  router(router: RouterId): RouterView | undefined {
    return this.views.find((view) => view.router === router);
  }

  facts(): ReturnType<ZoneSide['facts']> {
    return {
      routers: this.views,
      ready: this.views.map(({ router }) => router),
      drained: this.drained,
      probe: undefined,
    };
  }

  async keepBlock(block: BlockId): Promise<void> {
    this.blocks.add(block);
  }

  async definition(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    return this.definitions.get(meeting);
  }

  async endMeeting(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    const known = this.definitions.get(meeting);
    if (known !== undefined) this.definitions.set(meeting, { ...known, ended: true });
    return this.definitions.get(meeting);
  }

  async definitionTold(meeting: MeetingId, definition: MeetingDefinition): Promise<void> {
    this.definitions.set(meeting, definition);
  }

  async answer({ operation, meeting, headers, address }: MeetingRequest): Promise<MeetingAnswer> {
    if (headers['if-match'] === '"1"') throw new ZonecastError('outdated', 'It is at another revision.');
    const body = { operation, meeting, key: headers['zonecast-host-key'], address };
    return { status: 200, body, headers: { ETag: '"2"' } };
  }

  async act(meeting: MeetingId, act: PersonAct): Promise<void> {
    this.told.push({ router: ROUTER, what: `${act.type} ${meeting}` });
  }

  async place(meeting: MeetingId): Promise<void> {
    this.placements.set(meeting, placedAt());
    this.counts.set(meeting, 0);
    this.told.push({ router: ROUTER, what: `place ${meeting}` });
  }

  async setZones(router: RouterId, zones: TrustedZone[]): Promise<void> {
    this.told.push({ router, what: `zones ${zones.map(({ zone }) => zone).join(' ')}` });
  }

  async setTree(router: RouterId, meeting: MeetingId): Promise<void> {
    this.told.push({ router, what: `tree ${meeting}` });
  }

  async setZoneLinks(router: RouterId, meeting: MeetingId, version: number, links: ZoneLink[]): Promise<void> {
    const all = links.map(({ zone, calls, isParent }) => `${zone}${isParent ? '^' : ''}${calls ? '!' : ''}`);
    this.told.push({ router, what: `links ${meeting} ${version > 0 ? 'v' : '0'} ${all.join(' ')}`.trim() });
  }
}

export interface LabZone {
  readonly membership: ZoneMembership;
  readonly side: FakeSide;
  readonly metrics: MetricsRegistry;
}

export class MembershipLab {
  readonly #keys = new Map<string, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>();
  readonly #transport: (zone: string) => Transport;
  readonly #closing: (() => Promise<void>)[] = [];
  #caPem = '';

  private constructor(zones: readonly string[], transport: (zone: string) => Transport) {
    for (const zone of [GLOBAL_ZONE, ...zones]) this.#keys.set(zone, generateKeyPairSync('ed25519'));
    this.#transport = transport;
  }

  static async open(zones: readonly string[], transport: (zone: string) => Transport): Promise<MembershipLab> {
    const lab = new MembershipLab(zones, transport);
    lab.#caPem = (await mintZoneCertificates()).caPem;
    return lab;
  }

  /** With all zones in its directory. */
  async startGlobal(policies: Readonly<Record<string, PolicyRules>> = {}): Promise<GlobalController> {
    const keyRing = new FixedKeyRing(new Map([...this.#keys].map(([zone, { publicKey }]) => [zone, publicKey])));
    const identity = {
      sender: { zone: GLOBAL_ZONE, instance: 'gc-1' },
      privateKey: this.#pair(GLOBAL_ZONE).privateKey,
    };
    const transport = this.#transport(GLOBAL_ZONE);
    const bus = new SignedBus({ transport, identity, keyRing, observer: new BusCounters(), log });
    const declarations: Declarations = {
      zones: new Map([...this.#keys.keys()].filter((zone) => zone !== GLOBAL_ZONE).map((zone) => this.#record(zone))),
      policies: Object.entries(policies).map(([id, rules]) => ({ scope: { kind: 'zone', id }, rules })),
    };
    const controller = new GlobalController({ bus, declarations, copies: 1, metrics: makeRegistry(), log });
    this.#closing.push(() => controller.stop());
    await controller.start();
    return controller;
  }

  /** Another controller of the zone; `registry`: of one that shares it. */
  addController(zone: string, controller: string, registry?: FakeSide): LabZone {
    const side = new FakeSide(registry);
    const metrics = makeRegistry();
    const membership = new ZoneMembership({
      options: {
        privateKey: this.#pair(zone).privateKey,
        worldKey: this.#pair(GLOBAL_ZONE).publicKey,
        transport: () => this.#transport(zone),
      },
      own: zone as ZoneId,
      controller,
      zone: side,
      metrics,
      now: () => performance.now(),
      log,
    });
    this.#closing.push(() => membership.close());
    membership.start();
    return { membership, side, metrics };
  }

  /** Of one more controller of the zone, by which a test says what it likes. */
  async bus(zone: string): Promise<SignedBus> {
    const keyRing = new FixedKeyRing(new Map([...this.#keys].map(([each, { publicKey }]) => [each, publicKey])));
    const identity = { sender: { zone, instance: 'test' }, privateKey: this.#pair(zone).privateKey };
    const transport = this.#transport(zone);
    const bus = new SignedBus({ transport, identity, keyRing, observer: new BusCounters(), log });
    this.#closing.push(() => bus.close());
    await bus.connected();
    return bus;
  }

  async close(): Promise<void> {
    for (const close of this.#closing.reverse()) await close();
  }

  #pair(zone: string): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
    const pair = this.#keys.get(zone);
    if (pair === undefined) throw new Error(`no key of ${zone}`);
    return pair;
  }

  #record(zone: string): [ZoneId, DeclaredZone] {
    const publicKey = this.#pair(zone).publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const urls = [`https://${zone}.example.org`];
    return [zone as ZoneId, { publicKey, caPem: this.#caPem, name: '', region: '', urls, cost: 0, labels: {} }];
  }
}

/** A meeting of the zone that somebody is in. */
export function begin(
  { side, membership }: LabZone,
  meeting: MeetingId,
  fields: Partial<MeetingDefinition> = {},
): void {
  side.definitions.set(meeting, definitionOf(fields));
  membership.defined(meeting, true);
  side.placements.set(meeting, placedAt());
  side.counts.set(meeting, 1);
  side.live.add(meeting);
  membership.placed(meeting);
}
