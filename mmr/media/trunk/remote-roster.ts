/**
 * Who of a meeting is beyond its links: brings the remote participants and their sources in line with what the neighbours
 * have announced. Whoever is announced twice is taken once: from here, else from the link he was taken from first. Somebody
 * who moves to this worker is taken from the link until what he sends here can take its place.
 */
import type { ParticipantId } from '../../../common/ids.ts';
import { Source } from '../forward/source.ts';
import type { SourceKind } from '../negotiated.ts';
import type { CascadeHost } from './meeting-cascade.ts';
import type { MeetingLink } from './meeting-link.ts';
import { sourceKey } from './read-trunk-message.ts';
import { describeFormat, formatOf } from './relay.ts';
import { negotiatedSource, RemoteParticipant } from './remote-participant.ts';
import { TRUNK_EXTENSIONS, trunkCodecs } from './trunk-codecs.ts';
import type { TrunkId } from './trunk-messages.ts';

export const KINDS: readonly SourceKind[] = ['microphone', 'camera', 'screen'];

export class RemoteRoster {
  readonly remotes = new Map<ParticipantId, RemoteParticipant>();
  /** Those of them who are here, too, and not in flow yet. */
  readonly arriving = new Set<ParticipantId>();
  readonly #host: CascadeHost;
  readonly #links: ReadonlyMap<TrunkId, MeetingLink>;

  constructor(host: CascadeHost, links: ReadonlyMap<TrunkId, MeetingLink>) {
    this.#host = host;
    this.#links = links;
  }

  /** Whether he is here, or was taken from another link. */
  isElsewhere(link: MeetingLink, participant: ParticipantId): boolean {
    const remote = this.remotes.get(participant);
    return this.#host.participants.has(participant) || (remote !== undefined && remote.link !== link);
  }

  /** What the links say of `id`, or whether he is here, may have changed. */
  reconcile(nowUs: number, id: ParticipantId): void {
    const present = this.remotes.get(id);
    const here = this.#host.participants.get(id);
    const link = here?.isInFlow ? undefined : this.#linkTo(id, present?.link);
    if (here !== undefined && link !== undefined) this.arriving.add(id);
    else this.arriving.delete(id);
    if (present !== undefined && present.link !== link) this.#remove(present);
    if (link === undefined) return;
    const remote = this.remotes.get(id) ?? this.#add(id, link);
    for (const kind of KINDS) this.#reconcileSource(nowUs, remote, kind);
    this.#host.allocation.update(remote);
  }

  /** Trunks between the publisher and us; 0 for who is here. */
  hopsTo(source: Source): number {
    if (!source.isRelayed) return 0;
    return this.remotes.get(source.participant)?.remotes.get(source.kind)?.message.hops ?? 0;
  }

  /** What can be sent over `link`: of who came over another one, or is here. */
  sourceFor(link: MeetingLink, id: ParticipantId, kind: SourceKind): Source | undefined {
    const remote = this.remotes.get(id);
    if (remote !== undefined && remote.link !== link) return remote.remotes.get(kind)?.source;
    const local = this.#host.participants.get(id);
    return local?.connected ? local.sources.find((source) => source.kind === kind) : undefined;
  }

  /** He stays with the link that he came over; else the one with the fewest hops. */
  #linkTo(id: ParticipantId, present: MeetingLink | undefined): MeetingLink | undefined {
    if (present !== undefined && hopsOver(present, id) < Number.POSITIVE_INFINITY) return present;
    let nearest: MeetingLink | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const link of this.#links.values()) {
      const hops = hopsOver(link, id);
      if (hops >= fewest) continue;
      fewest = hops;
      nearest = link;
    }
    return nearest;
  }

  #add(id: ParticipantId, link: MeetingLink): RemoteParticipant {
    const remote = new RemoteParticipant(id, link, this.#host.speakers.add(id, true));
    this.remotes.set(id, remote);
    remote.takeLevel();
    return remote;
  }

  #remove(remote: RemoteParticipant): void {
    this.remotes.delete(remote.id);
    this.#host.speakers.remove(remote.speaker);
    for (const kind of KINDS) this.#removeSource(remote, kind);
  }

  #reconcileSource(nowUs: number, remote: RemoteParticipant, kind: SourceKind): void {
    const { id, link } = remote;
    const message = link.heard.get(sourceKey({ participant: id, kind }))?.message;
    const present = remote.remotes.get(kind);
    if (message !== undefined && present !== undefined) {
      if (formatOf(present.source) === describeFormat(message.codecs, message.rids)) {
        present.message = message;
        present.source.setMuted(nowUs, message.muted);
        return;
      }
    }
    this.#removeSource(remote, kind);
    if (message === undefined) return;
    const mid = `${link.trunk.id}/${kind}/${id}`;
    const negotiated = negotiatedSource(message, mid, trunkCodecs(message.codecs));
    const source = new Source(id, negotiated, TRUNK_EXTENSIONS, this.#host.keyframeBudget);
    remote.set({ source, negotiated, message });
  }

  #removeSource(remote: RemoteParticipant, kind: SourceKind): void {
    const present = remote.remotes.get(kind);
    if (present === undefined) return;
    remote.delete(kind);
    remote.link.release(present);
    this.#host.allocation.forget(present.source);
  }
}

/** From whichever source of his; Infinity when the link has none. */
function hopsOver(link: MeetingLink, participant: ParticipantId): number {
  let hops = Number.POSITIVE_INFINITY;
  for (const kind of KINDS) {
    hops = Math.min(hops, link.heard.get(sourceKey({ participant, kind }))?.message.hops ?? hops);
  }
  return hops;
}
