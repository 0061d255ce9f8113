/**
 * Who speaks, and in which order they count: from the audio levels that publishers put into their packets (RFC 6464).
 * The order decides which sources the audio slots carry and who is shown first. Levels are summed per packet, judged
 * every DECISION_INTERVAL_US; nobody is overtaken by someone who is only a little louder, and nobody falls back for
 * being silent, only for somebody else's being loud.
 */
import type { ParticipantId } from '../../../common/ids.ts';

export const DECISION_INTERVAL_US = 300_000;
/** Quieter packets (−dBov) count as silence: rooms hum at 65 to 75, speech is at 15 to 45. */
const NOISE_LEVEL = 60;
/** Share of the new interval in the smoothed score: speech is noticed within one interval, pauses bridged for some. */
const ATTACK = 0.6;
const RELEASE = 0.2;
/** Score from which on somebody is taken to speak, and below which he has stopped. */
const SPEAKING_SCORE = 20;
const SILENT_SCORE = 8;
/** How much louder one must be to overtake. */
const OVERTAKE_MARGIN = 8;

export class Speaker {
  readonly participant: ParticipantId;
  /** 0 (silent) to 127, smoothed. */
  score = 0;
  speaking = false;
  #loudness = 0;
  #packets = 0;

  constructor(participant: ParticipantId) {
    this.participant = participant;
  }

  /** One packet: `level` in −dBov, 0 (loudest) to 127. */
  handleLevel(level: number): void {
    this.#packets++;
    if (level <= NOISE_LEVEL) this.#loudness += 127 - level;
  }

  /** Ends an interval; one without packets (muted, DTX) was silent. */
  decide(): void {
    const heard = this.#packets === 0 ? 0 : this.#loudness / this.#packets;
    this.score += (heard - this.score) * (heard > this.score ? ATTACK : RELEASE);
    this.speaking = this.score >= (this.speaking ? SILENT_SCORE : SPEAKING_SCORE);
    this.#loudness = 0;
    this.#packets = 0;
  }
}

export class ActiveSpeakers {
  readonly #order: Speaker[] = [];
  #nextDecisionUs = 0;

  /** All speakers, those who count most first. */
  get order(): readonly Speaker[] {
    return this.#order;
  }

  /** Those who speak now, by the same order. */
  get speaking(): ParticipantId[] {
    return this.#order.filter((speaker) => speaker.speaking).map((speaker) => speaker.participant);
  }

  /** New ones come last. */
  add(participant: ParticipantId): Speaker {
    const speaker = new Speaker(participant);
    this.#order.push(speaker);
    return speaker;
  }

  remove(speaker: Speaker): void {
    const at = this.#order.indexOf(speaker);
    if (at >= 0) this.#order.splice(at, 1);
  }

  nextTimeoutUs(): number {
    return this.#nextDecisionUs;
  }

  /** True when the order changed. */
  handleTimeout(nowUs: number): boolean {
    if (nowUs < this.#nextDecisionUs) return false;
    this.#nextDecisionUs = nowUs + DECISION_INTERVAL_US;
    for (const speaker of this.#order) speaker.decide();
    return this.#sort();
  }

  /** Insertion sort under a relation that needs a margin: the order stays unless somebody is clearly louder. */
  #sort(): boolean {
    const order = this.#order;
    let changed = false;
    for (let i = 1; i < order.length; i++) {
      const speaker = order[i] as Speaker;
      if (!speaker.speaking) continue;
      let at = i;
      while (at > 0 && speaker.score > (order[at - 1] as Speaker).score + OVERTAKE_MARGIN) at--;
      if (at !== i) {
        order.copyWithin(at + 1, at, i);
        order[at] = speaker;
        changed = true;
      }
    }
    return changed;
  }
}
