/** Somebody who is on another worker, as his meeting knows him here: his sources come over a trunk. */
import type { ParticipantId } from '../../../common/ids.ts';
import type { Speaker } from '../forward/active-speaker.ts';
import type { Source } from '../forward/source.ts';
import type { NegotiatedSource, SourceKind } from '../negotiated.ts';
import type { MeetingLink } from './meeting-link.ts';
import type { SourceMessage } from './trunk-messages.ts';
import { WantedHeight } from './wanted-height.ts';

/** One source of his. */
export interface RemoteSource {
  readonly source: Source;
  readonly negotiated: NegotiatedSource;
  message: SourceMessage;
  /** What we have demanded of it. */
  readonly wanted: WantedHeight;
}

export class RemoteParticipant {
  readonly id: ParticipantId;
  /** The link his sources come over. */
  readonly link: MeetingLink;
  readonly speaker: Speaker;
  /** His own worker announces him only then. */
  readonly connected = true;
  readonly remotes = new Map<SourceKind, RemoteSource>();
  #sources: readonly Source[] = [];

  constructor(id: ParticipantId, link: MeetingLink, speaker: Speaker) {
    this.id = id;
    this.link = link;
    this.speaker = speaker;
  }

  get sources(): readonly Source[] {
    return this.#sources;
  }

  set(remote: Omit<RemoteSource, 'wanted'>): void {
    this.remotes.set(remote.source.kind, { ...remote, wanted: new WantedHeight() });
    this.#list();
  }

  delete(kind: SourceKind): void {
    this.remotes.delete(kind);
    this.#list();
  }

  /** The scores that his side of the tree has reported. */
  takeLevel(): void {
    const level = this.link.levels.get(this.id);
    this.speaker.report(level?.loudness ?? 0, level?.presence ?? 0);
  }

  /** The source of `kind`; undefined when there is none, or it is muted. */
  audible(kind: SourceKind): Source | undefined {
    const source = this.remotes.get(kind)?.source;
    return source?.muted === false ? source : undefined;
  }

  /** What is to be demanded of the other end, by what is watched here: pixels, Infinity for no limit, undefined for nothing. */
  want(nowUs: number, source: Source, height: number | undefined): void {
    const remote = this.remotes.get(source.kind);
    if (remote === undefined || !remote.wanted.update(nowUs, height)) return;
    this.link.demand(remote);
  }

  #list(): void {
    this.#sources = [...this.remotes.values()].map(({ source }) => source);
  }
}

/** As its streams are described to the parts that receive them. */
export function negotiatedSource(
  message: SourceMessage,
  mid: string,
  codecs: NegotiatedSource['codecs'],
): NegotiatedSource {
  return {
    mid,
    kind: message.kind,
    codecs,
    ssrc: undefined,
    rids: message.rids.length === 1 && message.rids[0] === '' ? [] : message.rids,
    muted: message.muted,
    isRelayed: true,
  };
}
