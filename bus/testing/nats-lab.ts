/** Real NATS servers for tests: one, or a cluster of three, their data in a temporary directory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type NatsConnection } from 'nats';
import { freePorts } from '../../test/processes/free-ports.ts';
import { type Host, LOOPBACK } from '../../test/processes/host.ts';
import type { NatsSettings } from '../nats/nats-settings.ts';
import { NatsProcess } from './nats-process.ts';

export interface NatsLabOptions {
  readonly servers?: 1 | 3;
  readonly host?: Host;
  /** More of the servers' configuration, e.g. accounts or TLS. */
  readonly config?: string;
}

export class NatsLab {
  readonly servers: readonly NatsProcess[];
  readonly #directory: string;

  private constructor(directory: string, servers: readonly NatsProcess[]) {
    this.#directory = directory;
    this.servers = servers;
  }

  static async start({ servers: count = 1, host = LOOPBACK, config = '' }: NatsLabOptions = {}): Promise<NatsLab> {
    const directory = mkdtempSync(join(tmpdir(), 'zonecast-nats-'));
    const ports = await freePorts(2 * count);
    const routes = Array.from({ length: count }, (_, index) => `nats://${host.address}:${ports[2 * index + 1]}`);
    const servers = Array.from({ length: count }, (_, index) => {
      const name = `server-${index}`;
      const file = join(directory, `${name}.conf`);
      const listen = `${host.address}:${ports[2 * index]}`;
      const cluster = `cluster { name: lab, listen: "${host.address}:${ports[2 * index + 1]}", routes: ${JSON.stringify(routes)} }`;
      const lines = [
        `server_name: ${name}`,
        `listen: "${listen}"`,
        `jetstream { store_dir: "${join(directory, name)}", max_mem: 64MB, max_file: 2GB }`,
        count > 1 ? cluster : '',
        config,
      ];
      writeFileSync(file, lines.join('\n'));
      return new NatsProcess(host, name, listen, file);
    });
    const lab = new NatsLab(directory, servers);
    try {
      await Promise.all(servers.map((server) => server.start()));
    } catch (error) {
      await lab.stop();
      throw error;
    }
    return lab;
  }

  /** For a transport to it, with short timeouts. */
  settings(overrides: Partial<NatsSettings> = {}): NatsSettings {
    return {
      servers: this.servers.map(({ endpoint }) => endpoint),
      tls: undefined,
      credentials: undefined,
      dialTimeoutMs: 1_000,
      requestTimeoutMs: 3_000,
      ...overrides,
    };
  }

  /** nats.js's own client, for what a bus does not do. */
  client(): Promise<NatsConnection> {
    return connect({ servers: this.servers.map(({ endpoint }) => endpoint) });
  }

  /** The server that leads a bucket; waits until one does. */
  async leaderOf(bucket: string): Promise<NatsProcess> {
    const client = await this.client();
    try {
      for (;;) {
        const info = await client.request(`$JS.API.STREAM.INFO.KV_${bucket}`, '', { timeout: 5_000 });
        const { cluster } = info.json<{ cluster?: { leader?: string } }>();
        const leader = this.servers.find(({ name }) => name === cluster?.leader);
        if (leader !== undefined) return leader;
        await pause(100);
      }
    } finally {
      await client.close();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
