/**
 * What a meeting costs the workers it is on, in packets a second, in and out: what its people send, what they are sent
 * as far as they have slots for it, and what crosses the trunks. Expected, not measured: reports put it right.
 */
import type { MeetingTree } from './meeting-tree.ts';

export interface Demand {
  readonly participants: number;
  readonly packetsPerSecond: number;
}

/** Of an ordinary participant. Whole numbers, so that sums of promises come out even. */
export interface MediaProfile {
  /** Packets a second that each sends. */
  readonly audioPackets: number;
  readonly videoPackets: number;
  /** How many of the others each can be sent. */
  readonly audioSlots: number;
  readonly videoSlots: number;
  /** At most so many cameras are watched over one trunk: people mostly watch the same few. */
  readonly trunkVideos: number;
}

export function withoutVideo(media: MediaProfile): MediaProfile {
  return { ...media, videoPackets: 0 };
}

/** A meeting that is on one worker. */
export function meetingDemand(people: number, media: MediaProfile): Demand {
  return { participants: people, packetsPerSecond: localPackets(people, people, media) };
}

/** By place of the tree. */
export function treeDemands({ places }: MeetingTree, media: MediaProfile): Demand[] {
  // A place and all below it. Parents stand before their branches: backwards, everything below is summed up already.
  const below = places.map(({ people }) => people);
  for (let index = places.length - 1; index > 0; index--) {
    const parent = places[index]?.parent ?? 0;
    below[parent] = (below[parent] ?? 0) + (below[index] ?? 0);
  }
  const all = below[0] ?? 0;
  const packets = places.map(({ people }) => localPackets(people, all, media));
  for (let index = 1; index < places.length; index++) {
    const parent = places[index]?.parent ?? 0;
    const link = trunkPackets(below[index] ?? 0, all, media);
    packets[index] = (packets[index] ?? 0) + link;
    packets[parent] = (packets[parent] ?? 0) + link;
  }
  return places.map(({ people }, index) => ({ participants: people, packetsPerSecond: packets[index] ?? 0 }));
}

function localPackets(people: number, all: number, media: MediaProfile): number {
  if (people === 0) return 0;
  const sent = media.audioPackets + media.videoPackets;
  const { audioPackets, videoPackets, audioSlots, videoSlots } = media;
  const received = Math.min(all - 1, audioSlots) * audioPackets + Math.min(all - 1, videoSlots) * videoPackets;
  return people * (sent + received);
}

/** Both ways over the trunk above `below` of `all` people. */
function trunkPackets(below: number, all: number, media: MediaProfile): number {
  const above = all - below;
  return carried(below, above, media) + carried(above, below, media);
}

function carried(senders: number, viewers: number, media: MediaProfile): number {
  if (viewers === 0) return 0;
  const videos = Math.min(senders, viewers * media.videoSlots, media.trunkVideos);
  return Math.min(senders, media.audioSlots) * media.audioPackets + videos * media.videoPackets;
}
