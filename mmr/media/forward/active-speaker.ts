/**
 * Who speaks, and in which order they count: from the audio levels that publishers put into their packets (RFC 6464).
 * Two orders are kept, because the ear wants a new voice at once and the eye wants a calm picture: `byLoudness` decides which
 * sources the audio slots carry, `byPresence` who is shown first. Levels are summed per packet and judged every
 * DECISION_INTERVAL_US; nobody is overtaken by someone who is only a little louder, and nobody falls back for being
 * silent, only for somebody else's being loud.
 */
import type { ParticipantId } from '../../../common/ids.ts';

export const DECISION_INTERVAL_US = 300_000;
/** Told as speaking at once, at most: more voices than that are a noise. */
export const MAX_SPEAKERS = 16;
/** Told to other workers at once, at most, by either order: as many as any viewer has audio slots and tiles of speakers. */
export const MAX_CANDIDATES = 16;
/** Nobody needs to be told of who has less than this of both. */
const CANDIDATE_SCORE = 1;
/** Quieter packets (−dBov) count as silence: rooms hum at 65 to 75, speech is at 15 to 45. */
const NOISE_LEVEL = 60;
/**
 * Nor does a packet count that is not so much louder (dB) than the quietest of the last 5 to 10 s: a voice has gaps between
 * its words, which fans, and those who claim to be the loudest, have not.
 */
const NOISE_MARGIN = 10;
const NOISE_INTERVALS = 16;
/** Share of the new interval in the loudness: speech is noticed within one interval, pauses bridged for some. */
const LOUDNESS_ATTACK = 0.6;
const LOUDNESS_RELEASE = 0.2;
/** Loudness from which on somebody is heard as more than a noise, and below which he has stopped. */
const LOUD_SCORE = 20;
const SILENT_SCORE = 8;
/**
 * Share of the new interval in the presence: a cough of one interval comes to a third of a speaker, who in turn loses a
 * third in a second of silence.
 */
const PRESENCE_ATTACK = 0.3;
const PRESENCE_RELEASE = 0.1;
/** Presence of somebody who has spoken for two intervals: less is no speech yet. */
const PRESENT_SCORE = 45;
/** How much more one must have to overtake. */
const OVERTAKE_MARGIN = 8;

/** Lowest level that there is (RFC 6464 section 3). */
const SILENCE = 127;

export class Speaker {
  readonly participant: ParticipantId;
  /** 0 (silent) to 127, smoothed over about a second. */
  loudness = 0;
  /** The same, slower. */
  presence = 0;
  /** For longer than a cough, and not silent since; of a ranking that was adopted, as that says. */
  speaking = false;
  /** The scores come from the worker where he is. */
  readonly #isReported: boolean;
  #speaks = false;
  #sum = 0;
  #packets = 0;
  /** Quietest level in −dBov of the last NOISE_INTERVALS, and of those that are going on. */
  #noise = SILENCE;
  #quietest = 0;
  #noiseIntervals = 0;

  constructor(participant: ParticipantId, isReported = false) {
    this.participant = participant;
    this.#isReported = isReported;
  }

