/** What is measured: the traffic of each workload, the same for the router and for the floors. */

export interface Traffic {
  readonly framesPerSecond: number;
  readonly packetsPerFrame: number;
  /** RTP packet before protection, its 12-byte header included; drawn per frame, equal within a frame. */
  readonly minSizeBytes: number;
  readonly maxSizeBytes: number;
}

/**
 * What a browser brings along beside plain media: header extensions, VP8 picture ids and temporal layers, sender and
 * receiver reports, RTX and NACKs, transport-wide feedback in both directions, and so congestion control and pacing.
 * struct features in c/source.h has the numbers.
 */
export interface Features {
  /** Encodings of each publisher, at most 3: the largest has the workload's traffic. 1: no simulcast. */
  readonly encodings: number;
  /** Share of the packets received that a subscriber takes for lost, reports so and asks for again, in 1/1000. */
  readonly lossPerMille: number;
  /** Interval of a subscriber's transport-wide feedback. */
  readonly feedbackMs: number;
  /** Tallest picture that the video slots ask for, one slot after the other; empty: no limit. */
  readonly heights: readonly number[];
}

/** Whether the participants have negotiated the workload's features. */
export type Mode = 'off' | 'on';

export interface Workload {
  readonly name: 'fan-out' | 'gallery' | 'adaptive';
  readonly participants: number;
  /** Participants 0 to publishers - 1 send; everybody receives from every publisher but themselves. */
  readonly publishers: number;
  readonly videoSlots: number;
  readonly audioSlots: number;
  readonly traffic: Traffic;
  readonly features: Features;
  /** Measured in turn in each round, so that they can be compared. */
  readonly modes: readonly Mode[];
  /** Slots of a subscriber of the memory measurement; as many publishers feed its video slots. */
  readonly memorySlots: { readonly video: number; readonly audio: number };
  readonly budget: Budget;
}

/** docs/benchmark.md lists the budgets. */
export interface Budget {
  readonly ratioToGsoFloor: number;
  /** With features off: with them on, the pacer makes packets wait on purpose. */
  readonly latencyUs: { readonly p50: number; readonly p99: number; readonly p999: number } | undefined;
  readonly bytesPerSubscriber: number | undefined;
}

const BROWSER: Features = { encodings: 1, lossPerMille: 10, feedbackMs: 50, heights: [] };
const GALLERY_TRAFFIC: Traffic = { framesPerSecond: 30, packetsPerFrame: 3, minSizeBytes: 300, maxSizeBytes: 1200 };

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'fan-out',
    participants: 101,
    publishers: 1,
    videoSlots: 1,
    audioSlots: 1,
    traffic: { framesPerSecond: 30, packetsPerFrame: 8, minSizeBytes: 1200, maxSizeBytes: 1200 },
    features: BROWSER,
    modes: ['off', 'on'],
    memorySlots: { video: 1, audio: 1 },
    budget: { ratioToGsoFloor: 1.5, latencyUs: { p50: 800, p99: 1500, p999: 5000 }, bytesPerSubscriber: 100 * 1024 },
  },
  {
    name: 'gallery',
    participants: 25,
    publishers: 25,
    videoSlots: 24,
    audioSlots: 3,
    traffic: GALLERY_TRAFFIC,
    features: BROWSER,
    modes: ['off', 'on'],
    memorySlots: { video: 24, audio: 3 },
    // The memory budget is for one audio and one video slot; 24 slots have none.
    budget: { ratioToGsoFloor: 1.8, latencyUs: { p50: 200, p99: 400, p999: 5000 }, bytesPerSubscriber: undefined },
  },
  {
    // The gallery with simulcast, a third of each subscriber's slots in each of the three sizes.
    name: 'adaptive',
    participants: 25,
    publishers: 25,
    videoSlots: 24,
    audioSlots: 3,
    traffic: GALLERY_TRAFFIC,
    features: { ...BROWSER, encodings: 3, heights: [180, 360, 720] },
    modes: ['on'],
    memorySlots: { video: 1, audio: 1 },
    budget: { ratioToGsoFloor: 1.8, latencyUs: undefined, bytesPerSubscriber: 100 * 1024 },
  },
];

export function featuresIn(workload: Workload, mode: Mode): Features | undefined {
  return mode === 'on' ? workload.features : undefined;
}

/** Slot streams that carry packets when everything flows. */
export function streamCount(workload: Workload): number {
  return workload.publishers * (workload.participants - 1);
}

/** Receivers of each packet that is sent; with simulcast a packet of one encoding is for a share of them. */
export function receiverCount({ participants, features }: Workload): number {
  return (participants - 1) / features.encodings;
}
