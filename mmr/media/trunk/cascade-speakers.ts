/**
 * Speakers of a meeting that spans workers are ranked once, by the root of its tree: each worker reports the loudest
 * candidates of its part to its parent, and adopts the ranking that comes down. A part without a parent ranks itself.
 */
import type { ParticipantId } from '../../../common/ids.ts';
import type { ActiveSpeakers, SpeakerRanking } from '../forward/active-speaker.ts';
import type { MeetingLink, Relation } from './meeting-link.ts';
import type { RemoteParticipant } from './remote-participant.ts';
import type { RankingMessage, SpeakerLevel, TrunkId } from './trunk-messages.ts';

/** Of the ranking that the root sends down. */
const MAX_HEARD_FIRST = 32;
const MAX_SEEN_FIRST = 64;

export class CascadeSpeakers {
  readonly #speakers: ActiveSpeakers;
  readonly #links: ReadonlyMap<TrunkId, MeetingLink>;
  readonly #remotes: ReadonlyMap<ParticipantId, RemoteParticipant>;

  constructor(
    speakers: ActiveSpeakers,
    links: ReadonlyMap<TrunkId, MeetingLink>,
    remotes: ReadonlyMap<ParticipantId, RemoteParticipant>,
  ) {
    this.#speakers = speakers;
    this.#links = links;
    this.#remotes = remotes;
  }

  /** Candidates go up, the ranking goes down, if they are others than before. */
  exchange(): void {
    const parent = this.#parent;
    if (parent !== undefined) parent.tellLevels(this.#speakers.candidates);
    const ranking = parent?.ranking ?? this.#own();
    for (const link of this.#links.values()) {
      if (link.isJoined && link.relation === 'child') link.tellRanking(ranking);
    }
  }

  /** Of a child. True when an order has changed. */
  handleLevels(link: MeetingLink, levels: readonly SpeakerLevel[]): boolean {
    if (link.relation !== 'child') return false;
    link.levels = new Map(levels.map((level) => [level.participant, level]));
    this.#report(link);
    const hasChanged = this.#speakers.promote();
    this.exchange();
    return hasChanged;
  }

  /** Of the parent. True when it counts. */
  handleRanking(link: MeetingLink, ranking: RankingMessage): boolean {
    if (link !== this.#parent) return false;
    link.ranking = ranking;
    this.#speakers.adopt(ranking);
    this.exchange();
    return true;
  }

  /** The root is on another side of the link than before. */
  turn(link: MeetingLink, relation: Relation): void {
    link.turn(relation);
    this.#report(link);
    this.handleParent();
    this.exchange();
  }

  /** A parent may have come or gone. */
  handleParent(): void {
    this.#speakers.adopt(this.#parent?.ranking);
  }

  get #parent(): MeetingLink | undefined {
    for (const link of this.#links.values()) if (link.isJoined && link.relation === 'parent') return link;
    return undefined;
  }

  #report(link: MeetingLink): void {
    for (const remote of this.#remotes.values()) if (remote.link === link) remote.takeLevel();
  }

  #own(): SpeakerRanking {
    const { byLoudness, byPresence, speaking } = this.#speakers;
    const nameOf = ({ participant }: { readonly participant: ParticipantId }) => participant;
    return {
      heard: byLoudness.slice(0, MAX_HEARD_FIRST).map(nameOf),
      seen: byPresence.slice(0, MAX_SEEN_FIRST).map(nameOf),
      speaking,
    };
  }
}
