/**
 * Several zones as processes, each in a network of its own: a real etcd, zone-controllers and routers in each; three NATS servers and
 * two global controllers between them. The last zone is a company's: a firewall lets nothing in, and its media stays.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NatsLab } from '../../bus/testing/nats-lab.ts';
import type { ZoneId } from '../../common/ids.ts';
import { type MutualTls, mintZoneCertificates, type ZoneCertificates } from '../../common/mutual-tls.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { freePorts } from '../processes/free-ports.ts';
import { type OperatorFiles, zonectl } from '../processes/zonectl.ts';
import { DaemonProcess } from '../zone/daemon-process.ts';
import { ZoneProcesses } from '../zone/zone-processes.ts';
import { WorldNetwork, type ZoneHost } from './world-network.ts';

/** Each zone has a network of its own: no port is taken there. */
const [HTTP_PORT, ZONES_PORT] = [8_080, 9_701];

export interface WorldProcessesOptions {
  readonly zones: readonly string[];
  /** That one is on-prem: its guests come by the first zone. */
  readonly company?: string;
  readonly controllers?: number;
  readonly routers?: number;
  readonly globalControllers?: number;
}

interface Member {
  readonly zone: ZoneId;
  readonly host: ZoneHost;
  readonly keys: { readonly publicKey: string; readonly privateKey: string };
  readonly certificates: ZoneCertificates;
}

