/**
 * What makes one meeting of several routers and workers: trunks between the workers that are neighbours in its tree, and
 * one roster. The zone says which tree (`setTree`); all else the routers settle among themselves.
 */
import { randomBytes } from 'node:crypto';
import { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../../common/ids.ts';
import type { Logger } from '../../../common/log.ts';
import type { MutualTls } from '../../../common/mutual-tls.ts';
import type { Frame__Output } from '../../../proto/gen/zonecast/cascade/v1/Frame.ts';
import type { TrunkId, TrunkMessage } from '../../media/trunk/trunk-messages.ts';
import type { TrunkReport } from '../../media/trunk/trunk-report.ts';
import type { TrunkTransport } from '../../media/trunk/trunks.ts';
import type { ElsewhereChange } from '../roster.ts';
import { type RouterTree, worldTree } from '../state/router-tree.ts';
import type { WorkerPool } from '../worker-pool.ts';
import {
  checkPlaces,
  type MeetingPlace,
  type Neighbour,
  neighboursOf,
  type Seat,
  type ZoneLink,
  zoneNeighboursOf,
  zoneOf,
} from './meeting-places.ts';
import { parseAddress } from './parse-address.ts';
import { type CallingStream, PeerLinks, type WantedPeer } from './peer-links.ts';
import { type ForeignEntry, RosterExchange } from './roster-exchange.ts';
import { fromRosterUpdate, toRosterUpdate } from './roster-wire.ts';
import { TrunkBroker } from './trunk-broker.ts';
import { trunkIdOf } from './trunk-pair.ts';
import { mergeZoneLinks, type ZoneLinks } from './zone-links.ts';
import { type TrunkName, type ZoneTrunk, ZoneTrunks } from './zone-trunks.ts';
import { ZoneTrust } from './zone-trust.ts';

/** The media workers, as trunks need them. */
export type TrunkWorkers = Pick<WorkerPool, 'openTrunk' | 'commandTrunk' | 'ports'>;

export interface CascadeOptions {
  readonly router: RouterId;
  readonly tls: MutualTls;
  /** SHA-256 of the DTLS certificate that all workers present. */
  readonly fingerprintSha256: Uint8Array;
  /** IP literals at which other routers reach the workers, best first. */
  readonly announce: readonly string[];
  readonly workers: TrunkWorkers;
  /** Everybody in the meeting whose media is on this router. */
  readonly own: (meeting: MeetingId) => readonly ForeignEntry[];
  /** People on other routers of the meeting have come, changed, or left. */
  readonly apply: (meeting: MeetingId, change: ElsewhereChange) => void;
  /** Goes the same ways as the roster. */
  readonly states: CascadeStates;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** The states of meetings, as other routers come to know them. */
export interface CascadeStates {
  /** Where the meeting is from now on. */
  setTree(meeting: MeetingId, tree: RouterTree): void;
  /** The stream to the router stands anew. */
  reachable(router: RouterId): void;
  unreachable(router: RouterId): void;
  /** From a router, which may be no neighbour of ours in that meeting. */
  handle(router: RouterId, meeting: MeetingId, json: string): void;
}

/** Where a meeting is: in this zone, which says so by epoch and version, and in others. */
interface Tree {
  readonly epoch: number;
  readonly version: number;
  readonly places: readonly MeetingPlace[];
  readonly zones: ZoneLinks;
}

interface Spread {
  readonly tree: Tree;
  readonly neighbours: readonly Neighbour[];
}

export class Cascade {
  readonly #options: CascadeOptions;
  readonly #broker: TrunkBroker;
  readonly #exchange: RosterExchange;
  readonly #links: PeerLinks;
  /** Whom of other zones we may speak with. */
  readonly trust: ZoneTrust;
  readonly #zoneTrunks = new ZoneTrunks();
  readonly #meetings = new Map<MeetingId, Spread>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: CascadeOptions) {
    this.#options = options;
    const { router, tls, log } = options;
    this.trust = new ZoneTrust(tls);
    this.trust.onChange(() => this.#links.setWanted(this.#wantedRouters()));
    this.#broker = new TrunkBroker({
      // RFC 8445 section 5.3: at least 24 and 128 bits.
      makeCredentials: () => ({
        ufrag: randomBytes(12).toString('base64'),
        password: randomBytes(24).toString('base64'),
      }),
      offer: (own, peer, ufrag) => {
        const fingerprint = Buffer.from(options.fingerprintSha256);
        this.#send(own, peer, (seats) => ({ offer: { ...seats, ufrag, fingerprint } }));
      },
      answer: (own, peer, offeredUfrag, credentials) =>
        this.#send(own, peer, (seats) => {
          if (credentials === undefined) return { refusal: { ...seats, offeredUfrag } };
          const fingerprint = Buffer.from(options.fingerprintSha256);
          const reach = {
            addresses: [...this.#addressesFor(peer.router)],
            port: options.workers.ports[own.worker] ?? 0,
          };
          return { answer: { ...seats, offeredUfrag, ...credentials, fingerprint, ...reach } };
        }),
      accept: (own, peer, trunk, { ufrag, password }, offer) =>
        this.#open(own, peer, trunk, {
          localUfrag: ufrag,
          localPassword: password,
          remoteUfrag: offer.ufrag,
          remoteFingerprints: [{ algorithm: 'sha-256', value: offer.fingerprint }],
        }),
      initiate: (own, peer, trunk, { ufrag, password }, answer) =>
        this.#open(own, peer, trunk, {
          localUfrag: ufrag,
          localPassword: password,
          remoteUfrag: answer.ufrag,
          remoteFingerprints: [{ algorithm: 'sha-256', value: answer.fingerprint }],
          initiation: {
            remotePassword: answer.password,
            addresses: answer.addresses.flatMap((address) => parseAddress(address, answer.port) ?? []),
          },
        }),
      close: (own, trunk) => options.workers.commandTrunk(own.worker, { type: 'trunkClose', trunk }),
      setStream: (own, trunk, up) => options.workers.commandTrunk(own.worker, { type: 'trunkStream', trunk, up }),
    });
    this.#exchange = new RosterExchange({
      send: (peer, meeting, update) => this.#links.send(peer, { roster: toRosterUpdate(meeting, update) }),
      apply: options.apply,
      own: options.own,
    });
    this.#links = new PeerLinks({
      router,
      log,
      listener: {
        reachable: (peer, isNew) => this.#run((nowMs) => this.#reachable(nowMs, peer, isNew)),
        unreachable: (peer) => this.#run((nowMs) => this.#unreachable(nowMs, peer)),
        frame: (peer, frame) => this.#run((nowMs) => this.#handle(nowMs, peer, frame)),
      },
    });
  }

  /**
   * Where the meeting is from now on. A lower version of the same epoch is ignored: it has been overtaken.
   *
   * @throws ZonecastError `badMessage` when the places are no tree, or this router is not among them
   */
  setTree(meeting: MeetingId, epoch: number, version: number, places: readonly MeetingPlace[]): void {
    const { router } = this.#options;
    const wrong = checkPlaces(places);
    if (wrong !== undefined) throw new ZonecastError('badMessage', wrong);
    if (!places.some((place) => place.router === router)) throw new ZonecastError('badMessage', 'not in the tree');
    const before = this.#meetings.get(meeting)?.tree;
    const isOld =
      before !== undefined && (before.epoch > epoch || (before.epoch === epoch && before.version >= version));
    if (isOld) return;
    const zones = before?.zones ?? { version: 0, links: [] };
    this.#run((nowMs) => this.#change(nowMs, meeting, { epoch, version, places, zones }));
  }

  /**
   * Where the meeting is in other zones, next to this one: trunks lead there from the root, if that is here. What has been
   * overtaken is ignored (`mergeZoneLinks`).
   *
   * @throws ZonecastError `noSuchMeeting` when nothing is known of where it is in this zone
   */
  setZoneLinks(meeting: MeetingId, version: number, links: readonly ZoneLink[]): void {
    const tree = this.#meetings.get(meeting)?.tree;
    if (tree === undefined) throw new ZonecastError('noSuchMeeting', 'the meeting is not here');
    const zones = mergeZoneLinks(tree.zones, { version, links });
    if (zones !== tree.zones) this.#run((nowMs) => this.#change(nowMs, meeting, { ...tree, zones }));
  }

  /** Whether a meeting is on other routers or workers too, which reach each other by this one. */
  get joinsOthers(): boolean {
    return [...this.#meetings.values()].some(({ neighbours }) => neighbours.length > 0);
  }

  /** How the trunks to other zones fare. */
  get zoneTrunks(): ZoneTrunk[] {
    return this.#zoneTrunks.all(this.#options.now());
  }

  /** The meeting is not on this router any more. */
  drop(meeting: MeetingId): void {
    if (!this.#meetings.has(meeting)) return;
    this.#run((nowMs) => this.#change(nowMs, meeting, undefined));
  }

  /** Somebody of this router has come, changed or left. */
  changedHere(meeting: MeetingId, participants: readonly ParticipantId[]): void {
    if (this.#meetings.has(meeting)) this.#run((nowMs) => this.#exchange.changedHere(nowMs, meeting, participants));
  }

  /** About the state of a meeting; lost when the router is not reachable. */
  sendState(router: RouterId, meeting: MeetingId, json: string): void {
    this.#links.send(router, { state: { meeting, json } });
  }

  /** A router calls. */
  accept(router: RouterId, stream: CallingStream): void {
    this.#links.accept(router, stream);
  }

  /** From a worker, for the other end of one of its trunks. */
  trunkMessage(worker: number, trunk: TrunkId, message: TrunkMessage): void {
    const seats = this.#broker.find(worker, trunk);
    if (seats === undefined) return;
    this.#send(seats.own, seats.peer, (workers) => ({ message: { ...workers, json: JSON.stringify(message) } }));
  }

  trunkReported(worker: number, trunk: TrunkId, report: TrunkReport): void {
    const seats = this.#broker.find(worker, trunk);
    if (seats === undefined) return;
    const { own, peer } = seats;
    this.#zoneTrunks.reported(this.#options.now(), { worker, trunk }, report);
    const isLost = report.state === 'closed';
    if (isLost && report.reason !== 'closed') this.#options.log.warn({ trunk, reason: report.reason }, 'trunk lost');
    this.#run((nowMs) => {
      this.#broker.setUp(own, peer, report.state === 'up');
      if (isLost) this.#broker.closed(nowMs, own, peer);
      this.#listen(nowMs, peer.router);
    });
  }

  /** A worker died: its trunks and links are gone. Another takes its place on the same port. */
  workerLost(worker: number): void {
    this.#run((nowMs) => this.#broker.workerLost(nowMs, worker));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#links.stop();
  }

  #change(nowMs: number, meeting: MeetingId, tree: Tree | undefined): void {
    const before = this.#meetings.get(meeting)?.neighbours ?? [];
    const after = tree === undefined ? [] : this.#neighboursIn(tree);
    if (tree === undefined) this.#meetings.delete(meeting);
    else this.#meetings.set(meeting, { tree, neighbours: after });
    for (const neighbour of before)
      if (!after.some((each) => isSame(each, neighbour))) this.#unlink(nowMs, meeting, neighbour);
    for (const neighbour of after) {
      const { own, peer } = this.#seatsOf(neighbour);
      if (!before.some((each) => isSame(each, neighbour))) this.#link(meeting, neighbour);
      this.#broker.want(nowMs, own, peer, neighbour.calls);
    }
    this.#links.setWanted(this.#wantedRouters());
    this.#zoneTrunks.want(nowMs, this.#wantedZoneTrunks());
    const routers = new Set(after.map(({ peer }) => peer.router).filter((router) => router !== this.#options.router));
    this.#exchange.setNeighbours(nowMs, meeting, routers);
    if (tree !== undefined)
      this.#options.states.setTree(meeting, worldTree(tree.places, tree.zones.links, this.#options.router));
  }

  #neighboursIn({ places, zones }: Tree): Neighbour[] {
    const { router } = this.#options;
    return [...neighboursOf(places, router), ...zoneNeighboursOf(places, router, zones.links)];
  }

  #linkAll(own: Seat, peer: Seat): void {
    for (const [meeting, { neighbours }] of this.#meetings) {
      for (const each of neighbours) {
        if (each.worker === own.worker && isSameSeat(each.peer, peer)) this.#link(meeting, each);
      }
    }
  }

  #link(meeting: MeetingId, neighbour: Neighbour): void {
    const { own, peer } = this.#seatsOf(neighbour);
    const trunk = trunkIdOf(own, peer);
    const { relation } = neighbour;
    this.#options.workers.commandTrunk(own.worker, { type: 'trunkLink', trunk, meeting, relation });
  }

  #unlink(nowMs: number, meeting: MeetingId, neighbour: Neighbour): void {
    const { own, peer } = this.#seatsOf(neighbour);
    const trunk = trunkIdOf(own, peer);
    this.#options.workers.commandTrunk(own.worker, { type: 'trunkUnlink', trunk, meeting });
    if (!this.#isUsed(neighbour)) this.#broker.release(nowMs, own, peer);
  }

  #isUsed({ worker, peer }: Neighbour): boolean {
    for (const { neighbours } of this.#meetings.values()) {
      if (neighbours.some((each) => each.worker === worker && isSameSeat(each.peer, peer))) return true;
    }
    return false;
  }

  #wantedRouters(): Map<RouterId, WantedPeer> {
    const wanted = new Map<RouterId, WantedPeer>();
    for (const { neighbours } of this.#meetings.values()) {
      for (const { peer, zone, address, calls } of neighbours) {
        const tls = zone === undefined ? this.#options.tls : this.trust.tlsFor(zone);
        // Of a zone that is not trusted yet: when it is.
        if (tls !== undefined) wanted.set(peer.router, { address, calls, tls });
      }
    }
    return wanted;
  }

  *#wantedZoneTrunks(): Generator<TrunkName & { readonly zone: ZoneId }> {
    for (const { neighbours } of this.#meetings.values()) {
      for (const neighbour of neighbours) {
        const { own, peer } = this.#seatsOf(neighbour);
        if (neighbour.zone !== undefined)
          yield { zone: neighbour.zone, worker: own.worker, trunk: trunkIdOf(own, peer) };
      }
    }
  }

  #reachable(nowMs: number, peer: RouterId, isNew: boolean): void {
    this.#broker.reachable(nowMs, peer, isNew);
    this.#exchange.reachable(nowMs, peer);
    this.#options.states.reachable(peer);
    this.#listen(nowMs, peer);
  }

  #unreachable(nowMs: number, peer: RouterId): void {
    this.#broker.unreachable(nowMs, peer);
    this.#options.states.unreachable(peer);
    this.#listen(nowMs, peer);
  }

  /** Of a router that sends neither word nor media, people are away. While media flows, they are seen and heard. */
  #listen(nowMs: number, peer: RouterId): void {
    this.#exchange.setAway(nowMs, peer, !this.#broker.hears(peer));
  }

  #handle(nowMs: number, router: RouterId, frame: Frame__Output): void {
    const named = frame.offer ?? frame.answer ?? frame.refusal ?? frame.message;
    if (frame.roster) {
      const { meeting, update } = fromRosterUpdate(frame.roster, zoneOf(router));
      this.#exchange.handle(nowMs, router, meeting, update);
    }
    if (frame.state) this.#options.states.handle(router, frame.state.meeting as MeetingId, frame.state.json); // looked up there
    if (!named) return;
    const own: Seat = { router: this.#options.router, worker: named.toWorker };
    const peer: Seat = { router, worker: named.fromWorker };
    if (frame.offer) this.#broker.handleOffer(own, peer, frame.offer);
    else if (frame.answer) this.#broker.handleAnswer(own, peer, frame.answer);
    else if (frame.refusal) this.#broker.handleRefusal(nowMs, own, peer, frame.refusal.offeredUfrag);
    else if (frame.message) this.#deliver(own, peer, frame.message.json);
  }

  /** The worker looks at the message itself. */
  #deliver(own: Seat, peer: Seat, json: string): void {
    const trunk = trunkIdOf(own, peer);
    if (this.#broker.find(own.worker, trunk) === undefined) return;
    try {
      this.#options.workers.commandTrunk(own.worker, { type: 'trunkMessage', trunk, message: JSON.parse(json) });
    } catch (error) {
      this.#options.log.warn({ trunk, err: error }, 'a message over a trunk is no JSON');
    }
  }

  #open(own: Seat, peer: Seat, trunk: TrunkId, transport: TrunkTransport): void {
    const opened = (ok: boolean) => this.#run((nowMs) => this.#broker.opened(nowMs, own, peer, ok));
    this.#options.workers.openTrunk(own.worker, trunk, transport).then(
      () => {
        // A worker that was started anew knows of none.
        this.#linkAll(own, peer);
        opened(true);
      },
      (error: unknown) => {
        this.#options.log.warn({ trunk, err: error }, 'trunk not opened');
        opened(false);
      },
    );
  }

  #send(
    own: Seat,
    peer: Seat,
    frame: (workers: { fromWorker: number; toWorker: number }) => Parameters<PeerLinks['send']>[1],
  ): void {
    this.#links.send(peer.router, frame({ fromWorker: own.worker, toWorker: peer.worker }));
  }

  /** A worker of ours is on this machine. */
  #addressesFor(peer: RouterId): readonly string[] {
    const { router, announce } = this.#options;
    return peer === router ? ['127.0.0.1', '::1', ...announce] : announce;
  }

  #seatsOf({ worker, peer }: Neighbour): { own: Seat; peer: Seat } {
    return { own: { router: this.#options.router, worker }, peer };
  }

  /** Does something, and sees to what falls due by it. */
  #run(work: (nowMs: number) => void): void {
    if (this.#stopped) return;
    const { now } = this.#options;
    work(now());
    clearTimeout(this.#timer);
    const nextMs = Math.min(this.#broker.nextTimeoutMs(), this.#exchange.nextTimeoutMs());
    if (nextMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#run((nowMs) => this.#handleTimeout(nowMs)), Math.max(0, nextMs - now()));
  }

  #handleTimeout(nowMs: number): void {
    this.#broker.handleTimeout(nowMs);
    this.#exchange.handleTimeout(nowMs);
  }
}

function isSame(one: Neighbour, other: Neighbour): boolean {
  return one.worker === other.worker && one.relation === other.relation && isSameSeat(one.peer, other.peer);
}

function isSameSeat(one: Seat, other: Seat): boolean {
  return one.router === other.router && one.worker === other.worker;
}
