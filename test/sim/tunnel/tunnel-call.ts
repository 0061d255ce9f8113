/**
 * A call by the tunnel over a simulated path: ann is with the router by UDP and speaks, carl watches, ben takes part by the tunnel. Router, tunnel and ben's page run
 * their own code; the path between tunnel and page is simulated TCP.
 */
import type { CarrierKind } from '../../../client/tunnel/carriers/session-carrier.ts';
import type { ParticipantId } from '../../../common/ids.ts';
import { parseRtpHeader, RtpHeader } from '../../../mmr/media/rtp/rtp-header.ts';
import type { LinkChange, LinkConditions } from '../network/link-conditions.ts';
import type { Wire } from '../network/wire.ts';
import type { Arrival } from '../plain/path.ts';
import { TcpFlow } from '../plain/tcp-flow.ts';
import { MICROPHONE_SSRC, negotiatedMedia } from '../router/negotiated-media.ts';
import { type FromRouter, Participant } from '../router/participant.ts';
import { SIMULCAST } from '../router/publisher.ts';
import { SimRouter } from '../router/sim-router.ts';
import type { TcpEnd } from '../tcp/tcp-end.ts';
import { World } from '../world.ts';
import { SimDaemon } from './sim-daemon.ts';
import { SimHttp } from './sim-http.ts';
import { SimLeg } from './sim-leg.ts';
import { webSocketClass } from './sim-web-socket.ts';
import type { Delay } from './sound-slot.ts';
import { TunnelledClient } from './tunnelled-client.ts';
import { VirtualGlobals } from './virtual-globals.ts';

export interface CallPlan {
  readonly seconds: number;
  readonly carrier: CarrierKind;
  /** Both ways alike. */
  readonly path: Partial<LinkConditions>;
  readonly changes?: readonly LinkChange[];
  /** A download and an upload without end beside it, from this second on. */
  readonly rivalsFromS?: number;
}

/** Sampled each 100 ms. */
export interface Sample {
  readonly atMs: number;
  /** What the router takes the way to ben for, and what ben takes his way for. */
  readonly estimateBps: number;
  readonly uplinkBps: number;
  /** Media and all else on the wire, and lines of the picture. */
  readonly downBps: number;
  readonly upBps: number;
  readonly height: number;
  /** Waiting in the tunnel, and in the kernels of the tunnel and of ben's computer. */
  readonly queuedBytes: number;
  readonly unsentBytes: number;
  readonly unsentUpBytes: number;
}

const SAMPLE_US = 100_000;
const deliver = (arrival: Arrival, sizeBytes: number, queuedUs: number) => arrival(sizeBytes, queuedUs);

export class TunnelCall {
  readonly world: World;
  readonly plan: CallPlan;
  readonly daemon: SimDaemon;
  readonly carl: Participant;
  readonly ann: Participant;
  /** Sound and whole frames from ben to the router's door. */
  readonly soundUp: Delay[] = [];
  readonly samples: Sample[] = [];
  /** Both ends of each connection that was made. */
  readonly connections: { readonly client: TcpEnd; readonly server: TcpEnd }[] = [];
  readonly #router: SimRouter;
  readonly #up: Wire<Arrival>;
  readonly #down: Wire<Arrival>;
  readonly #sentMs = new Map<string, number>();
  readonly #globals: VirtualGlobals;
  readonly #header = new RtpHeader();
  #client: TunnelledClient | undefined;

