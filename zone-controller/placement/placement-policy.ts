/** Every number that placement goes by. */
import type { Rate } from '../limits/token-bucket.ts';
import type { MediaProfile } from './meeting-cost.ts';

export interface PlacementPolicy {
  readonly media: MediaProfile;
  /** A new meeting needs room for so many, a new branch for so many. */
  readonly expectedPeople: number;
  readonly expectedBranchPeople: number;
  /** Share of a worker's packets that people never get: it is for the trunks to branches, when meetings grow. */
  readonly trunkReserve: number;
  /** A meeting of so many people branches out already at this load: it has to anyway, and smaller ones then do not. */
  readonly largeFrom: number;
  readonly largeFullAt: number;
  /** Joins that a router takes, because of their handshakes. */
  readonly joinRate: Rate;
  /** Labels by which a branch is near its meeting, nearest first. */
  readonly near: readonly string[];
  /** The most places of one meeting; how deep its tree; how many branches at one place. */
  readonly maxPlaces: number;
  readonly maxDepth: number;
  readonly maxFanOut: number;
  /** A tree that has changed stays as it is for this long, unless it has to grow or loses a router. */
  readonly restMs: number;
  /** People of a branch go elsewhere only if the load there stays below. */
  readonly shrinkBelow: number;
  /** Meetings are moved away from workers above this load, to ones that will have this much less. */
  readonly rebalanceAbove: number;
  readonly rebalanceGap: number;
  /** When nothing has room: refuse, or try whether there is room for sound. */
  readonly whenFull: 'refuse' | 'audioOnly';
  /** Who was let in with sound only gets the rest where the load then stays below. */
  readonly upgradeBelow: number;
  /** Who is refused comes back after this to twice this. */
  readonly retryMs: number;
  /** Reports come every second; after so long without one a router is silent: it gets nobody, and who loses it may move. */
  readonly reportStaleMs: number;
}

export const DEFAULT_POLICY: PlacementPolicy = {
  // 20 ms of sound a packet; 1 Mb/s of video in packets of 1200 bytes. What is watched is what browsers ask for.
  media: { audioPackets: 50, videoPackets: 100, audioSlots: 3, videoSlots: 12, trunkVideos: 50 },
  expectedPeople: 4,
  expectedBranchPeople: 8,
  trunkReserve: 0.15,
  largeFrom: 20,
  largeFullAt: 0.8,
  joinRate: { burst: 400, perSecond: 200 },
  near: ['rack', 'part'],
  maxPlaces: 64,
  maxDepth: 3,
  maxFanOut: 16,
  restMs: 60_000,
  shrinkBelow: 0.6,
  rebalanceAbove: 0.75,
  rebalanceGap: 0.2,
  whenFull: 'refuse',
  upgradeBelow: 0.9,
  retryMs: 2_000,
  reportStaleMs: 2_000,
};
