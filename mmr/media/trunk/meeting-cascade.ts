/**
 * A meeting that spans workers, on one of them: its links to the neighbours in the meeting's tree. Split horizon: what
 * came over a link is announced on the others, never back, and no further than MAX_HOPS. Messages only mark what may have
 * changed; `handleTimeout` brings everything in line with it, so that it does not matter in which order things were said.
 */
import type { MeetingId, ParticipantId } from '../../../common/ids.ts';
import type { MeetingAllocation } from '../allocation/meeting-allocation.ts';
import type { ActiveSpeakers } from '../forward/active-speaker.ts';
import type { KeyframeBudget } from '../forward/keyframe-budget.ts';
import type { Source } from '../forward/source.ts';
import { CascadeSpeakers } from './cascade-speakers.ts';
import { MAX_HEARD_SOURCES, MeetingLink, type Relation } from './meeting-link.ts';
import { sourceKey } from './read-trunk-message.ts';
import type { Relay } from './relay.ts';
import { RelayLayers } from './relay-layers.ts';
import type { RemoteParticipant } from './remote-participant.ts';
import { KINDS, RemoteRoster } from './remote-roster.ts';
import { announcedCodecs } from './trunk-codecs.ts';
import type { TrunkEnd } from './trunk-end.ts';
import type { DemandMessage, SourceMessage, SourceName, TrunkId, TrunkMessage } from './trunk-messages.ts';

/** Trunks between a publisher and his farthest viewer. Trees of two zones have three: branch, root, root, branch. */
export const MAX_HOPS = 8;
/** How often somebody on the way to this worker is looked at: a key frame and little more is sent again when he is there. */
const ARRIVAL_LOOK_US = 20_000;

/** Somebody who publishes on this worker. */
export interface Publisher {
  readonly id: ParticipantId;
  readonly connected: boolean;
  /** Media flows, and of each of his pictures there has been a key frame. */
  readonly isInFlow: boolean;
  readonly sources: readonly Source[];
}

/** The meeting. */
export interface CascadeHost {
  readonly id: MeetingId;
  /** Those on this worker. */
  readonly participants: ReadonlyMap<ParticipantId, Publisher>;
  readonly speakers: ActiveSpeakers;
  readonly allocation: MeetingAllocation;
  readonly keyframeBudget: KeyframeBudget;
  /** Sources have come or gone: slots are to be assigned again. */
  invalidateAssignment(): void;
}

export type MeetingMessage = Exclude<TrunkMessage, { readonly type: 'hello' | 'health' | 'link' | 'unlink' }>;

export class MeetingCascade {
  readonly links = new Map<TrunkId, MeetingLink>();
  /** Announcements not taken because they had come too far: loops. */
  refusedHops = 0;
  /** Announcements of somebody who is here or comes over another link. */
  duplicates = 0;
  /** Announcements and demands beyond what is kept, and demands for what is not here. */
  refused = 0;
  readonly #host: CascadeHost;
  readonly #roster: RemoteRoster;
  readonly #speakers: CascadeSpeakers;
  readonly #dirty = new Set<ParticipantId>();
  #lookUs = Number.NEGATIVE_INFINITY;
  #demandsChanged = false;

  constructor(host: CascadeHost) {
    this.#host = host;
    this.#roster = new RemoteRoster(host, this.links);
    this.#speakers = new CascadeSpeakers(host.speakers, this.links, this.#roster.remotes);
  }

  /** Those beyond the links. */
  get remotes(): ReadonlyMap<ParticipantId, RemoteParticipant> {
    return this.#roster.remotes;
  }

