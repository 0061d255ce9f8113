/** The part of a zone-controller's configuration that is about placement. What is left out is as in `DEFAULT_POLICY`. */
import { z } from 'zod';
import { DEFAULT_POLICY } from './placement-policy.ts';

/** More of one meeting no router takes (mmr/control/read-request.ts). */
const MAX_PLACES = 256;

const share = (least: number, most: number): z.ZodNumber => z.number().min(least).max(most);
const count = (most: number): z.ZodInt => z.int().min(1).max(most);
const packets = z.int().min(1).max(10_000);

const media = z.strictObject({
  audioPackets: packets.default(DEFAULT_POLICY.media.audioPackets).describe('A second, of one microphone.'),
  videoPackets: packets.default(DEFAULT_POLICY.media.videoPackets).describe('A second, of one picture.'),
  audioSlots: count(64).default(DEFAULT_POLICY.media.audioSlots).describe('Voices that each is sent.'),
  videoSlots: count(256).default(DEFAULT_POLICY.media.videoSlots).describe('Pictures that each is sent.'),
  trunkVideos: count(1_000).default(DEFAULT_POLICY.media.trunkVideos).describe('Pictures over one trunk, at most.'),
});

const joinRate = z.strictObject({
  burst: z.int().min(1).max(100_000).describe('At once.'),
  perSecond: z.number().min(0.1).max(100_000).describe('In the long run.'),
});

export const placementConfig = z
  .strictObject({
    whenFull: z.enum(['refuse', 'audioOnly']).default(DEFAULT_POLICY.whenFull).describe('When nothing has room.'),
    retryMs: z
      .int()
      .min(100)
      .max(60_000)
      .default(DEFAULT_POLICY.retryMs)
      .describe('Who is refused comes back after it.'),
    upgradeBelow: share(0.1, 1)
      .default(DEFAULT_POLICY.upgradeBelow)
      .describe('Who has sound only gets pictures where the load then stays below.'),
    trunkReserve: share(0, 0.5)
      .default(DEFAULT_POLICY.trunkReserve)
      .describe("Share of a worker's packets for trunks."),
    expectedPeople: count(1_000)
      .default(DEFAULT_POLICY.expectedPeople)
      .describe('A new meeting gets room for so many.'),
    expectedBranchPeople: count(1_000).default(DEFAULT_POLICY.expectedBranchPeople).describe('A new branch does.'),
    joinRate: joinRate.default(DEFAULT_POLICY.joinRate).describe('Joins that a router takes.'),
    largeFrom: count(100_000).default(DEFAULT_POLICY.largeFrom).describe('People of a large meeting.'),
    largeFullAt: share(0.1, 1).default(DEFAULT_POLICY.largeFullAt).describe('It branches out at this load.'),
    shrinkBelow: share(0, 1).default(DEFAULT_POLICY.shrinkBelow).describe('A branch is given up below this load.'),
    restMs: z.int().min(0).max(3_600_000).default(DEFAULT_POLICY.restMs).describe('After a change of its tree.'),
    rebalanceAbove: share(0.1, 1).default(DEFAULT_POLICY.rebalanceAbove).describe('Meetings leave workers above it.'),
    rebalanceGap: share(0, 1).default(DEFAULT_POLICY.rebalanceGap).describe('For workers that have so much less.'),
    near: z
      .array(z.string().regex(/^[\w.-]{1,64}$/))
      .max(8)
      .default([...DEFAULT_POLICY.near])
      .describe('Labels of routers, nearest first.'),
    maxPlaces: count(MAX_PLACES).default(DEFAULT_POLICY.maxPlaces).describe('Of one meeting.'),
    maxDepth: count(8).default(DEFAULT_POLICY.maxDepth).describe('Of its tree.'),
    maxFanOut: count(64).default(DEFAULT_POLICY.maxFanOut).describe('Branches at one place.'),
    reportStaleMs: z
      .int()
      .min(1_500)
      .max(60_000)
      .default(DEFAULT_POLICY.reportStaleMs)
      .describe('A router that has not reported for so long gets nobody.'),
    media: media.prefault({}).describe('What people are expected to send and get.'),
  })
  .refine(({ shrinkBelow, largeFullAt }) => shrinkBelow < largeFullAt, {
    path: ['shrinkBelow'],
    error: 'must be less than largeFullAt, or trees grow and shrink in turns',
  })
  .refine(({ rebalanceGap, rebalanceAbove }) => rebalanceGap < rebalanceAbove, {
    path: ['rebalanceGap'],
    error: 'must be less than rebalanceAbove',
  });
