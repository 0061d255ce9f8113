/** A zone-controller with fake routers for tests: real sockets on free ports, a fresh authority, all ended together. */
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { mintZoneCertificates, type ZoneCertificates } from '../../common/mutual-tls.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import { ZoneController, type ZoneControllerOptions } from '../zone-controller.ts';
import { FakeRouter, type FakeRouterOptions } from './fake-router.ts';
import { expectType, TestClient } from './test-client.ts';

export class TestZone {
  readonly controller: ZoneController;
  readonly certificates: ZoneCertificates;
  readonly routers: FakeRouter[] = [];
  readonly #clients: TestClient[] = [];

  private constructor(controller: ZoneController, certificates: ZoneCertificates) {
    this.controller = controller;
    this.certificates = certificates;
  }

  /** Starts the controller and as many routers as there are options for them. */
  static async start(
    options: Partial<ZoneControllerOptions> = {},
    routers: readonly Partial<FakeRouterOptions>[] = [{}],
  ): Promise<TestZone> {
    const certificates = await mintZoneCertificates();
    const controller = new ZoneController({
      zone: 'test' as ZoneId,
      http: { host: '127.0.0.1', port: 0 },
      grpcAddress: 'localhost:0',
      tls: await certificates.issue('zone-controller', 'zc'),
      log: createLogger({ name: 'test', level: 'silent' }),
      ...options,
    });
    await controller.start();
    const zone = new TestZone(controller, certificates);
    for (const router of routers) await zone.addRouter(router);
    await controller.whenReady(routers.length);
    return zone;
  }

  get url(): string {
    return this.controller.url;
  }

  async addRouter(options: Partial<FakeRouterOptions> = {}): Promise<FakeRouter> {
    const name = options.name ?? `router-${this.routers.length + 1}`;
    const tls = await this.certificates.issue('router', name);
    const router = new FakeRouter({ name, tls, zonePort: this.controller.grpcPort, ...options });
    this.routers.push(router);
    await router.start();
    return router;
  }

  router(index = 0): FakeRouter {
    const router = this.routers[index];
    if (router === undefined) throw new Error(`no router ${index}`);
    return router;
  }

  async connect(): Promise<TestClient> {
    const client = await TestClient.connect(this.url);
    this.#clients.push(client);
    return client;
  }

  /** A client that is in the meeting. */
  async enter(meeting: { meeting: string; passcode: string }, name: string) {
    const client = await this.connect();
    const joined: Extract<ServerMessage, { type: 'joined' }> = expectType(await client.join(meeting, name), 'joined');
    return { client, joined, participant: joined.self.participant };
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const router of this.routers) router.stop();
    await this.controller.stop();
  }
}
