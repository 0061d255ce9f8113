/**
 * All trunks of one worker: opens and closes them, says whether they carry meetings, and passes their messages to the
 * meetings. A trunk is up while both ends hear each other; a meeting uses it while both ends take part.
 */
import type { MeetingId } from '../../../common/ids.ts';
import type { EgressPlan } from '../egress/egress-plan.ts';
import type { NegotiatedTransport, TransportInitiation } from '../negotiated.ts';
import type { TransportEnd } from '../transport/transport-shell.ts';
import type { MeetingCascade } from './meeting-cascade.ts';
import type { MeetingLink, Relation } from './meeting-link.ts';
import { readTrunkMessage } from './read-trunk-message.ts';
import { MAX_TRUNK_STREAMS, type TrunkEnd } from './trunk-end.ts';
import { OLDEST_TRUNK_VERSION, TRUNK_VERSION, type TrunkId, type TrunkMessage } from './trunk-messages.ts';
import { reportOf, type TrunkEndReason, type TrunkReport } from './trunk-report.ts';

/** Workers that one worker may be connected to. */
export const MAX_TRUNKS = 256;
const REPORT_INTERVAL_US = 1_000_000;
/** SSRC of all RTCP of a trunk; no stream has it. */
const RTCP_SSRC = 2;

/** What both control planes have agreed on for one trunk; of a participant's transport, what a trunk has too. */
export interface TrunkTransport
  extends Pick<NegotiatedTransport, 'localUfrag' | 'localPassword' | 'remoteUfrag' | 'remoteFingerprints'> {
  /** Given to exactly one of the two ends. */
  readonly initiation?: TransportInitiation;
}

export type TrunkRefusal = 'trunkLimit' | 'badTrunk';

export interface TrunkListener {
  trunkMessage(trunk: TrunkId, message: TrunkMessage): void;
  /** At each change of state and each second. */
  trunkReported(trunk: TrunkId, report: TrunkReport): void;
}

/** Where a transport says good-bye; the packet path. */
export interface TransportRoom {
  makeTransportRoom(): EgressPlan;
}

/** What the trunks need of the worker. */
export interface TrunksHost {
  /** Undefined: the ufrag is taken. */
  openTrunk(nowUs: number, id: TrunkId, transport: NegotiatedTransport): TrunkEnd | undefined;
  /** Ends the transport, and tells the other end. */
  closeTrunk(trunk: TrunkEnd, room: TransportRoom): void;
  /** The meeting's links; with `make` it is made when it is not there. */
  cascadeOf(meeting: MeetingId, make: boolean): MeetingCascade | undefined;
  /** A meeting has lost a link: it may have nobody left. */
  linkRemoved(meeting: MeetingId): void;
}

export class Trunks {
  readonly trunks = new Map<TrunkId, TrunkEnd>();
  readonly #host: TrunksHost;
  readonly #listener: TrunkListener;
  readonly #reportUs = new Map<TrunkEnd, number>();
  /** Which meetings are to use which trunk, open or not. */
  readonly #wanted = new Map<TrunkId, Map<MeetingId, Relation>>();
  /** Links whose other end has been waiting for us. */
  readonly #toJoin: MeetingLink[] = [];

  constructor(host: TrunksHost, listener: TrunkListener) {
    this.#host = host;
    this.#listener = listener;
  }

