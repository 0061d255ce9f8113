/** A real etcd for tests: one member or three, its data in a temporary directory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Etcd3, type IOptions } from 'etcd3';
import type { EtcdSettings } from '../../zone-controller/registry/etcd-config.ts';
import { freePorts } from '../processes/free-ports.ts';
import { type Host, LOOPBACK } from '../processes/host.ts';
import { EtcdProcess } from './etcd-process.ts';

export interface TestEtcdOptions {
  readonly members?: 1 | 3;
  readonly host?: Host;
  /** More arguments for etcd. */
  readonly args?: readonly string[];
  readonly isTls?: boolean;
}

export class TestEtcd {
  readonly members: readonly EtcdProcess[];
  readonly #directory: string;
  readonly #scheme: string;
  #client: Etcd3 | undefined;

  private constructor(directory: string, scheme: string, members: readonly EtcdProcess[]) {
    this.#directory = directory;
    this.#scheme = scheme;
    this.members = members;
  }

  static async start({
    members: count = 1,
    host = LOOPBACK,
    args = [],
    isTls = false,
  }: TestEtcdOptions = {}): Promise<TestEtcd> {
    const directory = mkdtempSync(join(tmpdir(), 'zonecast-etcd-'));
    const scheme = isTls ? 'https' : 'http';
    const ports = await freePorts(2 * count);
    const places = Array.from({ length: count }, (_, index) => ({
      name: `member-${index}`,
      client: `${host.address}:${ports[2 * index]}`,
      peer: `http://${host.address}:${ports[2 * index + 1]}`,
    }));
    // One member elects itself: the sooner, the faster the tests. It also sets the shortest lease.
    const timing = count === 1 ? ['--heartbeat-interval=50', '--election-timeout=500'] : [];
    const members = places.map(({ name, client, peer }) => {
      return new EtcdProcess(host, client, [
        `--name=${name}`,
        `--data-dir=${join(directory, name)}`,
        `--listen-client-urls=${scheme}://${client}`,
        `--advertise-client-urls=${scheme}://${client}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=${places.map((place) => `${place.name}=${place.peer}`).join(',')}`,
        ...timing,
        ...args,
      ]);
    });
    await Promise.all(members.map((member) => member.start()));
    return new TestEtcd(directory, scheme, members);
  }

  /** For a registry on it, with short timeouts. */
  settings(overrides: Partial<EtcdSettings> = {}): EtcdSettings {
    return {
      endpoints: this.members.map(({ endpoint }) => endpoint),
      tls: undefined,
      user: undefined,
      dialTimeoutMs: 2_000,
      requestTimeoutMs: 5_000,
      ...overrides,
    };
  }

  /** etcd3's own client, for what a registry does not do. */
  client(options: Partial<IOptions> = {}): Etcd3 {
    const hosts = this.members.map(({ endpoint }) => `${this.#scheme}://${endpoint}`);
    this.#client ??= new Etcd3({ hosts, ...options });
    return this.#client;
  }

  async clear(): Promise<void> {
    await this.client().kv.deleteRange({ key: Buffer.from([0]), range_end: Buffer.from([0]) });
  }

  /** The member that leads the others. */
  async leader(): Promise<EtcdProcess> {
    for (const member of this.members) {
      const client = new Etcd3({ hosts: `${this.#scheme}://${member.endpoint}` });
      const { header, leader } = await client.maintenance.status({ deadline: Date.now() + 2_000 });
      client.close();
      if (header.member_id === leader) return member;
    }
    throw new Error('no member leads');
  }

  async stop(): Promise<void> {
    this.#client?.close();
    await Promise.all(this.members.map((member) => member.kill()));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
