/** From what is known of zones to what a tree is planned for. */
import type { ZoneId } from '../../common/ids.ts';
import type { Guests } from '../policies/policy.ts';
import type { KnownZone } from '../zones/known-zone.ts';
import { compareNames } from '../zones/zone-name.ts';
import type { CutMemory } from './cut-memory.ts';
import { expectedOffersBps, expectedWatches } from './expected-media.ts';
import type { TreePolicy } from './tree-policy.ts';
import type { TreeProblem } from './tree-problem.ts';
import { linkBetween } from './zone-links.ts';

/** A zone where the meeting is. */
export interface TreeZone {
  readonly zone: ZoneId;
  readonly people: number;
  /** All that its people send, bits a second; undefined: not counted. */
  readonly offersBps?: number;
  /** Share of what the others send that is watched here, 0–1; undefined: not counted. */
  readonly watches?: number;
}

export interface TreeRequest {
  readonly home: ZoneId;
  readonly present: readonly TreeZone[];
  /** What the directory knows; zones that it does not know are not there. */
  readonly known: ReadonlyMap<ZoneId, KnownZone>;
  /** Of a zone that keeps media inside: how others take part. undefined: it is not such a zone. */
  readonly fence: (zone: ZoneId) => Guests | undefined;
  readonly nowMs: number;
}

/** undefined: the meeting is nowhere. `currentRoot` stays root if it is there and home is not. */
export function makeProblem(
  request: TreeRequest,
  cuts: CutMemory,
  policy: TreePolicy,
  currentRoot: ZoneId | undefined,
): TreeProblem | undefined {
  // Where nobody is yet, somebody is about to be.
  const here = request.present
    .filter(({ zone }) => isThere(request, zone))
    .map((each) => ({ ...each, people: Math.max(1, each.people) }));
  const root = rootOf(request, here, currentRoot);
  if (root === undefined) return undefined;
  const zones = [...here, ...zonesOnTheWay(request, here)].toSorted((a, b) => compareNames(a.zone, b.zone));
  const people = zones.reduce((sum, each) => sum + each.people, 0);
  const known = zones.map(({ zone }) => request.known.get(zone));
  return {
    zones: zones.map(({ zone }) => zone),
    root: zones.findIndex(({ zone }) => zone === root),
    weights: zones.map((each) => each.people),
    offersBps: zones.map((each) => each.offersBps ?? expectedOffersBps(each.people)),
    watches: zones.map((each) => each.watches ?? expectedWatches(each.people, people - each.people)),
    prices: known.map((zone) => zone?.record.cost ?? 0),
    delayMs: known.map((a) =>
      known.map((b) => (a && b && a !== b ? delayBetween(a, b, request, cuts, policy) : Number.POSITIVE_INFINITY)),
    ),
    maxDepth: policy.maxDepth,
    msPerPrice: policy.msPerPrice,
  };
}

/** A zone that is silent stays in the tree: its media goes on. */
function isThere({ known }: TreeRequest, zone: ZoneId): boolean {
  const standing = known.get(zone)?.standing;
  return standing !== undefined && standing !== 'lost';
}

function rootOf(request: TreeRequest, here: readonly TreeZone[], current: ZoneId | undefined): ZoneId | undefined {
  for (const wanted of [request.home, current]) {
    if (here.some(({ zone }) => zone === wanted)) return wanted;
  }
  // A zone that keeps media inside is a leaf if it can be.
  const byRank = here.toSorted(
    (a, b) =>
      Number(request.fence(a.zone) !== undefined) - Number(request.fence(b.zone) !== undefined) ||
      b.people - a.people ||
      compareNames(a.zone, b.zone),
  );
  return byRank[0]?.zone;
}

/** Zones that others are reached through, where nobody of the meeting is. */
function zonesOnTheWay(request: TreeRequest, here: readonly TreeZone[]): TreeZone[] {
  const present = new Set(here.map(({ zone }) => zone));
  // One that is alone needs no way.
  if (present.size < 2) return [];
  const vias = here.flatMap(({ zone }) => viaOf(request, zone) ?? []);
  return [...new Set(vias)]
    .filter((via) => !present.has(via) && isThere(request, via))
    .map((zone) => ({ zone, people: 0, offersBps: 0, watches: 0 }));
}

function viaOf({ fence }: TreeRequest, zone: ZoneId): ZoneId | undefined {
  const guests = fence(zone);
  return guests === undefined || guests === 'none' ? undefined : guests.via;
}

/** One way, with what repairs cost. Infinity: not allowed, or cut. */
function delayBetween(a: KnownZone, b: KnownZone, request: TreeRequest, cuts: CutMemory, policy: TreePolicy): number {
  if (!mayMeet(request, a.zone, b.zone) || !mayMeet(request, b.zone, a.zone)) return Number.POSITIVE_INFINITY;
  const { rttMs, loss, state } = linkBetween(a, b, cuts, request.nowMs);
  if (state === 'down') return Number.POSITIVE_INFINITY;
  const repairMs = rttMs * Math.min(1, loss / policy.lossOfRoundTrip);
  return rttMs / 2 + repairMs + policy.hopMs + (state === 'suspect' ? policy.suspectDelayMs : 0);
}

/** As far as the one says. */
function mayMeet(request: TreeRequest, one: ZoneId, other: ZoneId): boolean {
  return request.fence(one) === undefined || viaOf(request, one) === other;
}
