/** What one direction of a network path does to packets. */
export interface LinkConditions {
  /** Bits per second of the bottleneck; Infinity: no bottleneck. */
  readonly rateBps: number;
  /** Drop tail: a packet that would wait longer than this, at the rate of the moment, is dropped. */
  readonly queueMs: number;
  /** One-way propagation. */
  readonly delayMs: number;
  /** Longest extra delay; how it is spread says `jitterShape`. */
  readonly jitterMs: number;
  /**
   * `normal`: absolute value of a normal draw with a deviation of a sixth of `jitterMs`, cut at `jitterMs` (after the
   * bounded delay variation of RFC 8868 section 5.2); `uniform`: anything from 0 to `jitterMs`.
   */
  readonly jitterShape: 'normal' | 'uniform';
  /** Whether jitter may let packets overtake each other. */
  readonly reorders: boolean;
  /** 0..1 of all packets. */
  readonly lossFraction: number;
  /** Mean number of packets lost in a row (two-state Gilbert model); 1: losses are independent. */
  readonly lossRunPackets: number;
  /** Everything is lost for a while, again and again; undefined: never. */
  readonly outages: Outages | undefined;
  /** Everything is lost. */
  readonly blackout: boolean;
  /** A token bucket that drops what exceeds it and delays nothing; undefined: none. */
  readonly policer: Policer | undefined;
  /** Largest IP packet in bytes; larger ones are lost (no fragmentation, as with DF set). */
  readonly mtuBytes: number;
}

export interface Outages {
  /** Mean time from the end of one to the start of the next (exponential). */
  readonly everyMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Policer {
  readonly rateBps: number;
  readonly burstBytes: number;
}

/** A change of conditions at an instant. */
export interface LinkChange {
  readonly atMs: number;
  readonly conditions: Partial<LinkConditions>;
}

/** A path that does nothing but pass packets on at once. */
export const PERFECT: LinkConditions = {
  rateBps: Number.POSITIVE_INFINITY,
  queueMs: 300,
  delayMs: 0,
  jitterMs: 0,
  jitterShape: 'normal',
  reorders: false,
  lossFraction: 0,
  lossRunPackets: 1,
  outages: undefined,
  blackout: false,
  policer: undefined,
  mtuBytes: 1500,
};

/** IPv4 and UDP headers, which count towards the bottleneck. */
export const IP_UDP_BYTES = 28;
/** IPv6 and UDP headers: what an MTU leaves to a datagram is less by this. */
export const IPV6_UDP_BYTES = 48;
