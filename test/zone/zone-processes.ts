/** A whole zone in processes of its own: a real etcd, zone-controllers and routers, each with its configuration file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { type MutualTls, mintZoneCertificates, type ZoneCertificates } from '../../common/mutual-tls.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { EtcdRegistry } from '../../zone-controller/registry/etcd-registry.ts';
import { type MeetingPlacement, ZoneRecords } from '../../zone-controller/registry/records.ts';
import { TestEtcd } from '../etcd/test-etcd.ts';
import { freePorts } from '../processes/free-ports.ts';
import { type Host, LOOPBACK } from '../processes/host.ts';
import { zonectl } from '../processes/zonectl.ts';
import { DaemonProcess } from './daemon-process.ts';

const MEETING_MS = 15_000;

/** More of the configuration of the index-th daemon of its kind, from 1. */
type MoreConfig = (index: number) => Readonly<Record<string, unknown>>;

export interface ZoneProcessesOptions {
  readonly zone?: ZoneId;
  readonly host?: Host;
  readonly controllers: number;
  readonly routers: number;
  /** Of each router; default 1. */
  readonly workers?: number;
  readonly etcdMembers?: 1 | 3;
  readonly participantsPerWorker?: number;
  readonly certificates?: ZoneCertificates;
  /** By which daemons are reached besides the host's address. */
  readonly otherAddresses?: readonly string[];
  /** Of the first controller, the next ones follow; by default any free ones. */
  readonly httpPort?: number;
  readonly controllerConfig?: MoreConfig;
  readonly routerConfig?: MoreConfig;
}

export class ZoneProcesses {
  readonly etcd: TestEtcd;
  readonly controllers: DaemonProcess[] = [];
  readonly routers = new Map<RouterId, DaemonProcess>();
  /** Where people reach each controller. */
  readonly urls: string[] = [];
  /** host:port of the gRPC service of each controller. */
  readonly controllerAddresses: string[] = [];
  /** host:port of the gRPC service of each router. */
  readonly routerAddresses = new Map<RouterId, string>();
  readonly zone: ZoneId;
  readonly certificates: ZoneCertificates;
  readonly #host: Host;
  readonly #directory = mkdtempSync(join(tmpdir(), 'zonecast-zone-'));
  #operator: Record<string, string> | undefined;
  readonly #registry: EtcdRegistry;
  readonly #records: ZoneRecords;

  private constructor(zone: ZoneId, host: Host, etcd: TestEtcd, certificates: ZoneCertificates) {
    this.zone = zone;
    this.#host = host;
    this.etcd = etcd;
    this.certificates = certificates;
    const log = createLogger({ name: 'zone', level: 'silent' });
    this.#registry = new EtcdRegistry(etcd.settings(), log);
    this.#records = new ZoneRecords(this.#registry, zone, log);
  }

  /** Resolves when every controller can place meetings on every router. */
  static async start(options: ZoneProcessesOptions): Promise<ZoneProcesses> {
    const { zone: id = 'test' as ZoneId, host = LOOPBACK } = options;
    const etcd = await TestEtcd.start({ members: options.etcdMembers ?? 1, host });
    const zone = new ZoneProcesses(id, host, etcd, options.certificates ?? (await mintZoneCertificates()));
    try {
      await zone.#startAll(options);
      return zone;
    } catch (error) {
      await zone.stop();
      throw error;
    }
  }

  routerOf(id: RouterId): DaemonProcess {
    const router = this.routers.get(id);
    if (router === undefined) throw new Error(`no router ${id}`);
    return router;
  }

  /** Tries again when told to, as the page does: etcd may be electing a leader. */
  async createMeeting(controller = 0): Promise<CreatedMeeting> {
    for (const deadlineMs = performance.now() + MEETING_MS; ; ) {
      const { created, refusal } = await this.tryToCreate(controller);
      if (created !== undefined) return created;
      if (!refusal.startsWith('503') || performance.now() > deadlineMs) throw new Error(`no meeting: ${refusal}`);
      await pause(500);
    }
  }

  /** Asks a controller for a meeting once; `refusal`: HTTP status and what was said. */
  async tryToCreate(controller: number): Promise<{ created: CreatedMeeting | undefined; refusal: string }> {
    const response = await fetch(`${this.urls[controller]}/v1/meetings`, { method: 'POST' });
    const text = await response.text();
    const isCreated = response.status === 201;
    // What the zone-controller's API documents.
    const created = isCreated ? (JSON.parse(text) as CreatedMeeting) : undefined;
    return { created, refusal: isCreated ? '' : `${response.status} ${text}` };
  }

