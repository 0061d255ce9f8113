/** A whole zone in one process: a zone-controller, two routers and an HTTP tunnel, with an authority of their own. */
import { isIP } from 'node:net';
import { availableParallelism, hostname, networkInterfaces } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { ZonecastError } from '../common/errors.ts';
import type { RouterId, ZoneId } from '../common/ids.ts';
import { createLogger, type Logger } from '../common/log.ts';
import { type CertificatePair, mintZoneCertificates, type ZoneCertificates } from '../common/mutual-tls.ts';
import { mintServerCertificate } from '../common/server-certificate.ts';
import { ServerCertificates } from '../http-tunnel/port/server-certificates.ts';
import { ZoneTunnel } from '../http-tunnel/zone-tunnel.ts';
import { Router } from '../mmr/router.ts';
import type { WorldOptions } from '../zone-controller/world/world-options.ts';
import { ZoneController } from '../zone-controller/zone-controller.ts';
import type { UpOptions } from './arguments.ts';
import { type NetworkPlan, planNetwork } from './network-plan.ts';

const ROUTERS = 2;
/** By name: TLS knows no server names that are addresses (RFC 6066 section 3). */
const LOOPBACK_ANY_PORT = 'localhost:0';
const LOOK_MS = 20;
const MAX_PARTICIPANTS_PER_WORKER = 1_000;
/** A second or two, also on a machine that is busy with much else; what takes longer than this has failed. */
const READY_MS = 45_000;
/** As whoever started this would type it; `npm start` hands on only what follows its `--`. */
const COMMAND = process.env.npm_lifecycle_event === 'start' ? 'npm start --' : 'zonectl up';
/** On loopback all clients have one address, and load tools come from there. */
const LOOPBACK_LIMITS = {
  join: { burst: 2_000, perSecond: 200 },
  createMeeting: { burst: 200, perSecond: 10 },
  connectionsPerAddress: 8_000,
};
const TUNNEL_LIMITS = { connections: 8_000, connectionsPerAddress: 8_000 };

/** Ports as `UpOptions` have them: the first of this zone. */
export interface UpZoneOptions extends Omit<UpOptions, 'zones'> {
  readonly zone: ZoneId;
  /** By which it is one of several. */
  readonly world?: WorldOptions;
}

export class UpZone {
  readonly #options: UpZoneOptions;
  readonly #log: Logger;
  readonly #routers: Router[] = [];
  #controller: ZoneController | undefined;
  #tunnel: ZoneTunnel | undefined;
  #certificates: ZoneCertificates | undefined;

  constructor(options: UpZoneOptions) {
    this.#options = options;
    this.#log = createLogger({ name: options.zone, level: options.verbose ? 'info' : 'warn' });
  }

