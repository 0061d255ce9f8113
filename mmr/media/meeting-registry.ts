/**
 * All meetings, participants and transports of one worker: who owns which packet, who joins and leaves, what is due.
 * Transports report from inside their calls that they are connected or ended; that takes effect in `settle`, when the
 * packets of the call have been sent.
 */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { EgressGate } from './egress/egress-gate.ts';
import { HeaderMappings } from './egress/header-mapping.ts';
import type { PacketStore } from './egress/packet-store.ts';
import { type RetransmissionCounters, Retransmitter } from './egress/retransmitter.ts';
import { StoredPackets } from './egress/stored-packets.ts';
import type { Speaker } from './forward/active-speaker.ts';
import { Meeting, type MeetingListener } from './meeting.ts';
import { MeetingParticipant } from './meeting-participant.ts';
import type { NegotiatedMedia, NegotiatedTransport, SlotAssignment, SourceKind, ViewEntry } from './negotiated.ts';
import type { PacketPath, PeerDirectory } from './packet-path.ts';
import { PeerTable } from './peer-table.ts';
import { TimerWheel } from './timer-wheel.ts';
import { AddressTable } from './transport/address-table.ts';
import { MAX_EGRESS_STREAMS, Transport } from './transport/transport.ts';
import type { TransportEnd, TransportShell } from './transport/transport-shell.ts';
import type { MeetingCascade } from './trunk/meeting-cascade.ts';
import { TRUNK_EXTENSIONS } from './trunk/trunk-codecs.ts';
import { TrunkEnd } from './trunk/trunk-end.ts';
import type { TrunkId } from './trunk/trunk-messages.ts';
import { type TransportRoom, type TrunkListener, Trunks, type TrunksHost } from './trunk/trunks.ts';

/** As many receivers as a trunk stands for, as far as repairs go: 100 Mb/s of them at most. */
const TRUNK_RECEIVERS = 25;

/** For so long somebody may have two connections, if his client never says that the first is not needed any more. */
export const TWO_CONNECTIONS_US = 10_000_000;
/**
 * For a first connectivity check by the second one. By TURN over TLS that takes the client six round trips, of which one is over
 * when the offer is here: enough for 1 s each.
 */
export const FIRST_CHECK_US = 6_000_000;

/** Why a request about a participant was refused; the control plane maps these to its own errors. */
export type Refusal = 'workerFull' | 'alreadyJoined' | 'noSuchParticipant' | 'badMedia';
/** Why somebody is taken out: he left, an operator or a host wants it, or the host has ended the meeting. */
export type LeaveOrder = 'left' | 'kicked' | 'removed' | 'meetingEnded';
export type LeaveCause = TransportEnd | LeaveOrder | 'meetingClosed';

export interface RegistryListener extends MeetingListener, TrunkListener {
  connected(meeting: MeetingId, participant: ParticipantId): void;
  left(meeting: MeetingId, participant: ParticipantId, cause: LeaveCause): void;
  /** Slots and encodings that follow are those of his connection of this ICE ufrag, which carries `slots` already. */
  connectionChanged(
    meeting: MeetingId,
    participant: ParticipantId,
    ufrag: string,
    slots: readonly SlotAssignment[],
  ): void;
}

/** What the registry needs of the engine. */
export interface TransportIo
  extends PacketStore,
    Pick<TransportShell, 'addRemote' | 'removeRemote' | 'setDestination' | 'setSrtpKeys' | 'openDtls'> {
  openTransport(): number;
  closeTransport(handle: number): void;
  /** The peer does not use the SSRC any more. */
  forgetStream(handle: number, ssrc: number): void;
}

type Peer = MeetingParticipant | TrunkEnd;

/** The connection of somebody who has a second one. */
interface FormerConnection {
  readonly member: MeetingParticipant;
  /** When the other one came. */
  readonly sinceUs: number;
}

interface Ended {
  readonly peer: Peer;
  readonly cause: LeaveCause;
}

export class MeetingRegistry implements PeerDirectory, TrunksHost {
  readonly meetings = new Map<MeetingId, Meeting>();
  /** By their newest connection. */
  readonly participants = new Map<ParticipantId, MeetingParticipant>();
  readonly #former = new Map<ParticipantId, FormerConnection>();
  /** What leaves now, and what waits. */
  readonly gate = new EgressGate();
  readonly retransmissions: RetransmissionCounters = { retransmitted: 0, retransmissionsRefused: 0 };
  readonly trunks: Trunks;
  readonly #peers = new PeerTable<Peer>();
  readonly #mappings = new HeaderMappings();
  readonly #timers = new TimerWheel();
  readonly #io: TransportIo;
  readonly #stored: StoredPackets;
  readonly #listener: RegistryListener;
  readonly #maxParticipants: number;
  readonly #shell: TransportShell;
  readonly #connected: Peer[] = [];
  readonly #ended: Ended[] = [];

