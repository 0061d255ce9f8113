/** Several zones as they are one world: controllers, routers and a global controller, on loopback in one process. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { BusCounters } from '../../bus/bus-observer.ts';
import { FixedKeyRing } from '../../bus/key-ring.ts';
import { MemoryHub } from '../../bus/memory/memory-hub.ts';
import { MemoryTransport } from '../../bus/memory/memory-transport.ts';
import { GLOBAL_ZONE } from '../../bus/sender.ts';
import { SignedBus } from '../../bus/signed-bus.ts';
import { HubLine } from '../../bus/testing/hub-line.ts';
import { type HeadlessOptions, HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { makeRegistry } from '../../common/metrics.ts';
import { mintZoneCertificates, type ZoneCertificates } from '../../common/mutual-tls.ts';
import type { Declarations, DeclaredZone } from '../../global-controller/daemon/declarations.ts';
import { GlobalController } from '../../global-controller/global-controller.ts';
import type { PolicyRules } from '../../global-controller/policies/policy.ts';
import { Router } from '../../mmr/router.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { MemoryRegistry } from '../../zone-controller/registry/memory-registry.ts';
import { type MeetingDefinition, ZoneRecords } from '../../zone-controller/registry/records.ts';
import { ZoneController } from '../../zone-controller/zone-controller.ts';

const log = createLogger({ name: 'test', level: process.env.TEST_LOG === undefined ? 'silent' : 'debug' });

/** `listens`: its routers take calls of other zones' routers. */
export interface ZoneWish {
  readonly zone: string;
  readonly listens: boolean;
  readonly policy?: PolicyRules;
}

export class WorldZone {
  readonly zone: ZoneId;
  readonly certificates: ZoneCertificates;
  readonly controller: ZoneController;
  /** To the bus. */
  readonly line: HubLine;
  readonly #records: ZoneRecords;
  readonly #listens: boolean;
  readonly routers: Router[] = [];
  /** As the directory is to say. */
  drained = false;

  constructor(
    wish: ZoneWish,
    certificates: ZoneCertificates,
    controller: ZoneController,
    line: HubLine,
    registry: MemoryRegistry,
  ) {
    this.zone = wish.zone as ZoneId;
    this.#records = new ZoneRecords(registry, this.zone, log);
    this.#listens = wish.listens;
    this.certificates = certificates;
    this.controller = controller;
    this.line = line;
  }

  async addRouter(name: string): Promise<Router> {
    const router = new Router({
      router: name as RouterId,
      grpcAddress: 'localhost:0',
      ...(this.#listens ? { zonesAddress: 'localhost:0' } : {}),
      zoneControllers: [`localhost:${this.controller.grpcPort}`],
      tls: await this.certificates.issue('router', name),
      mediaAddress: '127.0.0.1',
      mediaPort: 0,
      announce: ['127.0.0.1'],
      workers: 1,
      maxParticipantsPerWorker: 50,
      log: log.child({ part: `${this.zone}/${name}` }),
    });
    this.routers.push(router);
    await router.start();
    return router;
  }

  /** As the meeting service would. */
  async define({ meeting }: CreatedMeeting, change: Partial<MeetingDefinition>): Promise<void> {
    // The cast: it was made here.
    const id = meeting as MeetingId;
    const { value, revision } = await this.#records.definition(id);
    if (value === undefined) throw new Error(`no meeting ${meeting}`);
    await this.#records.putDefinition(id, { ...value, ...change }, revision);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.routers, this.controller].map((each) => each.stop()));
  }
}

export class ZonesOfWorld {
  readonly zones: WorldZone[] = [];
  readonly hub = new MemoryHub();
  /** Besides those of zones, as configured when a global controller starts. */
  policies: Declarations['policies'] = [];
  readonly #keys = new Map<string, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>();
  readonly #people: HeadlessParticipant[] = [];
  #global: GlobalController | undefined;