  constructor(seed: number, plan: CallPlan) {
    const world = new World(seed);
    this.world = world;
    this.plan = plan;
    this.#router = new SimRouter(world, { participants: 3 });
    this.ann = new Participant(world, this.#router, {
      name: 'ann',
      publishes: { encodings: SIMULCAST, microphone: true },
    });
    this.carl = new Participant(world, this.#router, { name: 'carl', audioSlots: 2, videoSlots: 2 });
    const changes = plan.changes ?? [];
    this.#up = world.wire<Arrival>('up', plan.path, changes, deliver);
    this.#down = world.wire<Arrival>('down', plan.path, changes, deliver);
    this.daemon = new SimDaemon(
      world,
      (number, owner) =>
        new SimLeg(number, owner, world, this.#router, {
          name: 'ben',
          media: negotiatedMedia({
            rids: SIMULCAST.map(({ rid }) => rid),
            microphone: true,
            audioSlots: 1,
            videoSlots: 1,
            isTunnelled: true,
          }),
          handleFromRouter: (packet) => this.#noteSent(packet),
          handleToRouter: (packet) => this.#noteArrived(packet),
        }),
    );
    const paths = { up: this.#up, down: this.#down };
    const opened = (client: TcpEnd, server: TcpEnd) => this.connections.push({ client, server });
    const serve = this.daemon.handleRequest.bind(this.daemon);
    this.#globals = new VirtualGlobals(world, {
      fetch: new SimHttp(world, paths, serve, opened).fetch,
      WebSocket: webSocketClass(world, paths, (socket) => this.daemon.accept(socket), opened),
    });
    if (plan.rivalsFromS !== undefined) this.#addRivals(plan.rivalsFromS);
  }

  async run(): Promise<this> {
    const { world, plan } = this;
    world.at(0, () => {
      this.#client = new TunnelledClient(
        world,
        plan.carrier,
        (ssrc, sequenceNumber) => this.#sentMs.get(`${ssrc} ${sequenceNumber}`) ?? Number.NaN,
      );
    });
    this.#sample();
    await this.#globals.run(plan.seconds * 1e6);
    this.carl.end();
    return this;
  }

  get ben(): TunnelledClient {
    if (this.#client === undefined) throw new Error('ben has not come yet');
    return this.#client;
  }

  #addRivals(fromS: number): void {
    const { world, plan } = this;
    const times = { startUs: fromS * 1e6, stopUs: plan.seconds * 1e6 };
    new TcpFlow(world, { name: 'download', forward: this.#down, backward: this.#up, ...times });
    new TcpFlow(world, { name: 'upload', forward: this.#up, backward: this.#down, ...times });
  }

  #noteSent({ header, sentUs }: FromRouter): void {
    if (header !== undefined) this.#sentMs.set(`${header.ssrc} ${header.sequenceNumber}`, sentUs / 1000);
  }

  #noteArrived(packet: Uint8Array): void {
    const header = this.#header;
    if (!parseRtpHeader(packet, 0, packet.length, header) || header.ssrc !== MICROPHONE_SSRC) return;
    const nowMs = this.world.nowUs / 1000;
    const saidMs = this.ben.camera.saidMs.get(header.sequenceNumber);
    if (saidMs !== undefined) this.soundUp.push({ atMs: nowMs, ms: nowMs - saidMs });
  }

  #sample(): void {
    const { world } = this;
    let [downBytes, upBytes] = [0, 0];
    const perSecond = 8e6 / SAMPLE_US;
    world.every(SAMPLE_US, SAMPLE_US, () => {
      const [down, up] = [this.#down.link.deliveredBytes, this.#up.link.deliveredBytes];
      const transport = this.#router.lab.registry.participants.get('ben' as ParticipantId)?.transport;
      const [session] = [...this.daemon.table];
      const connection = this.connections.at(-1);
      this.samples.push({
        atMs: world.nowUs / 1000,
        estimateBps: transport?.estimateBps ?? Number.NaN,
        uplinkBps: this.ben.camera.path.estimate.bitrateBps,
        downBps: (down - downBytes) * perSecond,
        upBps: (up - upBytes) * perSecond,
        height: this.ben.picture.height,
        queuedBytes: session?.queue.bytes ?? 0,
        unsentBytes: connection?.server.sender.unsentBytes ?? 0,
        unsentUpBytes: connection?.client.sender.unsentBytes ?? 0,
      });
      [downBytes, upBytes] = [down, up];
    });
  }
}
