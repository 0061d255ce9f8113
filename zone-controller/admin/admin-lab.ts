/** A zone with its operators, for tests: clients of the admin service with certificates of any role. */
import type { DaemonRole } from '../../common/mutual-tls.ts';
import { ZoneClient } from '../../zonectl/operator/zone-client.ts';
import type { FakeRouterOptions } from '../testing/fake-router.ts';
import { TestZone } from '../testing/test-zone.ts';
import type { ZoneController } from '../zone-controller.ts';
import type { ZoneControllerOptions } from '../zone-controller-options.ts';

export class AdminLab {
  readonly zone: TestZone;
  readonly #clients: ZoneClient[] = [];

  private constructor(zone: TestZone) {
    this.zone = zone;
  }

  static async start(
    options: Partial<ZoneControllerOptions> = {},
    routers: readonly Partial<FakeRouterOptions>[] = [{}],
  ): Promise<AdminLab> {
    return new AdminLab(await TestZone.start(options, routers));
  }

  /** Whom the zone's authority calls `some-{role}`. */
  async client(role: DaemonRole = 'operator', controllers: readonly ZoneController[] = this.zone.controllers) {
    const tls = await this.zone.certificates.issue(role, `some-${role}`);
    const client = new ZoneClient(
      controllers.map(({ grpcPort }) => `localhost:${grpcPort}`),
      tls,
    );
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.zone.stop();
  }
}
