/** Headless people in a meeting, and how long they are without picture and sound: measured at the packets that reach them. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import { SignallingError } from '../../client/headless/signalling-socket.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';

const PATIENCE_MS = 40_000;

export interface Gaps {
  /** Longest time without a packet, milliseconds, of each participant. */
  readonly video: readonly number[];
  readonly audio: readonly number[];
  /** Longest time for which this process itself stood still, milliseconds: no gap below it says anything of the zone. */
  readonly stallMs: number;
}

/** Everybody goes by way of another controller, and tries again when told to, as the page does. */
export async function join(
  zone: { readonly urls: readonly string[] },
  { meeting, passcode }: CreatedMeeting,
  name: string,
  index: number,
): Promise<HeadlessParticipant> {
  const url = zone.urls[index % zone.urls.length] as string; // a zone has a controller
  const options = { url, meeting, passcode, name, audioSlots: 2, videoSlots: 4, resumes: true };
  for (const deadlineMs = performance.now() + PATIENCE_MS; ; ) {
    try {
      return await HeadlessParticipant.join(options);
    } catch (error) {
      const waitMs = error instanceof SignallingError ? error.retryAfterMs : undefined;
      if (waitMs === undefined || performance.now() > deadlineMs) throw error;
      await pause(waitMs);
    }
  }
}

/** Resolves when everybody gets picture and sound, and has for a moment. */
export async function receiving(participants: readonly HeadlessParticipant[]): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  const isReceiving = ({ reception }: HeadlessParticipant) =>
    (['audio', 'video'] as const).every((kind) => performance.now() - (reception.lastMs(kind) ?? 0) < 200);
  while (!participants.every(isReceiving)) {
    if (performance.now() > deadlineMs) throw new Error('somebody gets nothing');
    await pause(20);
  }
}

/** Measures the gaps of some people from when it is made. */
export class GapMeter {
  readonly #people: readonly HeadlessParticipant[];
  readonly #loop = monitorEventLoopDelay({ resolution: 10 });

  constructor(people: readonly HeadlessParticipant[]) {
    this.#people = people;
    for (const { reception } of people) reception.reset();
    this.#loop.enable();
  }

  stop(): Gaps {
    this.#loop.disable();
    const gaps = (kind: 'audio' | 'video') =>
      this.#people.map(({ reception }) => reception.longestGapMs(performance.now(), kind));
    return { video: gaps('video'), audio: gaps('audio'), stallMs: this.#loop.max / 1e6 };
  }
}
