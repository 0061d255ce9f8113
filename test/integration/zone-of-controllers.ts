/** A zone as operators run it: a real etcd, several controllers, several routers, all on loopback in one process. */
import { HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import type { RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { mintZoneCertificates, type ZoneCertificates } from '../../common/mutual-tls.ts';
import { Router } from '../../mmr/router.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { ZoneController } from '../../zone-controller/zone-controller.ts';
import { TestEtcd } from '../etcd/test-etcd.ts';
import { TcpBalancer } from './tcp-balancer.ts';

const log = createLogger({ name: 'test', level: process.env.TEST_LOG === undefined ? 'silent' : 'info' });
/** Short, so that leases end while a test waits. */
const LEASE_MS = 2_000;

export class ZoneOfControllers {
  readonly etcd: TestEtcd;
  readonly controllers: ZoneController[] = [];
  readonly routers: Router[] = [];
  readonly #certificates: ZoneCertificates;
  readonly #people: HeadlessParticipant[] = [];
  readonly #balancers: TcpBalancer[] = [];

  private constructor(etcd: TestEtcd, certificates: ZoneCertificates) {
    this.etcd = etcd;
    this.#certificates = certificates;
  }

  /** Resolves when every controller can place meetings on every router. */
  static async start(controllers: number, routers: number): Promise<ZoneOfControllers> {
    const zone = new ZoneOfControllers(await TestEtcd.start(), await mintZoneCertificates());
    for (let index = 1; index <= controllers; index++) await zone.#addController(`zc-${index}`);
    for (let index = 1; index <= routers; index++) await zone.#addRouter(`router-${index}`);
    await Promise.all(zone.controllers.map((controller) => controller.whenReady(routers)));
    return zone;
  }

  /** Joins by way of a controller. */
  join(controller: ZoneController, meeting: CreatedMeeting, name: string): Promise<HeadlessParticipant> {
    return this.joinAt(controller.url, meeting, name);
  }

  async joinAt(url: string, { meeting, passcode }: CreatedMeeting, name: string): Promise<HeadlessParticipant> {
    const participant = await HeadlessParticipant.join({ url, meeting, passcode, name, audioSlots: 2, videoSlots: 2 });
    this.#people.push(participant);
    return participant;
  }

  /** An address of the zone, behind which connections go to `controller` as yet. */
  async balancer(controller: ZoneController): Promise<TcpBalancer> {
    const balancer = await TcpBalancer.start();
    balancer.target = controller.httpPort;
    this.#balancers.push(balancer);
    return balancer;
  }

  async stop(): Promise<void> {
    for (const participant of this.#people) participant.close();
    for (const balancer of this.#balancers) balancer.close();
    await Promise.all([...this.routers, ...this.controllers].map((each) => each.stop()));
    await this.etcd.stop();
  }

  async #addController(name: string): Promise<void> {
    const { endpoints } = this.etcd.settings();
    const controller = new ZoneController({
      zone: 'test' as ZoneId,
      http: { host: '127.0.0.1', port: 0 },
      grpcAddress: 'localhost:0',
      tls: await this.#certificates.issue('zone-controller', name),
      etcd: { endpoints: [...endpoints], dialTimeoutMs: 1_000, requestTimeoutMs: 2_000 },
      times: { leaseMs: LEASE_MS },
      log: log.child({ part: name }),
    });
    this.controllers.push(controller);
    await controller.start();
  }

  async #addRouter(name: string): Promise<void> {
    const router = new Router({
      router: name as RouterId,
      grpcAddress: 'localhost:0',
      zoneControllers: this.controllers.map(({ grpcPort }) => `localhost:${grpcPort}`),
      tls: await this.#certificates.issue('router', name),
      mediaAddress: '127.0.0.1',
      mediaPort: 0,
      announce: ['127.0.0.1'],
      workers: 1,
      maxParticipantsPerWorker: 50,
      log: log.child({ part: name }),
    });
    this.routers.push(router);
    await router.start();
  }
}

/** Packets that have arrived in a participant's slots. */
export function packetsOf({ media }: HeadlessParticipant): number {
  return media.slots().reduce((sum, { packets }) => sum + packets, 0);
}

/** Slots of which a picture can be seen. */
export function picturesOf({ media }: HeadlessParticipant): number {
  return media.slots().filter(({ keyframes }) => keyframes > 0).length;
}
