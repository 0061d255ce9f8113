/** A zone in one network, and people at browsers: some in the open, one behind walls that let through what a test says. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { CreatedMeeting } from '../../../proto/signalling.ts';
import { WorldNetwork, type ZoneHost } from '../../world/world-network.ts';
import { launchBrowser, launchBrowserAt } from '../browser.ts';
import { startZoneAt, type ZoneProcess } from '../zone-process.ts';

const [SERVER, CLIENT] = [0, 1];
export const TUNNEL_PORT = 8443;
export const FIRST_MEDIA_PORT = 8801;

export class WalledZone {
  readonly network: WorldNetwork;
  readonly zone: ZoneProcess;
  /** In the open. */
  readonly browser: Browser;
  readonly #directory: string;

  private constructor(network: WorldNetwork, zone: ZoneProcess, browser: Browser, directory: string) {
    this.network = network;
    this.zone = zone;
    this.browser = browser;
    this.#directory = directory;
  }

  static async start(...browserFlags: string[]): Promise<WalledZone> {
    const network = new WorldNetwork(2);
    network.route(CLIENT, SERVER);
    const directory = mkdtempSync(join(tmpdir(), 'zonecast-walls-'));
    const [server] = network.zones as [ZoneHost, ZoneHost];
    const ports = ['--port', '8080', '--tunnel-port', String(TUNNEL_PORT), '--media-port', String(FIRST_MEDIA_PORT)];
    const [zone, browser] = await Promise.all([
      startZoneAt(server, '--host', server.address, ...ports),
      launchBrowser(...browserFlags),
    ]);
    return new WalledZone(network, zone, browser, directory);
  }

  /** Of the zone. */
  get address(): string {
    return this.network.zones[SERVER]?.address ?? '';
  }

  /** Of this process, as somebody behind the walls sees it. */
  get proxyAddress(): string {
    return (this.network.zones[CLIENT]?.address ?? '').replace(/\.1$/, '.2');
  }

  /** The invite link of a meeting in which nobody is yet, by the tunnel. */
  async newMeeting(): Promise<string> {
    const page = await this.browser.newPage({ ignoreHTTPSErrors: true });
    try {
      const origin = `https://${this.address}:${TUNNEL_PORT}`;
      const response = await page.request.post(`${origin}/v1/meetings`);
      // The zone-controller's answer is CreatedMeeting by contract (proto/signalling.ts).
      const { meeting, passcode } = (await response.json()) as CreatedMeeting;
      return `${origin}/#${new URLSearchParams({ meeting, passcode })}`;
    } finally {
      await page.close();
    }
  }

  /** From now on: what leaves the place behind the walls; rules of nft. */
  enclose(...rules: string[]): void {
    this.network.enclose(CLIENT, rules);
  }

  /** Behind the walls. */
  launchInside(...flags: string[]): Promise<Browser> {
    return launchBrowserAt(this.network.zones[CLIENT] as ZoneHost, this.#directory, ...flags);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.zone.stop();
    this.network.close();
    rmSync(this.#directory, { recursive: true });
  }
}
