/**
 * The connection quality of one participant: reads the counters of his transport, streams and slots each
 * QUALITY_INTERVAL_US and scores what has changed since. docs/connection-quality.md says what counts.
 */
import type { Encoding } from '../forward/encoding.ts';
import type { Source } from '../forward/source.ts';
import type { IngressStream } from '../ingress/ingress-stream.ts';
import type { MeetingParticipant } from '../meeting-participant.ts';
import type { ConnectionQuality } from '../negotiated.ts';
import { type QualitySample, QualityTrack } from './quality-score.ts';

export const QUALITY_INTERVAL_US = 2_000_000;
/** Fewer packets say nothing about loss: a microphone in silence sends two or three a second. */
const MIN_EXPECTED = 20;

/** Whether the publisher was told to stop an encoding of one of his sources. */
export type IsStopped = (source: Source, rid: string) => boolean;

interface UplinkCounts {
  readonly expected: number;
  readonly received: number;
  /** Packets that were asked for in vain, so often that only a key frame helped. */
  readonly overflows: number;
}

export class ParticipantQuality {
  readonly uplink = new QualityTrack();
  readonly downlink = new QualityTrack();
  nextUs = 0;
  /** Of each stream, when it was last looked at. */
  readonly #counts = new WeakMap<IngressStream, UplinkCounts>();
  /** Encodings that were to be sent when that was last looked at: what is wanted only now has an interval to begin. */
  #wanted: ReadonlySet<Encoding> = new Set();
  #sent = 0;
  #keyframesAsked = 0;

  /** To be called each QUALITY_INTERVAL_US. */
  update(nowUs: number, participant: MeetingParticipant, isStopped: IsStopped): void {
    this.nextUs = nowUs + QUALITY_INTERVAL_US;
    this.uplink.update(this.#sampleUplink(participant, isStopped));
    this.downlink.update(this.#sampleDownlink(participant));
  }

  /** What is to be told of it; undefined when nothing has changed noticeably. */
  takeNews(participant: MeetingParticipant): ConnectionQuality | undefined {
    if (!this.uplink.isNews && !this.downlink.isNews) return undefined;
    return { participant: participant.id, uplink: this.uplink.takeTold(), downlink: this.downlink.takeTold() };
  }

  #sampleUplink(participant: MeetingParticipant, isStopped: IsStopped): QualitySample | undefined {
    const { expected, received, overflows } = this.#countUplink(participant);
    const reached = this.#reachedUplink(participant, isStopped);
    if (received === 0) return undefined;
    return {
      lossFraction: expected < MIN_EXPECTED ? 0 : Math.max(0, 1 - received / expected),
      roundTripMs: participant.transport.roundTripMs,
      freezes: overflows,
      reached,
    };
  }

  /** Since the last call. */
  #countUplink({ sources }: MeetingParticipant): UplinkCounts {
    const sum = { expected: 0, received: 0, overflows: 0 };
    for (const { encodings } of sources) {
      for (const { stream } of encodings) {
        if (stream === undefined) continue;
        const before = this.#counts.get(stream);
        const now = countsOf(stream);
        this.#counts.set(stream, now);
        sum.expected += now.expected - (before?.expected ?? 0);
        sum.received += now.received - (before?.received ?? 0);
        sum.overflows += now.overflows - (before?.overflows ?? 0);
      }
    }
    return sum;
  }

  /** Of the encodings that somebody wants and that have been sent before: how many are being sent. */
  #reachedUplink({ sources }: MeetingParticipant, isStopped: IsStopped): number {
    const wanted = new Set<Encoding>();
    let expected = 0;
    let sent = 0;
    for (const source of sources) {
      if (source.isAudio || source.muted || isStill(source)) continue;
      for (const encoding of source.encodings) {
        if (encoding.stream === undefined || isStopped(source, encoding.rid)) continue;
        wanted.add(encoding);
        if (!this.#wanted.has(encoding)) continue;
        expected++;
        if (encoding.active) sent++;
      }
    }
    this.#wanted = wanted;
    return expected === 0 ? 1 : sent / expected;
  }

  #sampleDownlink(participant: MeetingParticipant): QualitySample | undefined {
    const { transport, slots } = participant;
    let sent = 0;
    for (const { slot } of slots) sent += slot.packetsSent;
    const { keyframesAsked } = transport.rtcp;
    const sentNow = sent - this.#sent;
    const freezes = keyframesAsked - this.#keyframesAsked;
    this.#sent = sent;
    this.#keyframesAsked = keyframesAsked;
    const isSuspended = slots.some(({ suspended }) => suspended);
    if (sentNow <= 0 && !isSuspended) return undefined;
    return {
      lossFraction: participant.lossFraction,
      roundTripMs: transport.roundTripMs,
      freezes,
      reached: reachedDownlink(participant),
    };
  }
}

function countsOf({ statistics, nack }: IngressStream): UplinkCounts {
  return { expected: statistics.expected, received: statistics.packets, overflows: nack?.overflows ?? 0 };
}

/** A screen on which nothing moves sends nothing; some browsers repeat the picture now and then, others do not. */
function isStill({ kind, encodings }: Source): boolean {
  return kind === 'screen' && encodings.every(({ active }) => !active);
}

/** How tall the pictures are that he gets, of how tall they are to be: the mean over his slots. */
function reachedDownlink({ allocator }: MeetingParticipant): number {
  let wanted = 0;
  let reached = 0;
  for (const slot of allocator.allocation?.slots ?? []) {
    if (slot.wanted === undefined) continue;
    wanted++;
    reached += (slot.layer?.height ?? 0) / slot.wanted.height;
  }
  return wanted === 0 ? 1 : reached / wanted;
}
