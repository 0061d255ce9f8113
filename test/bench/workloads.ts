/** What is measured: the traffic of each workload, the same for the router and for both floors. */

export interface Traffic {
  readonly framesPerSecond: number;
  readonly packetsPerFrame: number;
  /** RTP packet before protection, its 12-byte header included; drawn per frame, equal within a frame. */
  readonly minSizeBytes: number;
  readonly maxSizeBytes: number;
}

/** What participants do beside sending and receiving; struct features in c/source.h. */
export interface Features {
  /** Simulcast encodings of each publisher, at most 3: the largest has the workload's traffic. */
  readonly encodings: number;
  /** Share of the packets received that a subscriber asks for again, in 1/1000. */
  readonly nacksPerMille: number;
  /** Interval of a subscriber's transport-wide feedback. */
  readonly feedbackMs: number;
}

export interface Workload {
  readonly name: 'fan-out' | 'gallery' | 'adaptive';
  readonly participants: number;
  /** Participants 0 to publishers - 1 send; everybody receives from every publisher but themselves. */
  readonly publishers: number;
  readonly videoSlots: number;
  readonly audioSlots: number;
  readonly traffic: Traffic;
  /** Congestion control, simulcast and repair; undefined: none of them. */
  readonly features: Features | undefined;
  readonly budget: Budget;
}

/** docs/benchmark.md lists the budgets. */
export interface Budget {
  readonly ratioToGsoFloor: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly bytesPerSubscriber: number | undefined;
}

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'fan-out',
    participants: 101,
    publishers: 1,
    videoSlots: 1,
    audioSlots: 1,
    traffic: { framesPerSecond: 30, packetsPerFrame: 8, minSizeBytes: 1200, maxSizeBytes: 1200 },
    features: undefined,
    budget: { ratioToGsoFloor: 1.5, p50Us: 800, p99Us: 1500, p999Us: 5000, bytesPerSubscriber: 100 * 1024 },
  },
  {
    name: 'gallery',
    participants: 25,
    publishers: 25,
    videoSlots: 24,
    audioSlots: 3,
    traffic: { framesPerSecond: 30, packetsPerFrame: 3, minSizeBytes: 300, maxSizeBytes: 1200 },
    features: undefined,
    // The memory budget is for one audio and one video slot; 24 slots have none.
    budget: { ratioToGsoFloor: 1.8, p50Us: 200, p99Us: 400, p999Us: 5000, bytesPerSubscriber: undefined },
  },
  {
    // The gallery with all that a browser brings along. The floors carry the gallery's plain traffic.
    name: 'adaptive',
    participants: 25,
    publishers: 25,
    videoSlots: 24,
    audioSlots: 3,
    traffic: { framesPerSecond: 30, packetsPerFrame: 3, minSizeBytes: 300, maxSizeBytes: 1200 },
    features: { encodings: 3, nacksPerMille: 10, feedbackMs: 50 },
    budget: { ratioToGsoFloor: 1.8, p50Us: 200, p99Us: 400, p999Us: 5000, bytesPerSubscriber: 100 * 1024 },
  },
];

/** Slot streams that carry packets when everything flows. */
export function streamCount(workload: Workload): number {
  return workload.publishers * (workload.participants - 1);
}
