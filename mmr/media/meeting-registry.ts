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
import { Meeting, type MeetingListener } from './meeting.ts';
import { MeetingParticipant } from './meeting-participant.ts';
import type { NegotiatedMedia, NegotiatedTransport, SourceKind, ViewEntry } from './negotiated.ts';
import type { PacketPath, ParticipantDirectory } from './packet-path.ts';
import { TimerWheel } from './timer-wheel.ts';
import { AddressTable } from './transport/address-table.ts';
import { MAX_EGRESS_STREAMS, Transport } from './transport/transport.ts';
import type { TransportEnd, TransportShell } from './transport/transport-shell.ts';

/** Why a request about a participant was refused; the control plane maps these to its own errors. */
export type Refusal = 'workerFull' | 'alreadyJoined' | 'noSuchParticipant' | 'badMedia';
export type LeaveCause = TransportEnd | 'left' | 'meetingClosed';

export interface RegistryListener extends MeetingListener {
  connected(meeting: MeetingId, participant: ParticipantId): void;
  left(meeting: MeetingId, participant: ParticipantId, cause: LeaveCause): void;
}

/** What the registry needs of the engine. */
export interface TransportIo
  extends PacketStore,
    Pick<TransportShell, 'addRemote' | 'removeRemote' | 'setDestination' | 'setSrtpKeys' | 'openDtls'> {
  openTransport(): number;
  closeTransport(handle: number): void;
}

interface Ended {
  readonly participant: MeetingParticipant;
  readonly cause: LeaveCause;
}

export class MeetingRegistry implements ParticipantDirectory {
  /** Index: transport handle. */
  readonly byHandle: (MeetingParticipant | undefined)[] = [];
  readonly meetings = new Map<MeetingId, Meeting>();
  readonly participants = new Map<ParticipantId, MeetingParticipant>();
  /** What leaves now, and what waits. */
  readonly gate = new EgressGate();
  readonly retransmissions: RetransmissionCounters = { retransmitted: 0, retransmissionsRefused: 0 };
  readonly #byUfrag = new Map<string, MeetingParticipant>();
  readonly #ufrags = new Map<MeetingParticipant, string>();
  readonly #mappings = new HeaderMappings();
  readonly #timers = new TimerWheel();
  readonly #io: TransportIo;
  readonly #stored: StoredPackets;
  readonly #listener: RegistryListener;
  readonly #maxParticipants: number;
  readonly #shell: TransportShell;
  readonly #connected: MeetingParticipant[] = [];
  readonly #ended: Ended[] = [];

  constructor(io: TransportIo, listener: RegistryListener, maxParticipants: number) {
    this.#io = io;
    this.#stored = new StoredPackets(io);
    this.#listener = listener;
    this.#maxParticipants = maxParticipants;
    this.#shell = this.#makeShell();
  }

  byUfrag(ufrag: string): MeetingParticipant | undefined {
    return this.#byUfrag.get(ufrag);
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
    if (!isCarriable(media) || this.#byUfrag.has(negotiated.localUfrag)) return 'badMedia';
    const meeting = this.meetings.get(id) ?? new Meeting(id, this.#listener);
    this.meetings.set(id, meeting);
    const handle = this.#io.openTransport();
    const member = new MeetingParticipant(
      id,
      new Transport(handle, participant, negotiated, media.cname, this.#shell, this.gate, nowUs),
      media,
      meeting.speakers.add(participant),
      (ids, isNumbered) => this.#mappings.for(ids, isNumbered && negotiated.transportFeedback === true),
      new Retransmitter(this.#stored, this.retransmissions, this.gate),
      meeting.keyframeBudget,
    );
    this.byHandle[handle] = member;
    this.participants.set(participant, member);
    this.#byUfrag.set(negotiated.localUfrag, member);
    this.#ufrags.set(member, negotiated.localUfrag);
    this.#timers.schedule(handle, member.transport.nextTimeoutUs());
    meeting.add(member);
    return undefined;
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
    const member = this.participants.get(participant);
    if (member !== undefined) this.meetings.get(member.meeting)?.setMuted(nowUs, member, kind, muted);
  }

  /** The caller flushes and calls `settle` afterwards. */
  leave(participant: ParticipantId, path: PacketPath, cause: LeaveCause = 'left'): void {
    const member = this.participants.get(participant);
    if (member === undefined || member.transport.state === 'closed') return;
    member.transport.close(path.makeTransportRoom());
    this.#ended.push({ participant: member, cause });
  }

  closeMeeting(meeting: MeetingId, path: PacketPath): void {
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
    for (const meeting of this.meetings.values()) {
      if (meeting.nextTimeoutUs() <= nowUs) meeting.handleTimeout(nowUs);
    }
    path.release(nowUs);
  }

  /** What transports reported since the last time takes effect. Call it when their packets have been flushed. */
  settle(nowUs: number): void {
    if (this.#connected.length > 0) this.#settleConnected(nowUs);
    if (this.#ended.length > 0) this.#settleEnded();
  }

  #settleConnected(nowUs: number): void {
    for (const participant of this.#connected.splice(0)) {
      if (participant.transport.state !== 'connected') continue;
      this.meetings.get(participant.meeting)?.connected(nowUs, participant);
      this.#listener.connected(participant.meeting, participant.id);
    }
  }

  #settleEnded(): void {
    for (const { participant, cause } of this.#ended.splice(0)) {
      const { handle } = participant.transport;
      this.byHandle[handle] = undefined;
      this.#timers.cancel(handle);
      this.participants.delete(participant.id);
      this.#byUfrag.delete(this.#ufrags.get(participant) ?? '');
      this.#ufrags.delete(participant);
      this.#io.closeTransport(handle);
      const meeting = this.meetings.get(participant.meeting);
      meeting?.remove(participant);
      if (meeting?.participants.size === 0) this.meetings.delete(participant.meeting);
      this.#listener.left(participant.meeting, participant.id, cause);
    }
  }

  #makeShell(): TransportShell {
    const io = this.#io;
    return {
      addresses: new AddressTable(),
      addRemote: (handle, address) => io.addRemote(handle, address),
      removeRemote: (address) => io.removeRemote(address),
      setDestination: (handle, address) => io.setDestination(handle, address),
      setSrtpKeys: (handle, keys) => io.setSrtpKeys(handle, keys),
      openDtls: (handle) => io.openDtls(handle),
      wake: (transport, atUs) => this.#timers.schedule(transport.handle, atUs),
      connected: (transport) => {
        const participant = this.byHandle[transport.handle];
        if (participant !== undefined) this.#connected.push(participant);
      },
      closed: (transport, cause) => {
        const participant = this.byHandle[transport.handle];
        if (participant !== undefined) this.#ended.push({ participant, cause });
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