  /** A trunk of the same id is replaced. Undefined when it went well. The caller flushes and settles, as after `close`. */
  open(nowUs: number, id: TrunkId, transport: TrunkTransport, room: TransportRoom): TrunkRefusal | undefined {
    const former = this.trunks.get(id);
    if (former === undefined && this.trunks.size >= MAX_TRUNKS) return 'trunkLimit';
    if (former !== undefined) this.#close(former, room);
    const trunk = this.#host.openTrunk(nowUs, id, {
      ...transport,
      reducedSizeRtcp: true,
      transportFeedback: true,
      trunk: { rtcpSsrc: RTCP_SSRC, maxStreams: MAX_TRUNK_STREAMS },
    });
    if (trunk === undefined) return 'badTrunk';
    this.trunks.set(id, trunk);
    for (const [meeting, relation] of this.#wanted.get(id) ?? []) this.#attach(meeting, trunk, relation);
    this.#report(nowUs, trunk, undefined);
    return undefined;
  }

  close(nowUs: number, id: TrunkId, room: TransportRoom): void {
    const trunk = this.trunks.get(id);
    if (trunk === undefined) return;
    this.#close(trunk, room);
    this.#report(nowUs, trunk, 'closed');
    this.#reportUs.delete(trunk);
  }

  /** The control stream to the other end is there (again), or broken. Broken, the media goes on. */
  setStream(id: TrunkId, up: boolean): void {
    const trunk = this.trunks.get(id);
    if (trunk === undefined) return;
    trunk.streamUp = up;
    if (!up) return;
    trunk.send({ type: 'hello', version: TRUNK_VERSION, up: trunk.localUp });
    if (trunk.isUp) for (const link of trunk.links.values()) link.ask();
  }

  /** The transport has its keys. */
  connected(nowUs: number, trunk: TrunkEnd): void {
    this.#review(nowUs, trunk);
  }

  /** The transport has ended by itself. */
  ended(nowUs: number, trunk: TrunkEnd, reason: TransportEnd): void {
    if (this.trunks.get(trunk.id) !== trunk) return;
    this.#detach(trunk);
    this.#report(nowUs, trunk, reason);
    this.#reportUs.delete(trunk);
  }

  /** The meeting uses the trunk whenever that is open. */
  link(meeting: MeetingId, id: TrunkId, relation: Relation): void {
    const wanted = this.#wanted.get(id) ?? new Map<MeetingId, Relation>();
    this.#wanted.set(id, wanted.set(meeting, relation));
    const trunk = this.trunks.get(id);
    if (trunk !== undefined) this.#attach(meeting, trunk, relation);
  }

  unlink(meeting: MeetingId, id: TrunkId): void {
    const wanted = this.#wanted.get(id);
    wanted?.delete(meeting);
    if (wanted?.size === 0) this.#wanted.delete(id);
    this.#host.cascadeOf(meeting, false)?.unlink(id);
    this.#host.linkRemoved(meeting);
  }

  /** The meeting is over here. */
  unlinkAll(meeting: MeetingId): void {
    for (const [id, wanted] of this.#wanted) if (wanted.has(meeting)) this.unlink(meeting, id);
  }

  /** What the other end says, as it came: it is looked at here. */
  handleMessage(nowUs: number, id: TrunkId, value: unknown, room: TransportRoom): void {
    const trunk = this.trunks.get(id);
    if (trunk === undefined) return;
    const message = readTrunkMessage(value);
    if (message === undefined) trunk.ignored++;
    else this.#handle(nowUs, trunk, message, room);
  }

  /** Each tick. */
  handleTimeout(nowUs: number): void {
    for (const link of this.#toJoin.splice(0)) this.#join(nowUs, link);
    for (const trunk of this.trunks.values()) {
      this.#review(nowUs, trunk);
      trunk.handleTimeout(nowUs);
      if (nowUs >= (this.#reportUs.get(trunk) ?? 0)) this.#report(nowUs, trunk, undefined);
    }
  }

  #attach(meeting: MeetingId, trunk: TrunkEnd, relation: Relation): void {
    this.#host.cascadeOf(meeting, true)?.link(trunk, relation);
    const link = trunk.links.get(meeting);
    if (trunk.wishes.delete(meeting) && link !== undefined) this.#toJoin.push(link);
  }

  /** Nothing goes over it any more. */
  #detach(trunk: TrunkEnd): void {
    this.trunks.delete(trunk.id);
    trunk.isUp = false;
    for (const { meeting } of [...trunk.links.values()]) {
      this.#host.cascadeOf(meeting, false)?.unlink(trunk.id);
      this.#host.linkRemoved(meeting);
    }
  }

  #close(trunk: TrunkEnd, room: TransportRoom): void {
    this.#detach(trunk);
    this.#reportUs.delete(trunk);
    this.#host.closeTrunk(trunk, room);
  }

  #handle(nowUs: number, trunk: TrunkEnd, message: TrunkMessage, room: TransportRoom): void {
    switch (message.type) {
      case 'hello':
        if (message.version < OLDEST_TRUNK_VERSION) {
          this.#close(trunk, room);
          this.#report(nowUs, trunk, 'version');
          this.#reportUs.delete(trunk);
          return;
        }
        trunk.peerUp = message.up;
        this.#review(nowUs, trunk);
        return;
      case 'health':
        trunk.peerUp = message.up;
        this.#review(nowUs, trunk);
        return;
      case 'link':
        this.#handleLink(nowUs, trunk, message.meeting);
        return;
      case 'unlink':
        trunk.wishes.delete(message.meeting);
        this.#cut(trunk.links.get(message.meeting));
        return;
      default: {
        const link = trunk.links.get(message.meeting);
        const cascade = link === undefined ? undefined : this.#host.cascadeOf(message.meeting, false);
        if (link === undefined || cascade === undefined || !trunk.isUp) trunk.ignored++;
        else cascade.handle(nowUs, link, message);
      }
    }
  }

  #handleLink(nowUs: number, trunk: TrunkEnd, meeting: MeetingId): void {
    const link = trunk.links.get(meeting);
    if (link === undefined) trunk.noteWish(meeting);
    else if (trunk.isUp) this.#join(nowUs, link);
  }

  #join(nowUs: number, link: MeetingLink): void {
    if (link.trunk.links.get(link.meeting) !== link || !link.trunk.isUp) return;
    this.#host.cascadeOf(link.meeting, false)?.join(nowUs, link);
  }

  /** Whether it carries meetings; tells the other end whether we hear it. */
  #review(nowUs: number, trunk: TrunkEnd): void {
    const hears = trunk.hears(nowUs);
    if (hears !== trunk.localUp) {
      trunk.localUp = hears;
      trunk.send({ type: 'health', up: hears });
    }
    const isUp = trunk.localUp && trunk.peerUp;
    if (isUp === trunk.isUp) return;
    trunk.isUp = isUp;
    trunk.wasUp ||= isUp;
    if (isUp) trunk.beginAnew();
    for (const link of trunk.links.values()) {
      if (isUp) link.ask();
      else this.#cut(link);
    }
    if (!isUp) trunk.wishes.clear();
    this.#report(nowUs, trunk, undefined);
  }

  #cut(link: MeetingLink | undefined): void {
    if (link !== undefined) this.#host.cascadeOf(link.meeting, false)?.cut(link);
  }

  #report(nowUs: number, trunk: TrunkEnd, reason: TrunkEndReason | undefined): void {
    this.#reportUs.set(trunk, nowUs + REPORT_INTERVAL_US);
    this.#listener.trunkReported(trunk.id, reportOf(trunk, reason));
  }
}
