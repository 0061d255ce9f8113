/**
 * One meeting over one trunk, seen from one end: what the other end has announced, what we demand of it, what it demands of
 * us, and what we have told it. Says only what has changed, and everything when asked.
 */
import type { MeetingId, ParticipantId } from '../../../common/ids.ts';
import type { Speaker, SpeakerRanking } from '../forward/active-speaker.ts';
import { sourceKey } from './read-trunk-message.ts';
import { Reception, sortedRids } from './reception.ts';
import type { Relay } from './relay.ts';
import type { RemoteSource } from './remote-participant.ts';
import type { TrunkEnd } from './trunk-end.ts';
import type { RankingMessage, SourceMessage, SourceName, SpeakerLevel } from './trunk-messages.ts';

/** Which way the root of the meeting's tree is. */
export type Relation = 'parent' | 'child';

export interface HeardSource {
  readonly message: SourceMessage;
  /** Said since the last resynchronisation. */
  isConfirmed: boolean;
}

/** Sources of one meeting that one neighbour may announce. */
export const MAX_HEARD_SOURCES = 10_000;

export class MeetingLink {
  readonly meeting: MeetingId;
  readonly trunk: TrunkEnd;
  relation: Relation;
  /** The trunk is up and the other end takes part. */
  isJoined = false;
  readonly heard = new Map<string, HeardSource>();
  readonly relays = new Map<string, Relay>();
  /** Of a child: its candidates. */
  levels: ReadonlyMap<ParticipantId, SpeakerLevel> = new Map();
  /** Of the parent. */
  ranking: RankingMessage | undefined;
  readonly #told = new Map<string, SourceMessage>();
  readonly #receptions = new Map<string, Reception>();
  #toldLevels = '';
  #toldRanking = '';

  constructor(meeting: MeetingId, trunk: TrunkEnd, relation: Relation) {
    this.meeting = meeting;
    this.trunk = trunk;
    this.relation = relation;
  }

  /** Takes part, and asks to be told everything. */
  ask(): void {
    for (const heard of this.heard.values()) heard.isConfirmed = false;
    for (const relay of this.relays.values()) relay.isConfirmed = false;
    this.trunk.send({ type: 'link', meeting: this.meeting });
  }

  /** The other end asks: what has been told before counts for nothing. */
  forgetTold(): void {
    this.#told.clear();
    this.#toldLevels = '';
    this.#toldRanking = '';
  }

  /** The root is elsewhere now. Media goes on as it is. */
  turn(relation: Relation): void {
    this.relation = relation;
    this.levels = new Map();
    this.ranking = undefined;
    this.#toldLevels = '';
    this.#toldRanking = '';
  }

  /** Repeats all demands. */
  repeatDemands(): void {
    for (const reception of this.#receptions.values()) this.#sendDemand(reception);
  }

  /** What the other end may demand of us from now on as `name`; undefined: nothing. */
  tell(name: SourceName, message: SourceMessage | undefined): void {
    const key = sourceKey(name);
    const told = this.#told.get(key);
    if (message === undefined) {
      if (this.#told.delete(key)) this.trunk.send({ type: 'withdraw', ...name });
      return;
    }
    if (told !== undefined && isSame(told, message)) return;
    this.#told.set(key, message);
    this.trunk.send(message);
  }

  /** Demands a source of the other end, or releases it: as its `wanted` says. */
  demand(remote: RemoteSource): void {
    const { source, wanted } = remote;
    const key = sourceKey(source);
    const known = this.#receptions.get(key);
    if (wanted.told === undefined) {
      this.#end(key, source);
      return;
    }
    if (known !== undefined && known.source !== source) this.#end(key, known.source);
    const reception = this.#receptions.get(key) ?? this.#begin(key, remote);
    if (reception === undefined) {
      // Asked again before long.
      wanted.told = undefined;
      return;
    }
    reception.maxHeight = wanted.told;
    this.#sendDemand(reception);
  }

  /** The other end does not know a demand of ours any more: makes it anew. */
  renew({ ssrc, ...name }: SourceName & { readonly ssrc: number }, remote: RemoteSource | undefined): void {
    const key = sourceKey(name);
    const known = this.#receptions.get(key);
    if (known?.ssrc !== ssrc) return;
    this.#receptions.delete(key);
    this.#drop(known);
    if (remote?.source === known.source) this.demand(remote);
  }

  /** The source is gone, or comes over another link. */
  release(remote: RemoteSource): void {
    if (this.#receptions.get(sourceKey(remote.source))?.source === remote.source) {
      this.#end(sourceKey(remote.source), remote.source);
    }
  }

  /** To the parent. */
  tellLevels(candidates: readonly Speaker[]): void {
    const levels = candidates.map(({ participant, loudness, presence }) => ({
      participant,
      loudness: Math.round(loudness),
      presence: Math.round(presence),
    }));
    const text = JSON.stringify(levels);
    if (text === this.#toldLevels || (levels.length === 0 && this.#toldLevels === '')) return;
    this.#toldLevels = text;
    this.trunk.send({ type: 'levels', meeting: this.meeting, levels });
  }

  /** To a child. */
  tellRanking({ heard, seen, speaking }: SpeakerRanking): void {
    const text = JSON.stringify([heard, seen, speaking]);
    if (text === this.#toldRanking) return;
    this.#toldRanking = text;
    this.trunk.send({ type: 'ranking', meeting: this.meeting, heard, seen, speaking });
  }

  /** Nothing comes or goes over it any more. Says nothing: the other end sees the same, or is told by who calls. */
  cut(): void {
    this.isJoined = false;
    this.heard.clear();
    this.levels = new Map();
    this.ranking = undefined;
    this.forgetTold();
    for (const reception of this.#receptions.values()) this.#drop(reception);
    this.#receptions.clear();
  }

  #sendDemand({ source: { participant, kind }, ssrc, maxHeight: height }: Reception): void {
    const maxHeight = height === Number.POSITIVE_INFINITY ? 0 : height;
    this.trunk.send({ type: 'demand', meeting: this.meeting, participant, kind, ssrc, maxHeight });
  }

  #begin(key: string, { source, negotiated }: RemoteSource): Reception | undefined {
    const ssrc = this.trunk.takeSsrcs();
    if (ssrc === undefined) return undefined;
    const reception = new Reception(this.trunk, source, negotiated, ssrc);
    this.#receptions.set(key, reception);
    return reception;
  }

  #end(key: string, { participant, kind }: Pick<SourceName, 'participant' | 'kind'>): void {
    const reception = this.#receptions.get(key);
    if (reception === undefined) return;
    this.#receptions.delete(key);
    this.#drop(reception);
    this.trunk.send({ type: 'release', meeting: this.meeting, participant, kind });
  }

  #drop(reception: Reception): void {
    reception.end();
    this.trunk.returnSsrcs();
  }
}

/** The order of encodings means nothing: it changes when their heights become known. */
function isSame(a: SourceMessage, b: SourceMessage): boolean {
  const text = ({ hops, muted, codecs, rids }: SourceMessage) =>
    JSON.stringify([hops, muted, codecs, sortedRids(rids)]);
  return text(a) === text(b);
}
