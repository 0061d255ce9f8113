/** One meeting in two zones, each with its own authority: the company's router calls outwards, and has no listener. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HeadlessMedia } from '../../client/headless/headless-media.ts';
import type { ParticipantId, RouterId } from '../../common/ids.ts';
import { mintZoneCertificates, type ZoneCertificates } from '../../common/mutual-tls.ts';
import { CHECK_EVERY_MS } from '../../mmr/control/state/meeting-node.ts';
import type { MeetingState } from '../../mmr/control/state/meeting-state.ts';
import { readChanged, readState, withChanged } from '../../mmr/control/state/state-wire.ts';
import { type EventReader, RouterLab } from '../../mmr/router-test-lab.ts';

interface Zone {
  readonly authority: ZoneCertificates;
  readonly lab: RouterLab;
  readonly events: EventReader;
}

const patience = { timeout: 15_000, interval: 50 };
const meeting = 'm';
let cloud: Zone;
let company: Zone;

async function startZone(zonesAddress?: string): Promise<Zone> {
  const authority = await mintZoneCertificates();
  // Ids are of one zone: both have the same.
  const options = { router: 'r1' as RouterId, ...(zonesAddress === undefined ? {} : { zonesAddress }) };
  const lab = await RouterLab.start(options, authority);
  const places = [{ router: 'r1', address: `localhost:${lab.router.grpcPort}`, worker: 0 }];
  await lab.command((call, done) => lab.client.SetTree({ meeting, epoch: 1, version: 1, places }, call, done));
  return { authority, lab, events: await lab.subscribe() };
}

beforeEach(async () => {
  cloud = await startZone('localhost:0');
  company = await startZone();
});
afterEach(() => Promise.all([cloud, company].map(({ lab }) => lab.stop())));

/** Whom the router of a zone may speak with. */
async function trust({ lab }: Zone, zones: Readonly<Record<string, ZoneCertificates>>): Promise<void> {
  const trusted = Object.entries(zones).map(([zone, { caPem }]) => ({ zone, caPem }));
  await lab.command((call, done) => lab.client.SetZones({ zones: trusted }, call, done));
}

/** The meeting's root is in the cloud. */
async function link(version: number, isLinked = true): Promise<void> {
  const address = `localhost:${cloud.lab.router.zonesPort}`;
  const place = { router: 'r1', worker: 0 };
  const up = { ...place, zone: 'cloud', address, isParent: true, calls: true };
  const down = { ...place, zone: 'company', address: '', isParent: false, calls: false };
  for (const [{ lab }, each] of [[company, up] as const, [cloud, down] as const]) {
    const links = isLinked ? [each] : [];
    await lab.command((call, done) => lab.client.SetZoneLinks({ meeting, version, links }, call, done));
  }
}

const join = ({ lab }: Zone, name: string): Promise<HeadlessMedia> =>
  lab.join(meeting, name, { audioSlots: 3, videoSlots: 4 });
const pictures = (media: HeadlessMedia): number =>
  media.slots().filter(({ keyframes, packets }) => keyframes > 0 && packets > 20).length;

/** Who is on a router's roster now, by its events. */
function roster({ events }: Zone): string[] {
  const people = new Map<string, boolean>();
  for (const { snapshot, roster: delta } of events.events) {
    if (snapshot) people.clear();
    const { changed, left } = { changed: snapshot?.roster ?? delta?.changed ?? [], left: delta?.left ?? [] };
    for (const { participant, connected } of changed) people.set(participant, connected);
    for (const participant of left) people.delete(participant);
  }
  return [...people].map(([name, connected]) => (connected ? name : `${name} (away)`)).sort();
}

/** As its controllers know it. */
function state({ events }: Zone): MeetingState | undefined {
  let known: MeetingState | undefined;
  for (const { snapshot, state: told } of events.events) {
    const whole = snapshot?.state || told?.whole;
    if (whole) known = readState(whole);
    const changed = told?.changed === undefined ? undefined : readChanged(told.changed);
    if (changed !== undefined && known !== undefined) known = withChanged(known, changed);
  }
  return known;
}

describe('a meeting in two zones', { timeout: 60_000 }, () => {
  test('people of both see each other over one trunk, which the inside has opened; without it they are apart', async () => {
    const people = [await join(cloud, 'ann'), await join(company, 'ben')];
    await trust(cloud, { company: company.authority });
    await trust(company, { cloud: cloud.authority });
    await link(1);
    await expect.poll(() => people.map(pictures), patience).toEqual([1, 1]);
    for (const zone of [cloud, company]) await expect.poll(() => roster(zone), patience).toEqual(['ann', 'ben']);
    await link(2, false);
    await expect.poll(() => roster(cloud), patience).toEqual(['ann', 'ben (away)']);
    await link(1);
    expect(roster(cloud)).toEqual(['ann', 'ben (away)']);
  });

  test('the state of the meeting is one: what a host in one zone orders is done in the other', async () => {
    const ben = 'ben' as ParticipantId;
    await cloud.lab.come({ meeting, participant: 'ann', entry: { role: 'host', start: '' } });
    await join(company, 'ben');
    await company.lab.act(meeting, 'ben', { type: 'chat', text: 'Is anybody there?' });
    await trust(cloud, { company: company.authority });
    await trust(company, { cloud: cloud.authority });
    await link(1);
    // Both were alone, and have routers of one name: everybody is still there, and what was written.
    for (const zone of [cloud, company]) {
      await expect.poll(() => [...(state(zone)?.people.keys() ?? [])].sort(), patience).toEqual(['ann', 'ben']);
      await expect.poll(() => state(zone)?.chat.map(({ text }) => text), patience).toEqual(['Is anybody there?']);
    }
    await cloud.lab.act(meeting, 'ann', { type: 'stopVideo', participant: ben });
    await expect.poll(() => state(company)?.people.get(ben)?.videoStopped, patience).toBe(true);
    const told = () => company.events.events.findLast(({ roster: delta }) => delta?.changed[0]?.participant === ben);
    await expect.poll(() => told()?.roster?.changed[0]?.live, patience).toEqual(['microphone']);
    // Longer than until routers say again whom they serve.
    await company.lab.act(meeting, 'ben', { type: 'raiseHand' });
    await expect.poll(() => state(cloud)?.people.get(ben)?.hand, patience).toBeDefined();
    const before = state(cloud)?.version;
    await new Promise((resolve) => setTimeout(resolve, CHECK_EVERY_MS + 1_000));
    expect([state(cloud)?.version, state(company)?.version]).toEqual([before, before]);
    await cloud.lab.act(meeting, 'ann', { type: 'remove', participant: ben });
    const { left } = await company.events.next((event) => event.left?.participant === ben);
    expect(left?.reason).toBe('removed');
  });

  test('links that are told before anybody trusts anybody come up when they do', async () => {
    const people = [await join(cloud, 'ann'), await join(company, 'ben')];
    await link(1);
    await trust(company, { cloud: cloud.authority });
    await trust(cloud, { company: company.authority });
    await expect.poll(() => people.map(pictures), patience).toEqual([1, 1]);
  });

  test('a router that says it is of a zone whose authority it has nothing of is not heard', async () => {
    const stranger = await mintZoneCertificates();
    const ann = await join(cloud, 'ann');
    const ben = await join(company, 'ben');
    await trust(cloud, { company: stranger });
    await trust(company, { cloud: cloud.authority });
    await link(1);
    // Long enough for it to have come up many times over: see the test before.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect([pictures(ann), pictures(ben), roster(cloud), roster(company)]).toEqual([0, 0, ['ann'], ['ben']]);
  });
});