  /** Resolves when every zone can place meetings; the bus may take longer. */
  static async start(wishes: readonly ZoneWish[]): Promise<ZonesOfWorld> {
    const world = new ZonesOfWorld();
    for (const zone of [GLOBAL_ZONE, ...wishes.map((wish) => wish.zone)]) {
      world.#keys.set(zone, generateKeyPairSync('ed25519'));
    }
    for (const wish of wishes) await world.#addZone(wish);
    await world.startGlobal(wishes);
    for (const zone of world.zones) await zone.addRouter('r-1');
    await Promise.all(world.zones.map(({ controller }) => controller.whenReady(1)));
    return world;
  }

  zone(name: string): WorldZone {
    const found = this.zones.find(({ zone }) => zone === name);
    if (found === undefined) throw new Error(`no zone ${name}`);
    return found;
  }

  async startGlobal(wishes: readonly ZoneWish[]): Promise<void> {
    const { privateKey } = this.#pair(GLOBAL_ZONE);
    const keyRing = new FixedKeyRing(new Map([...this.#keys].map(([zone, { publicKey }]) => [zone, publicKey])));
    const identity = { sender: { zone: GLOBAL_ZONE, instance: 'gc-1' }, privateKey };
    const observer = new BusCounters();
    const bus = new SignedBus({ transport: new MemoryTransport(this.hub), identity, keyRing, observer, log });
    const policies = wishes.flatMap(({ zone, policy: rules }) =>
      rules === undefined ? [] : [{ scope: { kind: 'zone', id: zone } as const, rules }],
    );
    const zones = new Map(this.zones.map((zone): [ZoneId, DeclaredZone] => [zone.zone, this.#record(zone)]));
    const declarations = { zones, policies: [...policies, ...this.policies] };
    this.#global = new GlobalController({ bus, declarations, copies: 1, metrics: makeRegistry(), log });
    await this.#global.start();
  }

  async stopGlobal(): Promise<void> {
    await this.#global?.stop();
    this.#global = undefined;
  }

  /** Has the directory say that nobody new is to go there. */
  async drain(zone: string, wishes: readonly ZoneWish[]): Promise<void> {
    this.zone(zone).drained = true;
    await this.restartGlobal(wishes);
  }

  /** With another configuration. */
  async restartGlobal(wishes: readonly ZoneWish[]): Promise<void> {
    await this.stopGlobal();
    await this.startGlobal(wishes);
  }

  async join(
    zone: string,
    { meeting, passcode }: CreatedMeeting,
    name: string,
    options: Partial<HeadlessOptions> = {},
  ): Promise<HeadlessParticipant> {
    const { url } = this.zone(zone).controller;
    const who = { url, meeting, passcode, name, audioSlots: 2, videoSlots: 2, ...options };
    const participant = await HeadlessParticipant.join(who);
    this.#people.push(participant);
    return participant;
  }

  async stop(): Promise<void> {
    for (const participant of this.#people) participant.close();
    await Promise.all(this.zones.map((zone) => zone.stop()));
    await this.stopGlobal();
  }

  async #addZone(wish: ZoneWish): Promise<void> {
    const certificates = await mintZoneCertificates(wish.zone);
    const line = new HubLine(this.hub);
    const registry = new MemoryRegistry();
    const controller = new ZoneController({
      registry,
      zone: wish.zone as ZoneId,
      http: { host: '127.0.0.1', port: 0 },
      grpcAddress: 'localhost:0',
      tls: await certificates.issue('zone-controller', 'zc-1'),
      world: {
        privateKey: this.#pair(wish.zone).privateKey,
        worldKey: this.#pair(GLOBAL_ZONE).publicKey,
        transport: () => new MemoryTransport(line),
      },
      log: log.child({ part: `${wish.zone}/zc-1` }),
    });
    await controller.start();
    this.zones.push(new WorldZone(wish, certificates, controller, line, registry));
  }

  #pair(zone: string): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
    const pair = this.#keys.get(zone);
    if (pair === undefined) throw new Error(`no key of ${zone}`);
    return pair;
  }

  #record({ zone, certificates, controller, drained }: WorldZone): DeclaredZone {
    const publicKey = this.#pair(zone).publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { caPem } = certificates;
    return { publicKey, caPem, name: '', region: '', urls: [controller.url], cost: 0, labels: {}, drained };
  }
}