export class WorldProcesses {
  readonly network: WorldNetwork;
  readonly nats: NatsLab;
  readonly zones: ZoneProcesses[] = [];
  readonly globalControllers: DaemonProcess[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'zonecast-world-'));
  readonly #operatorAddresses: string[] = [];
  #operator: OperatorFiles = { ca: '', certificate: '', privateKey: '' };

  private constructor(network: WorldNetwork, nats: NatsLab) {
    this.network = network;
    this.nats = nats;
  }

  /** Resolves when every zone knows every other one. */
  static async start(options: WorldProcessesOptions): Promise<WorldProcesses> {
    const network = new WorldNetwork(options.zones.length);
    const nats = await NatsLab.start({ servers: 3, host: network.hub });
    const world = new WorldProcesses(network, nats);
    try {
      await world.#startAll(options);
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  zone(id: string): ZoneProcesses {
    const zone = this.zones.find((each) => each.zone === id);
    if (zone === undefined) throw new Error(`no zone ${id}`);
    return zone;
  }

  /** Between the zone and all others nothing goes any more. */
  cut(id: string): void {
    this.network.cut(this.zones.indexOf(this.zone(id)));
  }

  heal(id: string): void {
    this.network.heal(this.zones.indexOf(this.zone(id)));
  }

  /** It goes on by itself, and nobody outside hears of it: as when the lines of a data centre are gone, or its power. */
  darken(id: string): void {
    this.network.darken(this.zones.indexOf(this.zone(id)));
  }

  lighten(id: string): void {
    this.network.lighten(this.zones.indexOf(this.zone(id)));
  }

  /** All its processes end at once; its machines still answer that nobody listens. */
  async killZone(id: string): Promise<void> {
    const { controllers, routers, etcd } = this.zone(id);
    await Promise.all([...controllers, ...routers.values(), ...etcd.members].map((each) => each.kill()));
  }

  async startZone(id: string): Promise<void> {
    const zone = this.zone(id);
    await Promise.all(zone.etcd.members.map((each) => each.start()));
    await Promise.all([...zone.controllers, ...zone.routers.values()].map((each) => each.start()));
    await zone.ready();
  }

  /** In the first zone. */
  async createMeeting(): Promise<CreatedMeeting> {
    const [home] = this.zones;
    if (home === undefined) throw new Error('there is no zone');
    return home.createMeeting();
  }

  /** Resolves when every zone speaks, and makes meetings that the others can find. */
  async acquainted(): Promise<void> {
    for (;;) {
      const { zones } = JSON.parse(await this.zonectl('zones', '--json')) as { zones: { standing: string }[] };
      const isWell = zones.length === this.zones.length && zones.every(({ standing }) => standing === 'well');
      if (isWell && (await this.#isKnown(await this.createMeeting()))) return;
      await pause(200);
    }
  }

  /** Whether its id is of a block that the global controllers have seen. */
  #isKnown({ meeting }: CreatedMeeting): Promise<boolean> {
    return this.zonectl('zones', '--for', meeting).then(
      () => true,
      () => false,
    );
  }

  /** Of the global controllers. */
  zonectl(...words: string[]): Promise<string> {
    return zonectl(words, this.#operatorAddresses, this.#operator, this.network.hub);
  }

  async drain(id: string): Promise<void> {
    await this.zonectl('zones', '--drain', id);
  }

  async undrain(id: string): Promise<void> {
    await this.zonectl('zones', '--undrain', id);
  }

  async stop(): Promise<void> {
    await Promise.all(this.zones.map((zone) => zone.stop()));
    await Promise.all(this.globalControllers.map((each) => each.kill()));
    await this.nats.stop();
    this.network.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #startAll(options: WorldProcessesOptions): Promise<void> {
    const { zones, company, controllers = 1, routers = 1, globalControllers = 2 } = options;
    const world = generateKeyPairSync('ed25519');
    const worldKey = this.#write('world.pub', publicPem(world.publicKey));
    const members = await Promise.all(zones.map((zone, index) => this.#member(zone as ZoneId, index)));
    const servers = this.nats.servers.map(({ endpoint }) => endpoint);
    if (company !== undefined) this.network.fireWall(zones.indexOf(company));
    const started = members.map(async ({ zone, host, keys, certificates }) => {
      const isCompany = zone === company;
      const ports = Array.from({ length: routers }, (_, index) => ZONES_PORT + index);
      return ZoneProcesses.start({
        zone,
        host,
        certificates,
        otherAddresses: [host.wanAddress],
        httpPort: HTTP_PORT,
        controllers,
        routers,
        controllerConfig: () => ({ world: { privateKey: keys.privateKey, worldKey, nats: { servers } } }),
        routerConfig: (index) => ({
          media: this.#media(host),
          // A company's routers only call.
          ...(isCompany ? {} : { zones: { listen: `${host.wanAddress}:${ports[index - 1]}` } }),
        }),
      });
    });
    const privateKey = this.#write('world.key', privatePem(world.privateKey));
    const policies =
      company === undefined ? {} : { [`zone.${company}`]: { residency: 'local', guests: { via: zones[0] } } };
    const urls = ({ address }: ZoneHost) =>
      Array.from({ length: controllers }, (_, index) => `http://${address}:${HTTP_PORT + index}`);
    const declared = members.map(({ zone, host, keys: { publicKey }, certificates: { caPem } }) => {
      const record = { publicKey, ca: this.#write(`${zone}-ca.pem`, caPem), urls: urls(host) };
      return [zone, record] as const;
    });
    await this.#startGlobal(globalControllers, {
      privateKey,
      nats: { servers },
      copies: 3,
      zones: Object.fromEntries(declared),
      policies,
    });
    this.zones.push(...(await Promise.all(started)));
    await this.acquainted();
  }

  /** People are in the zone's own network, other routers beyond it. */
  #media({ address, wanAddress }: ZoneHost) {
    return { address: '0.0.0.0', port: 0, announce: [address, wanAddress], workers: 1, maxParticipantsPerWorker: 500 };
  }

  async #member(zone: ZoneId, index: number): Promise<Member> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const keys = {
      publicKey: this.#write(`${zone}.pub`, publicPem(publicKey)),
      privateKey: this.#write(`${zone}.key`, privatePem(privateKey)),
    };
    const host = this.network.zones[index] as ZoneHost; // as many as zones
    return { zone, host, keys, certificates: await mintZoneCertificates() };
  }

  async #startGlobal(count: number, config: object): Promise<void> {
    const { hub } = this.network;
    const operators = await mintZoneCertificates();
    this.#operator = this.#writeTls('operator', await operators.issue('operator', 'test'));
    const tls = this.#writeTls('gc', await operators.issue('zone-controller', 'gc', [hub.address]));
    for (const [index, port] of (await freePorts(count)).entries()) {
      const instance = `gc-${index + 1}`;
      const listen = `${hub.address}:${port}`;
      this.#operatorAddresses.push(listen);
      const more = { instance, operators: { listen, tls } };
      const configFile = this.#write(`${instance}.yaml`, JSON.stringify({ ...config, ...more }));
      const daemon = { name: instance, program: 'global-controller/main.ts', configFile };
      this.globalControllers.push(
        new DaemonProcess({ ...daemon, started: 'zones and policies are written', host: hub }),
      );
    }
    await Promise.all(this.globalControllers.map((each) => each.start()));
  }

  #writeTls(name: string, { caPem, certificatePem, privateKeyPem }: MutualTls): OperatorFiles {
    return {
      ca: this.#write(`${name}-ca.pem`, caPem),
      certificate: this.#write(`${name}.pem`, certificatePem),
      privateKey: this.#write(`${name}.key`, privateKeyPem),
    };
  }

  #write(name: string, text: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
}

function publicPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function privatePem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