  constructor(io: TransportIo, listener: RegistryListener, maxParticipants: number) {
    this.#io = io;
    this.#stored = new StoredPackets(io);
    this.#listener = listener;
    this.#maxParticipants = maxParticipants;
    this.#shell = this.#makeShell();
    this.trunks = new Trunks(this, listener);
  }

  /** Index: transport handle. */
  get byHandle(): readonly (Peer | undefined)[] {
    return this.#peers.byHandle;
  }

  byUfrag(ufrag: string): Peer | undefined {
    return this.#peers.byUfrag(ufrag);
  }

  /** Makes the meeting when it is not there. Undefined when it went well. */
  join(
    nowUs: number,
    id: MeetingId,
    participant: ParticipantId,
    negotiated: NegotiatedTransport,
    media: NegotiatedMedia,
  ): Refusal | undefined {
    if (this.participants.has(participant)) return 'alreadyJoined';
    if (this.participants.size >= this.#maxParticipants) return 'workerFull';
    if (!isCarriable(media) || this.byUfrag(negotiated.localUfrag) !== undefined) return 'badMedia';
    const meeting = this.#meeting(id);
    this.#admit(nowUs, meeting, participant, meeting.speakers.add(participant), negotiated, media);
    return undefined;
  }

  /**
   * A second connection of somebody who is here: another way to the same place. The first one goes on until `settleConnection`
   * or TWO_CONNECTIONS_US later. Of a third, the one that it is beside is that which is connected, else the first.
   */
  openConnection(
    nowUs: number,
    participant: ParticipantId,
    negotiated: NegotiatedTransport,
    media: NegotiatedMedia,
    path: PacketPath,
  ): Refusal | undefined {
    if (!isCarriable(media) || this.byUfrag(negotiated.localUfrag) !== undefined) return 'badMedia';
    if (this.#former.has(participant)) {
      this.#endOneOf(participant, path);
      path.flush();
      this.settle(nowUs);
    }
    const member = this.participants.get(participant);
    const meeting = member && this.meetings.get(member.meeting);
    if (meeting === undefined || member === undefined || member.transport.state === 'closed')
      return 'noSuchParticipant';
    this.#former.set(participant, { member, sinceUs: nowUs });
    this.#admit(nowUs, meeting, participant, member.speaker, negotiated, media);
    this.#listener.connectionChanged(meeting.id, participant, negotiated.localUfrag, []);
    return undefined;
  }

  /**
   * He goes by the second connection: not if that does not stand. Or it is given up, and he goes by the first. The caller flushes and
   * calls `settle` afterwards.
   */
  settleConnection(participant: ParticipantId, isGivenUp: boolean, path: PacketPath): void {
    const newest = this.participants.get(participant);
    if (newest === undefined || !this.#former.has(participant)) return;
    if (isGivenUp) this.#end(newest, path, 'left');
    else if (newest.connected) this.#endOneOf(participant, path);
  }

  #admit(
    nowUs: number,
    meeting: Meeting,
    participant: ParticipantId,
    speaker: Speaker,
    negotiated: NegotiatedTransport,
    media: NegotiatedMedia,
  ): void {
    const handle = this.#io.openTransport();
    const member = new MeetingParticipant(
      meeting.id,
      new Transport(handle, participant, negotiated, media.cname, this.#shell, this.gate, nowUs),
      media,
      speaker,
      (ids, isNumbered) => this.#mappings.for(ids, isNumbered && negotiated.transportFeedback === true),
      new Retransmitter(this.#stored, this.retransmissions, this.gate),
      meeting.keyframeBudget,
    );
    this.participants.set(participant, member);
    this.#seat(member, negotiated.localUfrag);
    meeting.add(member);
  }

  openTrunk(nowUs: number, id: TrunkId, negotiated: NegotiatedTransport): TrunkEnd | undefined {
    if (this.byUfrag(negotiated.localUfrag) !== undefined) return undefined;
    const { gate } = this;
    const handle = this.#io.openTransport();
    // The label is for people: no participant has it.
    const transport = new Transport(
      handle,
      id as string as ParticipantId,
      negotiated,
      'trunk',
      this.#shell,
      gate,
      nowUs,
    );
    const trunk = new TrunkEnd(id, transport, negotiated.initiation !== undefined, {
      gate,
      mapping: this.#mappings.for(TRUNK_EXTENSIONS, true),
      retransmitter: new Retransmitter(this.#stored, this.retransmissions, gate, TRUNK_RECEIVERS),
      forgetStream: (of, ssrc) => this.#io.forgetStream(of, ssrc),
      send: (to, message) => this.#listener.trunkMessage(to, message),
    });
    this.#seat(trunk, negotiated.localUfrag);
    return trunk;
  }

  /** As `leave`. */
  closeTrunk(trunk: TrunkEnd, path: TransportRoom): void {
    if (trunk.transport.state === 'closed') return;
    trunk.transport.close(path.makeTransportRoom());
    this.#ended.push({ peer: trunk, cause: 'left' });
  }

  cascadeOf(id: MeetingId, make: boolean): MeetingCascade | undefined {
    return make ? this.#meeting(id).spread() : this.meetings.get(id)?.cascade;
  }

  linkRemoved(id: MeetingId): void {
    if (this.meetings.get(id)?.isEmpty === true) this.meetings.delete(id);
  }

  update(participant: ParticipantId, media: NegotiatedMedia): Refusal | undefined {
    const member = this.participants.get(participant);
    if (member === undefined) return 'noSuchParticipant';
    if (!isCarriable(media, member)) return 'badMedia';
    member.update(media);
    this.meetings.get(member.meeting)?.update(member);
    return undefined;
  }

  /** Unknown participants are ignored: they may have left while the message was on its way. */
  setView(participant: ParticipantId, view: readonly ViewEntry[]): void {
    const member = this.participants.get(participant);
    if (member !== undefined) this.meetings.get(member.meeting)?.setView(member, view);
  }

  setMuted(nowUs: number, participant: ParticipantId, kind: SourceKind, muted: boolean): void {
    for (const member of this.#connectionsOf(participant)) {
      this.meetings.get(member.meeting)?.setMuted(nowUs, member, kind, muted);
    }
  }

  /** The caller flushes and calls `settle` afterwards. */
  leave(participant: ParticipantId, path: PacketPath, cause: LeaveCause = 'left'): void {
    for (const member of this.#connectionsOf(participant)) this.#end(member, path, cause);
  }

  #end(member: MeetingParticipant, path: PacketPath, cause: LeaveCause): void {
    if (member.transport.state === 'closed') return;
    member.transport.close(path.makeTransportRoom());
    this.#ended.push({ peer: member, cause });
  }

  /** The second one goes on alone if it stands, else the first. */
  #endOneOf(participant: ParticipantId, path: PacketPath): void {
    const newest = this.participants.get(participant);
    const former = this.#former.get(participant)?.member;
    const needless = newest?.connected ? former : newest;
    if (needless !== undefined) this.#end(needless, path, 'left');
  }

  #connectionsOf(participant: ParticipantId): MeetingParticipant[] {
    const former = this.#former.get(participant)?.member;
    return [former, this.participants.get(participant)].filter((member) => member !== undefined);
  }

  /** With its links to other workers. */
  closeMeeting(meeting: MeetingId, path: PacketPath): void {
    this.trunks.unlinkAll(meeting);
    for (const participant of this.meetings.get(meeting)?.participants.keys() ?? []) {
      this.leave(participant, path, 'meetingClosed');
    }
  }

  /** Everything that is due at `nowUs`; the caller flushes and calls `settle` afterwards. */
  handleTimeout(nowUs: number, path: PacketPath): void {
    for (let handle = this.#timers.takeDue(nowUs); handle >= 0; handle = this.#timers.takeDue(nowUs)) {
      const transport = this.byHandle[handle]?.transport;
      if (transport === undefined) continue;
      if (transport.nextTimeoutUs() <= nowUs) transport.handleTimeout(nowUs, path.makeTransportRoom());
      if (transport.state !== 'closed') this.#timers.schedule(handle, transport.nextTimeoutUs());
    }
    this.trunks.handleTimeout(nowUs);
    for (const [participant, { sinceUs }] of this.#former) {
      const isReached = this.participants.get(participant)?.transport.ice.selected !== undefined;
      if (nowUs >= sinceUs + (isReached ? TWO_CONNECTIONS_US : FIRST_CHECK_US)) this.#endOneOf(participant, path);
    }
    for (const meeting of this.meetings.values()) {
      if (meeting.nextTimeoutUs() <= nowUs) meeting.handleTimeout(nowUs);
    }
    path.release(nowUs);
  }

  /** What transports reported since the last time takes effect. Call it when their packets have been flushed. */
  settle(nowUs: number): void {
    if (this.#connected.length > 0) this.#settleConnected(nowUs);
    if (this.#ended.length > 0) this.#settleEnded(nowUs);
  }

  #settleConnected(nowUs: number): void {
    for (const peer of this.#connected.splice(0)) {
      if (peer.transport.state !== 'connected') continue;
      if (peer instanceof TrunkEnd) {
        this.trunks.connected(nowUs, peer);
        continue;
      }
      this.meetings.get(peer.meeting)?.connected(nowUs, peer);
      this.#listener.connected(peer.meeting, peer.id);
    }
  }

  #settleEnded(nowUs: number): void {
    for (const { peer, cause } of this.#ended.splice(0)) {
      const { handle } = peer.transport;
      this.#peers.remove(peer);
      this.#timers.cancel(handle);
      this.#io.closeTransport(handle);
      if (peer instanceof TrunkEnd) {
        this.trunks.ended(nowUs, peer, cause as TransportEnd); // one that was closed by us is forgotten already
        continue;
      }
      this.#remove(peer, cause);
    }
  }

  /** Whoever has another connection goes on by that one. */
  #remove(peer: MeetingParticipant, cause: LeaveCause): void {
    const { id } = peer;
    const meeting = this.meetings.get(peer.meeting);
    meeting?.remove(peer);
    const former = this.#former.get(id)?.member;
    this.#former.delete(id);
    if (this.participants.get(id) === peer) {
      if (former !== undefined && former.transport.state !== 'closed') {
        this.participants.set(id, former);
        const slots = meeting?.resume(former) ?? [];
        this.#listener.connectionChanged(peer.meeting, id, this.#peers.ufragOf(former) ?? '', slots);
        meeting?.allocation.repeat(former);
      } else {
        this.participants.delete(id);
        this.#listener.left(peer.meeting, id, cause);
      }
    }
    if (meeting?.isEmpty === true) this.meetings.delete(peer.meeting);
  }

  #meeting(id: MeetingId): Meeting {
    const meeting = this.meetings.get(id) ?? new Meeting(id, this.#listener);
    this.meetings.set(id, meeting);
    return meeting;
  }

  #seat(peer: Peer, ufrag: string): void {
    this.#peers.add(peer, ufrag);
    this.#timers.schedule(peer.transport.handle, peer.transport.nextTimeoutUs());
  }