  /** Where the meeting is, as etcd has it. */
  async placement(meeting: string): Promise<MeetingPlacement | undefined> {
    return (await this.#records.placement(meeting as MeetingId)).value;
  }

  /** Resolves when every controller says that it is ready, and all routers that run are recorded. */
  async ready(): Promise<void> {
    const running = [...this.routers.values()].filter(({ isRunning }) => isRunning).length;
    for (;;) {
      const controllers = await this.health('readyz');
      if (controllers.every(Boolean) && (await this.#registered()) >= running) return;
      await pause(50);
    }
  }

  /** What each controller answers to those who watch it: whether it lives, whether it should get new work. */
  health(question: 'livez' | 'readyz'): Promise<boolean[]> {
    const ask = (port: number): Promise<boolean> =>
      fetch(`http://${this.#host.address}:${port}/${question}`).then(
        ({ ok }) => ok,
        () => false,
      );
    return Promise.all(this.#operatorPorts.map(ask));
  }

  /** Runs `zonectl` with a certificate of an operator; resolves with what it printed. Rejects when it fails. */
  async zonectl(...words: string[]): Promise<string> {
    this.#operator ??= this.#write('operator', await this.certificates.issue('operator', 'test'));
    const { ca = '', certificate = '', privateKey = '' } = this.#operator;
    return zonectl(words, this.controllerAddresses, { ca, certificate, privateKey });
  }

  async stop(): Promise<void> {
    for (const daemon of this.routers.values()) daemon.thaw();
    await Promise.all([...this.routers.values(), ...this.controllers].map((daemon) => daemon.kill()));
    await this.#registry.close();
    await this.etcd.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  readonly #operatorPorts: number[] = [];

  async #registered(): Promise<number> {
    const { entries } = await this.#registry.list(`/zonecast/zones/${this.zone}/routers/`);
    return entries.length;
  }

  async #startAll({
    controllers,
    routers,
    workers = 1,
    participantsPerWorker = 500,
    otherAddresses = [],
    httpPort,
    controllerConfig = () => ({}),
    routerConfig = () => ({}),
  }: ZoneProcessesOptions): Promise<void> {
    const { address } = this.#host;
    // TLS knows no server names that are addresses, but certificates may have them.
    const name = address === LOOPBACK.address ? 'localhost' : address;
    const tls = async (role: 'zone-controller' | 'router', id: string) =>
      this.#write(id, await this.certificates.issue(role, id, [name, address, ...otherAddresses]));
    const ports = await freePorts(3 * controllers + routers);
    const port = (): number => ports.shift() as number; // so many were asked for
    for (let index = 1; index <= controllers; index++) {
      const [free, grpc, operator] = [port(), port(), port()];
      const http = httpPort === undefined ? free : httpPort + index - 1;
      this.urls.push(`http://${address}:${http}`);
      this.controllerAddresses.push(`${name}:${grpc}`);
      this.#operatorPorts.push(operator);
      const config = {
        zone: this.zone,
        http: { host: address, port: http },
        grpc: { listen: `${name}:${grpc}` },
        tls: await tls('zone-controller', `zc-${index}`),
        etcd: { endpoints: this.etcd.settings().endpoints, dialTimeoutMs: 1_000, requestTimeoutMs: 2_000 },
        admin: { listen: `${address}:${operator}` },
        stop: { drainSeconds: 0 },
        limits: {
          createMeeting: { burst: 1_000, perSecond: 100 },
          join: { burst: 5_000, perSecond: 1_000 },
          connectionsPerAddress: 5_000,
        },
        ...controllerConfig(index),
      };
      const path = this.#writeConfig(`zc-${index}`, config);
      this.controllers.push(
        new DaemonProcess({
          name: `${this.zone} zc-${index}`,
          program: 'zone-controller/main.ts',
          configFile: path,
          started: 'zone-controller started',
          host: this.#host,
        }),
      );
    }
    for (let index = 1; index <= routers; index++) {
      const id = `router-${index}` as RouterId;
      const grpc = port();
      this.routerAddresses.set(id, `${name}:${grpc}`);
      const config = {
        router: id,
        zoneControllers: this.controllerAddresses,
        grpc: { listen: `${name}:${grpc}` },
        tls: await tls('router', id),
        media: {
          address,
          port: 0,
          announce: [address],
          workers,
          maxParticipantsPerWorker: participantsPerWorker,
        },
        stop: { drainSeconds: 20 },
        ...routerConfig(index),
      };
      const configFile = this.#writeConfig(id, config);
      const daemon = { name: `${this.zone} ${id}`, program: 'mmr/main.ts', configFile, started: 'router started' };
      this.routers.set(id, new DaemonProcess({ ...daemon, host: this.#host }));
    }
    await Promise.all(this.controllers.map((controller) => controller.start()));
    await Promise.all([...this.routers.values()].map((router) => router.start()));
    await this.ready();
  }

  #write(name: string, { caPem, certificatePem, privateKeyPem }: MutualTls): Record<string, string> {
    const files = { ca: caPem, certificate: certificatePem, privateKey: privateKeyPem };
    return Object.fromEntries(
      Object.entries(files).map(([key, pem]) => {
        const path = join(this.#directory, `${name}-${key}.pem`);
        writeFileSync(path, pem, { mode: 0o600 });
        return [key, path];
      }),
    );
  }

  /** JSON is YAML. */
  #writeConfig(name: string, config: object): string {
    const path = join(this.#directory, `${name}.yaml`);
    writeFileSync(path, JSON.stringify(config, null, 2));
    return path;
  }
}
