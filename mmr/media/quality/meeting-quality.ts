/** The connection quality of everybody in one meeting: who is due is scored, and what has changed is told in batches. */
import type { MeetingId } from '../../../common/ids.ts';
import type { MeetingParticipant } from '../meeting-participant.ts';
import type { ConnectionQuality } from '../negotiated.ts';
import { type IsStopped, QUALITY_INTERVAL_US } from './quality.ts';

export interface QualityListener {
  /** Those whose quality changed noticeably. */
  qualityChanged(meeting: MeetingId, qualities: readonly ConnectionQuality[]): void;
}

/** Everybody's turn comes once in QUALITY_INTERVAL_US; a slice is scored each tick of this length. */
const SLICE_US = 100_000;
/** Entries of one message, which goes to everybody in the meeting; the rest goes with the next one. */
const MAX_TOLD = 50;

export class MeetingQuality {
  readonly #meeting: MeetingId;
  readonly #listener: QualityListener;
  readonly #isStopped: IsStopped;
  readonly #participants: MeetingParticipant[] = [];
  #next = 0;
  #nextTold = 0;
  #sliceUs = 0;
  #tellUs = 0;

  constructor(meeting: MeetingId, listener: QualityListener, isStopped: IsStopped) {
    this.#meeting = meeting;
    this.#listener = listener;
    this.#isStopped = isStopped;
  }

  add(participant: MeetingParticipant): void {
    this.#participants.push(participant);
  }

  remove(participant: MeetingParticipant): void {
    const at = this.#participants.indexOf(participant);
    if (at >= 0) this.#participants.splice(at, 1);
  }

  nextTimeoutUs(): number {
    return this.#sliceUs;
  }

  handleTimeout(nowUs: number): void {
    this.#sliceUs = nowUs + SLICE_US;
    this.#scoreSome(nowUs);
    if (nowUs < this.#tellUs) return;
    this.#tellUs = nowUs + QUALITY_INTERVAL_US;
    this.#tell();
  }

  /** A slice of those present; who has had his turn less than an interval ago is passed over. */
  #scoreSome(nowUs: number): void {
    const count = this.#participants.length;
    const slice = Math.ceil((count * SLICE_US) / QUALITY_INTERVAL_US);
    for (let i = 0; i < slice; i++) {
      this.#next = this.#next + 1 < count ? this.#next + 1 : 0;
      const participant = this.#participants[this.#next] as MeetingParticipant;
      if (!participant.connected || participant.standing === 'former' || nowUs < participant.quality.nextUs) continue;
      participant.quality.update(nowUs, participant, this.#isStopped);
    }
  }

  #tell(): void {
    const news: ConnectionQuality[] = [];
    const count = this.#participants.length;
    for (let i = 0; i < count && news.length < MAX_TOLD; i++) {
      this.#nextTold = this.#nextTold + 1 < count ? this.#nextTold + 1 : 0;
      const participant = this.#participants[this.#nextTold] as MeetingParticipant;
      const quality = participant.quality.takeNews(participant);
      if (quality !== undefined) news.push(quality);
    }
    if (news.length > 0) this.#listener.qualityChanged(this.#meeting, news);
  }
}