  #makeShell(): TransportShell {
    const io = this.#io;
    return {
      addresses: new AddressTable(),
      addRemote: (handle, address) => io.addRemote(handle, address),
      removeRemote: (address) => io.removeRemote(address),
      setDestination: (handle, address) => io.setDestination(handle, address),
      setSrtpKeys: (handle, keys, maxStreams) => io.setSrtpKeys(handle, keys, maxStreams),
      openDtls: (handle, role) => io.openDtls(handle, role),
      wake: (transport, atUs) => this.#timers.schedule(transport.handle, atUs),
      connected: (transport) => {
        const peer = this.byHandle[transport.handle];
        if (peer !== undefined) this.#connected.push(peer);
      },
      closed: (transport, cause) => {
        const peer = this.byHandle[transport.handle];
        if (peer !== undefined) this.#ended.push({ peer, cause });
      },
    };
  }
}

/** Within the caps together with what `member` has already, every SSRC, mid and kind of source once, and a codec for each. */
function isCarriable(media: NegotiatedMedia, member?: MeetingParticipant): boolean {
  const newSources = media.sources.filter(({ mid }) => !member?.sources.some((source) => source.mid === mid));
  const newSlots = media.slots.filter(({ mid }) => !member?.slots.some(({ slot }) => slot.mid === mid));
  const sources = [...(member?.sources ?? []), ...newSources];
  const slots = [...(member?.slots.map(({ slot }) => slot) ?? []), ...newSlots];
  if (slots.length > MAX_EGRESS_STREAMS) return false;
  const kinds = new Set(sources.map(({ kind }) => kind));
  const mids = new Set([...sources, ...slots].map(({ mid }) => mid));
  const ssrcs = new Set(slots.map(({ ssrc }) => ssrc));
  const everyCodec = [...sources, ...slots].every(({ codecs }) => codecs.length > 0);
  const isEachOnce =
    kinds.size === sources.length && ssrcs.size === slots.length && mids.size === sources.length + slots.length;
  return isEachOnce && everyCodec;
}