  /** The same again changes nothing; another relation only who ranks the speakers. */
  link(trunk: TrunkEnd, relation: Relation): void {
    const known = this.links.get(trunk.id);
    if (known?.trunk === trunk) {
      if (known.relation === relation) return;
      this.#speakers.turn(known, relation);
      this.#host.invalidateAssignment();
      return;
    }
    if (known !== undefined) this.unlink(trunk.id);
    const link = new MeetingLink(this.#host.id, trunk, relation);
    this.links.set(trunk.id, link);
    trunk.addLink(link);
  }

  unlink(trunk: TrunkId): void {
    const link = this.links.get(trunk);
    if (link === undefined) return;
    this.links.delete(trunk);
    link.trunk.removeLink(link);
    this.cut(link);
  }

  /** The other end takes part, and asks for everything. */
  join(nowUs: number, link: MeetingLink): void {
    link.isJoined = true;
    link.forgetTold();
    this.#settle(nowUs);
    for (const id of [...this.#host.participants.keys(), ...this.remotes.keys()]) this.#tellOf(nowUs, id, link);
    link.repeatDemands();
    this.#speakers.exchange();
    link.trunk.send({ type: 'synced', meeting: link.meeting });
  }

  /** The trunk is down, or the other end takes no part any more. */
  cut(link: MeetingLink): void {
    for (const { message } of link.heard.values()) this.#dirty.add(message.participant);
    for (const relay of [...link.relays.values()]) this.#closeRelay(link, relay);
    link.cut();
    this.#speakers.handleParent();
    this.#host.invalidateAssignment();
  }

  handle(nowUs: number, link: MeetingLink, message: MeetingMessage): void {
    switch (message.type) {
      case 'source':
        this.#handleSource(link, message);
        return;
      case 'withdraw':
        if (link.heard.delete(sourceKey(message))) this.#dirty.add(message.participant);
        return;
      case 'demand':
        this.#handleDemand(nowUs, link, message);
        return;
      case 'release':
        this.#closeRelay(link, link.relays.get(sourceKey(message)));
        return;
      case 'renew':
        link.renew(message, this.remotes.get(message.participant)?.remotes.get(message.kind));
        return;
      case 'synced':
        this.#handleSynced(link);
        return;
      case 'levels':
        if (this.#speakers.handleLevels(link, message.levels)) this.#host.invalidateAssignment();
        return;
      case 'ranking':
        if (this.#speakers.handleRanking(link, message)) this.#host.invalidateAssignment();
        return;
    }
  }

  /** Something about somebody on this worker has changed: he came, went, has other sources, or has muted one. */
  invalidate(participant: ParticipantId): void {
    this.#dirty.add(participant);
  }

  nextTimeoutUs(): number {
    if (this.#dirty.size > 0 || this.#demandsChanged) return Number.NEGATIVE_INFINITY;
    return this.#roster.arriving.size > 0 ? this.#lookUs : Number.POSITIVE_INFINITY;
  }

  handleTimeout(nowUs: number): void {
    if (nowUs >= this.#lookUs) {
      this.#lookUs = nowUs + ARRIVAL_LOOK_US;
      for (const id of this.#roster.arriving) if (this.#host.participants.get(id)?.isInFlow) this.#dirty.add(id);
    }
    this.#settle(nowUs);
    if (!this.#demandsChanged) return;
    this.#demandsChanged = false;
    this.#host.allocation.handleAssignment(nowUs);
  }

  /** Speakers have been judged anew. Each DECISION_INTERVAL_US. */
  handleSpeakers(): void {
    this.#speakers.exchange();
  }

  #handleSource(link: MeetingLink, message: SourceMessage): void {
    const key = sourceKey(message);
    this.#dirty.add(message.participant);
    if (message.hops > MAX_HOPS) {
      this.refusedHops++;
      link.heard.delete(key);
      return;
    }
    if (!link.heard.has(key)) {
      if (link.heard.size >= MAX_HEARD_SOURCES) {
        this.refused++;
        return;
      }
      if (this.#roster.isElsewhere(link, message.participant)) this.duplicates++;
    }
    link.heard.set(key, { message, isConfirmed: true });
  }

  /** What was not repeated since we asked is gone. */
  #handleSynced(link: MeetingLink): void {
    for (const [key, { message, isConfirmed }] of link.heard) {
      if (isConfirmed) continue;
      link.heard.delete(key);
      this.#dirty.add(message.participant);
    }
    for (const relay of [...link.relays.values()]) if (!relay.isConfirmed) this.#closeRelay(link, relay);
  }

  #handleDemand(nowUs: number, link: MeetingLink, message: DemandMessage): void {
    const key = sourceKey(message);
    const source = this.#roster.sourceFor(link, message.participant, message.kind);
    let relay = link.relays.get(key);
    if (relay !== undefined && relay.ssrc !== message.ssrc) {
      this.#closeRelay(link, relay);
      relay = undefined;
    }
    if (relay === undefined && source !== undefined && !link.trunk.isUnused(message.ssrc)) {
      // We have given up what the other end thinks that it still has.
      const { meeting, participant, kind, ssrc } = message;
      link.trunk.send({ type: 'renew', meeting, participant, kind, ssrc });
      return;
    }
    if (relay === undefined) {
      relay = source === undefined ? undefined : link.trunk.openRelay(message, source);
      if (relay === undefined) {
        this.refused++;
        return;
      }
      link.relays.set(key, relay);
      this.#host.allocation.relays.add(relay);
    }
    relay.isConfirmed = true;
    relay.maxHeight = message.maxHeight === 0 ? Number.POSITIVE_INFINITY : message.maxHeight;
    this.#feed(nowUs, relay, source);
    link.trunk.invalidateAllocation();
    this.#demandsChanged = true;
  }

  #feed(nowUs: number, relay: Relay, source: Source | undefined): void {
    if (relay.source === source) return;
    const layers = this.#host.allocation.layersOf(source);
    relay.setSource(nowUs, source, layers === undefined ? undefined : new RelayLayers(layers));
    this.#demandsChanged = true;
  }

  #closeRelay(link: MeetingLink, relay: Relay | undefined): void {
    if (relay === undefined) return;
    link.relays.delete(sourceKey(relay.name));
    this.#host.allocation.relays.delete(relay);
    link.trunk.closeRelay(relay);
    this.#demandsChanged = true;
  }

  /** Brings who is beyond the links, what the links are told, and what is sent over them in line with what is known. */
  #settle(nowUs: number): void {
    if (this.#dirty.size === 0) return;
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const id of dirty) this.#roster.reconcile(nowUs, id);
    for (const link of this.links.values()) {
      if (link.isJoined) for (const id of dirty) this.#tellOf(nowUs, id, link);
    }
    this.#host.invalidateAssignment();
  }

  /** Tells one neighbour what there is of one participant, and lets what it has demanded of him follow. */
  #tellOf(nowUs: number, id: ParticipantId, link: MeetingLink): void {
    for (const kind of KINDS) {
      const name = { meeting: this.#host.id, participant: id, kind };
      const source = this.#roster.sourceFor(link, id, kind);
      link.tell(name, source === undefined ? undefined : this.#announcement(name, source));
      const relay = link.relays.get(sourceKey(name));
      if (relay === undefined) continue;
      this.#feed(nowUs, relay, source);
      link.trunk.invalidateAllocation();
    }
  }

  /** Undefined when it has come as far as it may. */
  #announcement(name: SourceName, source: Source): SourceMessage | undefined {
    const hops = this.#roster.hopsTo(source) + 1;
    if (hops > MAX_HOPS) return undefined;
    const { codecs, encodings, muted } = source;
    const rids = encodings.map(({ rid }) => rid);
    return { type: 'source', ...name, hops, muted, codecs: announcedCodecs(codecs), rids };
  }
}
