/**
 * The connection quality of one participant: reads the counters of his transport, streams and slots each
 * QUALITY_INTERVAL_US and scores what has changed since. docs/connection-quality.md says what counts.
 */
import type { Source } from './forward/source.ts';
import type { IngressStream } from './ingress/ingress-stream.ts';
import type { MeetingParticipant } from './meeting-participant.ts';
import type { ConnectionQuality } from './negotiated.ts';
import { type QualitySample, QualityTrack } from './quality-score.ts';

export const QUALITY_INTERVAL_US = 2_000_000;
/** Fewer packets say nothing about loss: a microphone in silence sends two or three a second. */
const MIN_EXPECTED = 20;

/** Whether the publisher was told to stop an encoding of one of his sources. */
export type IsStopped = (source: Source, rid: string) => boolean;

interface UplinkCounts {
  expected: number;
  received: number;
  /** Packets that were asked for in vain, so often that only a key frame helped. */
  overflows: number;
}

export class ParticipantQuality {
  readonly uplink = new QualityTrack();
  readonly downlink = new QualityTrack();
  nextUs = 0;
  #counts: UplinkCounts = { expected: 0, received: 0, overflows: 0 };
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
    const before = this.#counts;
    const now = countUplink(participant);
    this.#counts = now;
    const received = now.received - before.received;
    const expected = now.expected - before.expected;
    if (received <= 0) return undefined;
    return {
      lossFraction: expected < MIN_EXPECTED ? 0 : Math.max(0, 1 - received / expected),
      roundTripMs: participant.transport.roundTripMs,
      freezes: Math.max(0, now.overflows - before.overflows),
      reached: reachedUplink(participant, isStopped),
    };
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

function countUplink({ sources }: MeetingParticipant): UplinkCounts {
  const counts = { expected: 0, received: 0, overflows: 0 };
  for (const { encodings } of sources) {
    for (const { stream } of encodings) {
      if (stream !== undefined) addStream(counts, stream);
    }
  }
  return counts;
}

function addStream(counts: UplinkCounts, { statistics, nack }: IngressStream): void {
  counts.expected += statistics.expected;
  counts.received += statistics.packets;
  counts.overflows += nack?.overflows ?? 0;
}

/** Of the encodings that somebody wants and that have been sent before: how many are being sent. */
function reachedUplink({ sources }: MeetingParticipant, isStopped: IsStopped): number {
  let wanted = 0;
  let sent = 0;
  for (const source of sources) {
    if (source.isAudio || source.muted) continue;
    for (const { rid, stream, active } of source.encodings) {
      if (stream === undefined || isStopped(source, rid)) continue;
      wanted++;
      if (active) sent++;
    }
  }
  return wanted === 0 ? 1 : sent / wanted;
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
