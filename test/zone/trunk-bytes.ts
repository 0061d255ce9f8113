/**
 * What crosses the trunks of one meeting on several routers, against what is watched beyond them: read from the routers' own
 * statistics. The publishers are Chromium with simulcast, because layers are what it is about; the viewers have no screen.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { HeadlessParticipant } from '../../client/headless/headless-participant.ts';
import { trunkIdOf } from '../../mmr/control/cascade/trunk-pair.ts';
import { PACKET_OVERHEAD_BYTES } from '../../mmr/media/egress/egress-gate.ts';
import type { WorkerStatistics } from '../../mmr/worker/messages.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import { placesOf, type RecordedPlace } from '../../zone-controller/placement/placement-tree.ts';
import { launchBrowser } from '../e2e/browser.ts';
import { installBusyCamera } from '../e2e/busy-camera.ts';
import { RouterStatistics } from './router-statistics.ts';
import { type Demand, demandOf } from './trunk-demand.ts';
import type { ZoneProcesses } from './zone-processes.ts';

const PUBLISHERS = ['Ada', 'Bob', 'Cid'] as const;
/** 180 and 360 lines are sent (test/e2e/busy-camera.ts). */
const [SMALL, LARGE] = [180, 360];
/** Until encoders, estimates and demands have come to rest. */
const SETTLE_MS = 20_000;
const SAMPLE_MS = 1_000;
/** RTP (RFC 3550 section 5.1), without extensions. */
const RTP_HEADER_BYTES = 12;

/** One way of one trunk, away from the publishers. Rates are of the wire: with RTP, UDP and IP headers. */
export interface TrunkReading extends Demand {
  readonly trunk: string;
  /** Media on the trunk, without what is sent again; header extensions are not counted. */
  readonly mediaBps: number;
  /** All that is sent on it: media, repairs, and probes of the path. */
  readonly sentBps: number;
}

/** So many viewers of three cameras, on as many workers as it takes. */
export async function measureTrunks(zone: ZoneProcesses, viewers: number, seconds: number): Promise<TrunkReading[]> {
  const meeting = await zone.createMeeting();
  const statistics = await RouterStatistics.open(zone);
  const browser = await launchBrowser();
  const people: HeadlessParticipant[] = [];
  try {
    for (const name of PUBLISHERS) await publish(browser, meeting, name);
    for (let index = 0; index < viewers; index++) people.push(await watcher(zone, meeting, index));
    const placement = await zone.placement(meeting.meeting);
    const places = placement === undefined ? [] : placesOf(placement);
    chooseViews(people, await statistics.read(places));
    await pause(SETTLE_MS);
    return await readTrunks(statistics, places, seconds);
  } finally {
    for (const person of people) person.leave();
    await browser.close();
    statistics.close();
  }
}

async function publish(browser: Browser, { link }: CreatedMeeting, name: string): Promise<void> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
  await context.addInitScript(installBusyCamera);
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByRole('button', { name: 'Leave' }).waitFor();
}

function watcher(
  zone: ZoneProcesses,
  { meeting, passcode }: CreatedMeeting,
  index: number,
): Promise<HeadlessParticipant> {
  // One controller knows of all of them at once, and fills one worker after the other.
  const url = zone.urls[0] as string; // a zone has a controller
  const name = `Viewer ${index + 1}`;
  return HeadlessParticipant.join({ url, meeting, passcode, name, publish: [], audioSlots: 0, videoSlots: 1 });
}

/**
 * At the root all three are watched, large: so all of it is sent. At the next place everybody watches Ada, large; at the others
 * Bob, small. Nobody beyond a trunk watches Cid, or hears anybody.
 */
function viewAt(place: number, index: number): readonly [name: string, maxHeight: number] {
  const [ada, bob, cid] = PUBLISHERS;
  if (place === 0) return [[ada, bob, cid][index % 3] ?? ada, LARGE];
  return place === 1 ? [ada, LARGE] : [bob, SMALL];
}

function chooseViews(people: readonly HeadlessParticipant[], workers: readonly WorkerStatistics[]): void {
  for (const [place, { participants }] of workers.entries()) {
    const here = people.filter(({ id }) => participants.some(({ participant }) => participant === id));
    for (const [index, person] of here.entries()) {
      const [name, maxHeight] = viewAt(place, index);
      const participant = person.roster.find((entry) => entry.name === name)?.participant ?? '';
      person.setView([{ mid: '0', source: { participant, kind: 'camera' }, maxHeight }]);
    }
  }
}

async function readTrunks(
  statistics: RouterStatistics,
  places: readonly RecordedPlace[],
  seconds: number,
): Promise<TrunkReading[]> {
  const samples: WorkerStatistics[][] = [];
  const startMs = performance.now();
  for (let sample = 0; sample <= seconds; sample++) {
    samples.push(await statistics.read(places));
    await pause(SAMPLE_MS);
  }
  const tookS = (performance.now() - SAMPLE_MS - startMs) / 1_000;
  return places.flatMap((place, index) => {
    const parent = place.parent === undefined ? undefined : places[place.parent];
    if (place.parent === undefined || parent === undefined) return [];
    const trunk = trunkIdOf(parent, place);
    const [first, last] = [samples[0], samples.at(-1)].map((workers) => countsOf(workers?.[place.parent ?? 0], trunk));
    if (first === undefined || last === undefined) throw new Error('nothing was read');
    const rate = (bytes: 'mediaBytes' | 'sentBytes') => ((last[bytes] - first[bytes]) * 8) / tookS;
    const below = places.map((_, other) => isBelow(places, other, index));
    const demands = samples.map((workers) =>
      demandOf(
        workers.filter((_, other) => below[other]),
        workers,
      ),
    );
    return { trunk, ...mean(demands), mediaBps: rate('mediaBytes'), sentBps: rate('sentBytes') };
  });
}

/** What one end of a trunk has sent. */
function countsOf(worker: WorkerStatistics | undefined, id: string): { mediaBytes: number; sentBytes: number } {
  const report = worker?.trunks.find(({ trunk }) => trunk === id)?.report;
  if (report === undefined) throw new Error(`there is no trunk ${id}`);
  const { mediaPackets, mediaPayloadBytes, sentBytes } = report;
  return { mediaBytes: mediaPayloadBytes + mediaPackets * (RTP_HEADER_BYTES + PACKET_OVERHEAD_BYTES), sentBytes };
}

/** Whether a place is `root`, or is reached by way of it. */
function isBelow(places: readonly RecordedPlace[], place: number, root: number): boolean {
  for (let at: number | undefined = place; at !== undefined; at = places[at]?.parent) if (at === root) return true;
  return false;
}

function mean(demands: readonly Demand[]): Demand {
  const of = (name: keyof Demand) => demands.reduce((sum, demand) => sum + demand[name], 0) / demands.length;
  return {
    demandedBps: of('demandedBps'),
    withSmallerBps: of('withSmallerBps'),
    starBps: of('starBps'),
    viewers: of('viewers'),
  };
}
