/** Zone-controllers with fake routers for tests: real sockets on free ports, a fresh authority, all ended together. */
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { mintZoneCertificates, type ZoneCertificates } from '../../common/mutual-tls.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { MemoryStore } from '../registry/memory-store.ts';
import { ZoneController } from '../zone-controller.ts';
import type { ZoneControllerOptions } from '../zone-controller-options.ts';
import { FakeRouter, type FakeRouterOptions } from './fake-router.ts';
import { StateStreams } from './state-streams.ts';
import { expectType, TestClient } from './test-client.ts';

export class TestZone {
  readonly certificates: ZoneCertificates;
  readonly controllers: ZoneController[] = [];
  readonly routers: FakeRouter[] = [];
  readonly #options: Partial<ZoneControllerOptions>;
  /** What the controllers share if the options name no other registry. */
  readonly #store = new MemoryStore();
  readonly #clients: TestClient[] = [];
  readonly #streams = new StateStreams();

  private constructor(certificates: ZoneCertificates, options: Partial<ZoneControllerOptions>) {
    this.certificates = certificates;
    this.#options = options;
  }

  /** Starts a controller and as many routers as there are options for them. */
  static async start(
    options: Partial<ZoneControllerOptions> = {},
    routers: readonly Partial<FakeRouterOptions>[] = [{}],
  ): Promise<TestZone> {
    const zone = new TestZone(await mintZoneCertificates(), options);
    await zone.addController();
    for (const router of routers) await zone.addRouter(router);
    await zone.controller.whenReady(routers.length);
    return zone;
  }

  /** The first controller. */
  get controller(): ZoneController {
    const [controller] = this.controllers;
    if (controller === undefined) throw new Error('no controller');
    return controller;
  }

  get url(): string {
    return this.controller.url;
  }

  /** Another controller of the zone. */
  async addController(options: Partial<ZoneControllerOptions> = {}): Promise<ZoneController> {
    const controller = new ZoneController({
      zone: 'test' as ZoneId,
      http: { host: '127.0.0.1', port: 0 },
      grpcAddress: 'localhost:0',
      tls: await this.certificates.issue('zone-controller', `zc-${this.controllers.length + 1}`),
      registry: new MemoryRegistry(this.#store),
      log: createLogger({ name: 'test', level: 'silent' }),
      ...this.#options,
      ...options,
    });
    await controller.start();
    this.controllers.push(controller);
    return controller;
  }

  async addRouter(options: Partial<FakeRouterOptions> = {}): Promise<FakeRouter> {
    const name = options.name ?? `router-${this.routers.length + 1}`;
    const tls = await this.certificates.issue('router', name);
    const router = new FakeRouter({
      name,
      tls,
      zonePort: this.controller.grpcPort,
      streams: this.#streams,
      ...options,
    });
    this.routers.push(router);
    await router.start();
    return router;
  }

  router(index = 0): FakeRouter {
    const router = this.routers[index];
    if (router === undefined) throw new Error(`no router ${index}`);
    return router;
  }

  async connect(controller: ZoneController = this.controller): Promise<TestClient> {
    const client = await TestClient.connect(controller.url);
    this.#clients.push(client);
    return client;
  }

  /** A client that is in the meeting. */
  async enter(meeting: { meeting: string; passcode: string }, name: string, controller = this.controller) {
    const client = await this.connect(controller);
    const joined: Extract<ServerMessage, { type: 'joined' }> = expectType(await client.join(meeting, name), 'joined');
    return { client, joined, participant: joined.self.participant };
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const router of this.routers) router.stop();
    await Promise.all(this.controllers.map((controller) => controller.stop()));
  }
}