  /** The zone's controller, once started. */
  get controller(): ZoneController {
    if (this.#controller === undefined) throw new Error('the zone is not started');
    return this.#controller;
  }

  /** The zone's authority, once started. */
  get certificates(): ZoneCertificates {
    if (this.#certificates === undefined) throw new Error('the zone is not started');
    return this.#certificates;
  }

  /**
   * Resolves when its routers can take meetings. Rejects with ZonecastError whose message says what to change; then nothing
   * is left running.
   */
  async start(): Promise<void> {
    try {
      const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
      const network = planNetwork(this.#options.host, this.#options.announce, interfaces, hostname());
      const certificates = await mintZoneCertificates(`Zonecast ${this.#options.zone}`);
      this.#certificates = certificates;
      const web = await mintServerCertificate(network.certificateHosts);
      const controller = await this.#startController(network, certificates, web);
      await this.#startRouters(network, certificates, controller);
      await this.#startTunnel(network, certificates, web, controller);
      await withDeadline(Promise.all([controller.whenReady(ROUTERS), this.#tunnelReady()]));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Closes every socket; safe at any time. */
  async stop(): Promise<void> {
    await this.#tunnel?.stop();
    await Promise.allSettled([...this.#routers.map((router) => router.stop()), this.#controller?.stop()]);
  }

  async #startController(
    network: NetworkPlan,
    certificates: ZoneCertificates,
    web: CertificatePair,
  ): Promise<ZoneController> {
    const { zone, port, world } = this.#options;
    const { listenHost: host, linkHost, needsTls, ownAddresses } = network;
    const controller = new ZoneController({
      zone,
      http: { host, port, linkHost, ...(needsTls && { tls: web }) },
      trustedProxies: ownAddresses,
      grpcAddress: LOOPBACK_ANY_PORT,
      tls: await certificates.issue('zone-controller', 'zone-controller-1'),
      ...(needsTls ? {} : { limits: LOOPBACK_LIMITS }),
      ...(world === undefined ? {} : { world }),
      log: this.#log.child({ part: 'zone-controller' }),
    });
    this.#controller = controller;
    try {
      await controller.start();
    } catch (error) {
      throw withAdvice(error, `Port ${port} is taken by another program`, '--port', port + 1);
    }
    return controller;
  }

  /** One after the other: the second takes the media ports after the first one's. */
  async #startRouters(network: NetworkPlan, certificates: ZoneCertificates, controller: ZoneController): Promise<void> {
    const workers = workersPerRouter();
    const { mediaPort, world } = this.#options;
    for (let index = 0; index < ROUTERS; index++) {
      const name = `router-${index + 1}`;
      const firstPort = mediaPort === 0 ? 0 : mediaPort + index * workers;
      const router = new Router({
        router: name as RouterId,
        grpcAddress: LOOPBACK_ANY_PORT,
        ...(world === undefined ? {} : { zonesAddress: LOOPBACK_ANY_PORT }),
        zoneControllers: [`localhost:${controller.grpcPort}`],
        tls: await certificates.issue('router', name),
        mediaAddress: network.mediaAddress,
        mediaPort: firstPort,
        announce: network.announce,
        workers,
        maxParticipantsPerWorker: MAX_PARTICIPANTS_PER_WORKER,
        log: this.#log.child({ part: name }),
      });
      this.#routers.push(router);
      try {
        await router.start();
      } catch (error) {
        const ports = `The ports for media, UDP and TCP (${mediaPort} to ${mediaPort + ROUTERS * workers - 1}) are not all free`;
        throw withAdvice(error, ports, '--media-port', mediaPort + 1_000);
      }
    }
  }

  /** After the controller: it wants to know by which port people come to that. */
  async #startTunnel(
    network: NetworkPlan,
    certificates: ZoneCertificates,
    web: CertificatePair,
    controller: ZoneController,
  ): Promise<void> {
    const { zone, tunnelPort } = this.#options;
    if (tunnelPort === undefined) return;
    const { listenHost: host, linkHost, turnHosts, relayAddresses } = network;
    const name = 'tunnel-1';
    const authority = isIP(linkHost) === 6 ? `[${linkHost}]` : linkHost;
    const tunnel: ZoneTunnel = new ZoneTunnel({
      tunnel: name,
      zone,
      zoneControllers: [`localhost:${controller.grpcPort}`],
      tls: await certificates.issue('http-tunnel', name),
      publicUrl: () => `https://${authority}:${tunnel.port}`,
      listeners: [{ host, port: tunnelPort }],
      certificates: new ServerCertificates([web]),
      controllersCaPem: web.certificatePem,
      turn: {
        udp: turnHosts.map((address) => ({ address, port: tunnelPort })),
        tcp: [],
        relays: relayAddresses.map((address) => ({ address })),
      },
      limits: TUNNEL_LIMITS,
      log: this.#log.child({ part: name }),
    });
    this.#tunnel = tunnel;
    try {
      await tunnel.start();
    } catch (error) {
      throw withAdvice(error, `Port ${tunnelPort} of the HTTP tunnel is taken`, '--tunnel-port', tunnelPort + 1);
    }
  }

  async #tunnelReady(): Promise<void> {
    while (this.#tunnel?.registered === false) await pause(LOOK_MS);
  }
}

/** UDP ports of one zone: each worker has one. */
export function mediaPortsPerZone(): number {
  return ROUTERS * workersPerRouter();
}

function workersPerRouter(): number {
  return Math.max(1, Math.floor((availableParallelism() - 1) / ROUTERS));
}

/** A taken port becomes a sentence with the option that changes it; other errors stay as they are. */
function withAdvice(error: unknown, sentence: string, option: string, example: number): unknown {
  if (!(error instanceof ZonecastError) || error.code !== 'portTaken') return error;
  const advice = `${sentence}. Choose another with ${option}, for example: ${COMMAND} ${option} ${Math.min(example, 65_000)}`;
  return new ZonecastError('portTaken', advice, { cause: error });
}

async function withDeadline(ready: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ZonecastError('noRouter', 'The routers did not register in time.')), READY_MS);
  });
  try {
    await Promise.race([ready, late]);
  } finally {
    clearTimeout(timer);
  }
}