  /** One packet: `level` in −dBov, 0 (loudest) to 127. Hot. */
  handleLevel(level: number): void {
    this.#packets++;
    if (level > this.#quietest) this.#quietest = level;
    const noise = Math.max(this.#noise, this.#quietest);
    if (level <= NOISE_LEVEL && level <= noise - NOISE_MARGIN) this.#sum += SILENCE - level;
  }

  /** Ends an interval; one without packets (muted, DTX) was silent. */
  decide(): void {
    if (!this.#isReported) this.#smooth();
    this.judge();
  }

  /** Whether he speaks, by the scores. */
  judge(): void {
    this.#speaks = this.loudness >= SILENT_SCORE && (this.#speaks || this.presence >= PRESENT_SCORE);
    this.speaking = this.#speaks;
  }

  /** What his own worker says. */
  report(loudness: number, presence: number): void {
    this.loudness = loudness;
    this.presence = presence;
  }

  #smooth(): void {
    const heard = this.#packets === 0 ? 0 : this.#sum / this.#packets;
    this.loudness += (heard - this.loudness) * (heard > this.loudness ? LOUDNESS_ATTACK : LOUDNESS_RELEASE);
    this.presence += (heard - this.presence) * (heard > this.presence ? PRESENCE_ATTACK : PRESENCE_RELEASE);
    if (this.#packets === 0) this.#quietest = SILENCE;
    this.#sum = 0;
    this.#packets = 0;
    if (++this.#noiseIntervals < NOISE_INTERVALS) return;
    this.#noiseIntervals = 0;
    this.#noise = this.#quietest;
    this.#quietest = 0;
  }

  /** He has muted himself. */
  silence(): void {
    this.loudness = 0;
    this.presence = 0;
    this.#speaks = false;
    this.speaking = false;
  }
}

/** A ranking of the whole meeting, which another worker made. Who is not in it comes behind. */
export interface SpeakerRanking {
  readonly heard: readonly ParticipantId[];
  readonly seen: readonly ParticipantId[];
  readonly speaking: readonly ParticipantId[];
}

export class ActiveSpeakers {
  readonly #byLoudness: Speaker[] = [];
  readonly #byPresence: Speaker[] = [];
  #nextDecisionUs = 0;
  #adopted: SpeakerRanking | undefined;

  /** All, those who are to be heard first. */
  get byLoudness(): readonly Speaker[] {
    return this.#adopted === undefined ? this.#byLoudness : inFront(this.#adopted.heard, this.#byLoudness);
  }

  /** All, those who are to be seen first. */
  get byPresence(): readonly Speaker[] {
    return this.#adopted === undefined ? this.#byPresence : inFront(this.#adopted.seen, this.#byPresence);
  }

  /** Those who speak now, MAX_SPEAKERS at most; the first is the dominant one, whom a speaker view follows. */
  get speaking(): readonly ParticipantId[] {
    if (this.#adopted !== undefined) return this.#adopted.speaking.slice(0, MAX_SPEAKERS);
    const speaking = this.#byPresence.filter((speaker) => speaker.speaking);
    // During a move somebody is both here and on another worker.
    return [...new Set(speaking.map((speaker) => speaker.participant))].slice(0, MAX_SPEAKERS);
  }

  /** Those who may be among the first of the whole meeting, by the levels known here. */
  get candidates(): Speaker[] {
    const isHeard = ({ loudness, presence }: Speaker): boolean =>
      loudness >= CANDIDATE_SCORE || presence >= CANDIDATE_SCORE;
    const first = (order: readonly Speaker[]): Speaker[] => order.filter(isHeard).slice(0, MAX_CANDIDATES);
    return [...new Set([...first(this.#byLoudness), ...first(this.#byPresence)])];
  }

  /** The orders are those of `ranking` from now on; undefined: our own. */
  adopt(ranking: SpeakerRanking | undefined): void {
    this.#adopted = ranking;
    for (const speaker of this.#byLoudness) speaker.judge();
    this.#mark();
  }

  /** New ones come last. `isReported`: he is on another worker, whose scores of him are told. */
  add(participant: ParticipantId, isReported = false): Speaker {
    const speaker = new Speaker(participant, isReported);
    this.#byLoudness.push(speaker);
    this.#byPresence.push(speaker);
    return speaker;
  }

  remove(speaker: Speaker): void {
    for (const order of [this.#byLoudness, this.#byPresence]) {
      const at = order.indexOf(speaker);
      if (at >= 0) order.splice(at, 1);
    }
  }

  nextTimeoutUs(): number {
    return this.#nextDecisionUs;
  }

  /** True when one of the orders changed. */
  handleTimeout(nowUs: number): boolean {
    if (nowUs < this.#nextDecisionUs) return false;
    this.#nextDecisionUs = nowUs + DECISION_INTERVAL_US;
    for (const speaker of this.#byLoudness) speaker.decide();
    this.#mark();
    return this.promote();
  }

  /** Scores have been reported. True when one of the orders changed. */
  promote(): boolean {
    const heard = promote(this.#byLoudness, (speaker) => speaker.loudness, LOUD_SCORE);
    const seen = promote(this.#byPresence, (speaker) => speaker.presence, PRESENT_SCORE);
    return (heard || seen) && this.#adopted === undefined;
  }

  #mark(): void {
    if (this.#adopted === undefined) return;
    const speaking = new Set(this.speaking);
    for (const speaker of this.#byLoudness) speaker.speaking = speaking.has(speaker.participant);
  }
}

/** Those named come first, in the order of their names. */
function inFront(names: readonly ParticipantId[], order: readonly Speaker[]): Speaker[] {
  const ranks = new Map(names.map((name, rank) => [name, rank]));
  const rankOf = ({ participant }: Speaker): number => ranks.get(participant) ?? names.length;
  return order.toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** Insertion sort under a relation that needs a margin: the order stays unless somebody has clearly more. */
function promote(order: Speaker[], score: (speaker: Speaker) => number, least: number): boolean {
  let changed = false;
  for (let i = 1; i < order.length; i++) {
    const speaker = order[i] as Speaker;
    const own = score(speaker);
    if (own < least) continue;
    let at = i;
    while (at > 0 && own > score(order[at - 1] as Speaker) + OVERTAKE_MARGIN) at--;
    if (at === i) continue;
    order.copyWithin(at + 1, at, i);
    order[at] = speaker;
    changed = true;
  }
  return changed;
}
