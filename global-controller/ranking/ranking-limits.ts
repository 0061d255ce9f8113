/** Every number that the ranking of zones goes by, and where it comes from. */

export interface RankingLimits {
  /**
   * Round trips that differ by less, or by a smaller share, are the same: what Wi-Fi adds to single measurements is about
   * 10 ms, and from some 50 ms on the share counts, because queues on the way grow with its length.
   */
  readonly rttNoiseMs: number;
  readonly rttNoiseShare: number;
  /**
   * Light in glass makes 200 km in a millisecond, so 100 km are a millisecond of round trip; `rttNoiseMs` of that do not
   * count. It is also far more than tables of addresses are wrong within a country.
   */
  readonly distanceNoiseKm: number;
  /** Reports are up to a second old; what people have joined since is less than this share of a zone. */
  readonly headRoomNoise: number;
  /**
   * A zone where the meeting is already is taken if its round trip is longer by no more than this: one picture of 30 a second,
   * so that what is lost on the last hop is repaired a picture later. For that each stream crosses one wide-area link less.
   * The way between two people does not get longer: it leads to that zone anyway.
   */
  readonly presentRttMs: number;
  /** The same by distance, for who has measured nothing: 100 km a millisecond. */
  readonly presentKm: number;
  /** A zone with less is full: what joins within a second must fit. Share of the zone. */
  readonly fullBelow: number;
}

export const RANKING_LIMITS: RankingLimits = {
  rttNoiseMs: 10,
  rttNoiseShare: 0.2,
  distanceNoiseKm: 1_000,
  headRoomNoise: 0.1,
  presentRttMs: 33,
  presentKm: 3_300,
  fullBelow: 0.03,
};
