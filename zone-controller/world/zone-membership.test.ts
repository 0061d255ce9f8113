/** Zones and a global controller on a bus in memory: what comes of what they tell each other. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MemoryHub } from '../../bus/memory/memory-hub.ts';
import { MemoryTransport } from '../../bus/memory/memory-transport.ts';
import { HubLine } from '../../bus/testing/hub-line.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { definitionCall } from '../../global-controller/buckets.ts';
import type { PolicyRules } from '../../global-controller/policies/policy.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import { begin, definitionOf, type LabZone, MembershipLab, ROUTER } from './membership-lab.ts';

const patience = { timeout: 10_000, interval: 20 };
const [EU, US, CLINIC] = ['eu', 'us', 'clinic'] as ZoneId[] as [ZoneId, ZoneId, ZoneId];
let hub: MemoryHub;
let lines: Map<string, HubLine>;
let lab: MembershipLab;

beforeEach(async () => {
  hub = new MemoryHub();
  lines = new Map();
  lab = await MembershipLab.open([EU, US, CLINIC], (zone) => {
    const line = lines.get(zone) ?? new HubLine(hub);
    lines.set(zone, line);
    return new MemoryTransport(line);
  });
});
afterEach(() => lab.close());

const standings = ({ membership }: LabZone): string =>
  membership.world
    .zones()
    .map(({ zone, standing }) => `${zone} ${standing}`)
    .join(', ');
const links = ({ side }: LabZone): string[] =>
  side.told.map(({ what }) => what).filter((what) => what.startsWith('links'));
const wellAll = 'clinic new, eu well, us well';

/** `eu` and `us` with a global controller, who know each other and have their blocks. */
async function two(): Promise<readonly [LabZone, LabZone]> {
  await lab.startGlobal({ clinic: { residency: 'local' } });
  const zones = [lab.addController(EU, 'zc-1'), lab.addController(US, 'zc-1')] as const;
  for (const zone of zones) {
    await expect.poll(() => standings(zone), patience).toContain('eu well, us well');
    await expect.poll(() => zone.membership.world.ids.counts, patience).toEqual({ held: 2, needed: 0 });
  }
  return zones;
}

describe('zones of one world', { timeout: 30_000 }, () => {
  test('each knows the others, whose meetings are whose, and has routers trust them', async () => {
    const [eu, us] = await two();
    expect(['clinic silent, eu well, us well', wellAll]).toContain(standings(eu));
    const meeting = eu.membership.world.drawId();
    await expect.poll(() => us.membership.world.homeOf(meeting), patience).toBe(EU);
    await expect.poll(() => eu.side.blocks.size, patience).toBe(2);
    expect(us.membership.world.urlsOf(EU)).toEqual(['https://eu.example.org']);
    expect(us.membership.world.otherZonesUrls()).toEqual([['https://eu.example.org']]);
    expect(us.membership.world.publicKeyOf(EU)).toBe(us.membership.world.publicKeyOf(EU));
    eu.membership.subscribed(ROUTER);
    await expect.poll(() => eu.side.told, patience).toEqual([{ router: ROUTER, what: 'zones clinic us' }]);
    const text = await eu.metrics.metrics();
    expect(text).toMatch(/^zonecast_bus_connected 1$/m);
    expect(text).toMatch(/^zonecast_bus_messages_total\{direction="received"\} [1-9]/m);
    expect(text).toMatch(/^zonecast_controller_world_zones\{standing="well"\} 2$/m);
    expect(text).toMatch(/^zonecast_controller_world_digest_age_seconds [01]/m);
    expect(text).toMatch(/^zonecast_controller_world_blocks 2$/m);
    expect(text).toMatch(/^zonecast_controller_world_writes_total\{what="blocks",result="written"\} 2$/m);
    expect(text).toMatch(/^zonecast_controller_world_statuses_total [1-9]/m);
  });

  test('without a bus a zone answers at once and waits for nothing; when it comes, all is told', async () => {
    hub.setUp(false);
    const eu = lab.addController(EU, 'zc-1');
    const { world } = eu.membership;
    const meeting = world.drawId();
    begin(eu, meeting);
    expect([world.zones(), world.homeOf(meeting), world.urlsOf(US), world.isDrained]).toEqual([
      [],
      undefined,
      [],
      false,
    ]);
    const query = { meeting, rules: {}, rttMs: new Map(), address: undefined };
    expect(world.rank(query).candidates.map(({ zone }) => zone)).toEqual([EU]);
    await expect(world.definitionOf(meeting)).resolves.toBeUndefined();
    hub.setUp(true);
    await lab.startGlobal();
    await expect.poll(() => standings(eu), patience).toContain('eu well');
    await expect.poll(() => world.ids.counts.held, patience).toBe(2);
    // Of an id that was drawn before the zone had blocks nobody could tell whose it is.
    expect(world.counts.written).toMatchObject({ presence: 0, definitions: 0 });
    const found = world.drawId();
    begin(eu, found);
    await expect.poll(() => world.counts.written, patience).toMatchObject({ presence: 1, definitions: 1 });
  });

  test('a meeting in both is joined at its roots, as both know where the other is, until it is in one again', async () => {
    const [eu, us] = await two();
    const meeting = eu.membership.world.drawId();
    begin(eu, meeting);
    await expect.poll(() => us.membership.world.definitionOf(meeting), patience).toMatchObject({ home: EU });
    begin(us, meeting, { home: EU });
    await expect.poll(() => links(eu).at(-1), patience).toBe(`links ${meeting} v us!`);
    await expect.poll(() => links(us).at(-1), patience).toBe(`links ${meeting} v eu^`);
    us.side.placements.delete(meeting);
    us.membership.placed(meeting);
    await expect.poll(() => links(eu).at(-1), patience).toBe(`links ${meeting} v`);
  });

  test('a zone that a meeting only goes through has a place for it, until it does not go through it any more', async () => {
    await lab.startGlobal({ clinic: { residency: 'local', guests: { via: EU } } });
    const [eu, us, clinic] = [EU, US, CLINIC].map((zone) => lab.addController(zone, 'zc-1')) as [
      LabZone,
      LabZone,
      LabZone,
    ];
    for (const zone of [eu, us, clinic]) {
      await expect.poll(() => standings(zone), patience).toBe('clinic well, eu well, us well');
      await expect.poll(() => zone.membership.world.ids.counts.held, patience).toBe(2);
    }
    const meeting = us.membership.world.drawId();
    // What comes with its place in the registry.
    eu.side.definitions.set(meeting, definitionOf({ home: US }));
    begin(us, meeting);
    begin(clinic, meeting, { home: US });
    await expect.poll(() => eu.side.told.map(({ what }) => what), patience).toContain(`place ${meeting}`);
    await expect.poll(() => links(eu).at(-1), patience).toBe(`links ${meeting} v us^! clinic`);
    await expect.poll(() => links(us).at(-1), patience).toBe(`links ${meeting} v eu`);
    await expect.poll(() => links(clinic).at(-1), patience).toBe(`links ${meeting} v eu^!`);
    expect(us.membership.world.presenceIn(EU, meeting)?.value.people).toBe(0);
    expect(eu.side.told.filter(({ what }) => what.startsWith('place'))).toHaveLength(1);
    clinic.side.placements.delete(meeting);
    clinic.membership.placed(meeting);
    await expect.poll(() => eu.membership.isOnTheWay(meeting), patience).toBe(false);
    await expect.poll(() => us.membership.world.presenceIn(EU, meeting), patience).toBeUndefined();
  });

  test('what was made a moment ago is found from another zone, and nothing of what stays inside', async () => {
    const [eu, us] = await two();
    const [meeting, inside, unknown] = [1, 2, 3].map(() => eu.membership.world.drawId()) as [
      MeetingId,
      MeetingId,
      MeetingId,
    ];
    await expect.poll(() => us.membership.world.homeOf(meeting), patience).toBe(EU);
    // The registry has them; the bucket has not, as nobody leads the zone now.
    eu.side.leads = false;
    eu.side.definitions.set(meeting, definitionOf({ title: 'new' }));
    eu.side.definitions.set(inside, definitionOf({ policy: { residency: 'local' } }));
    expect(await us.membership.world.definitionOf(meeting)).toMatchObject({ title: 'new', home: EU });
    for (const id of [inside, unknown]) expect(await us.membership.world.definitionOf(id)).toBeUndefined();
    expect(await us.membership.world.endMeeting(inside)).toBeUndefined();
    expect(eu.side.definitions.get(inside)?.ended).toBeUndefined();
    lines.get(EU)?.cut();
    await expect(us.membership.world.definitionOf(meeting)).rejects.toMatchObject({ code: 'requestTimedOut' });
    await expect.poll(() => us.membership.world.zone(EU)?.standing, patience).toBe('silent');
    expect(await us.membership.world.definitionOf(meeting)).toBeUndefined();
  });

  test('a meeting is ended by its own zone when a host does it in another, and the zones of it hear of each change', async () => {
    const [eu, us] = await two();
    const meeting = eu.membership.world.drawId();
    begin(eu, meeting);
    await expect.poll(() => us.membership.world.definitionOf(meeting), patience).toMatchObject({ home: EU });
    begin(us, meeting, { home: EU });
    await expect.poll(() => links(eu).at(-1), patience).toBe(`links ${meeting} v us!`);
    eu.side.definitions.set(meeting, definitionOf({ title: 'changed' }));
    eu.membership.defined(meeting, true);
    await expect.poll(() => us.side.definitions.get(meeting), patience).toMatchObject({ title: 'changed', home: EU });
    expect(await us.membership.world.endMeeting(meeting)).toMatchObject({ ended: true, home: EU });
    expect(eu.side.definitions.get(meeting)).toMatchObject({ ended: true });
  });

  test('what is ordered about rooms is done in the zones where they are, for zones that may know of them, and nothing else is', async () => {
    const [eu, us] = await two();
    const [main, room] = [1, 2].map(() => eu.membership.world.drawId()) as [MeetingId, MeetingId];
    const fenced = us.membership.world.drawId();
    await expect.poll(() => us.membership.world.homeOf(room), patience).toBe(EU);
    await expect.poll(() => eu.membership.world.homeOf(fenced), patience).toBe(US);
    us.side.definitions.set(main, definitionOf());
    us.side.definitions.set(room, definitionOf({ main }));
    us.side.definitions.set(fenced, definitionOf({ main, policy: { residency: 'local' } }));
    const done = () => us.side.told.map(({ what }) => what).filter((what) => /sendTo|leftRoom|endMeeting/.test(what));
    const order = async (meeting: MeetingId, act: PersonAct) => eu.membership.world.act(meeting, {}, act);
    const callBack: PersonAct = { type: 'sendTo', participants: 'all', to: main };
    const left: PersonAct = { type: 'leftRoom', room, participants: [] };
    await order(room, callBack);
    await order(main, left);
    expect(done()).toEqual([`sendTo ${room}`, `leftRoom ${main}`]);
    // Not there; no room; about people; of a meeting that stays in its zone.
    await order('12345678903' as MeetingId, callBack);
    for (const meeting of [main, fenced]) await order(meeting, { type: 'endMeeting' });
    await order(room, { type: 'muteAll' });
    expect(done()).toHaveLength(2);
    // And of one that is to stay in the zone which orders, nobody else hears.
    await eu.membership.world.act(room, { policy: { residency: 'local' } }, callBack);
    expect(done()).toHaveLength(2);
    lines.get(US)?.cut();
    await order(room, callBack);
  });

  test('a request about a meeting is answered by its zone, refusals too; one that is too large, or that nobody answers, is refused', async () => {
    const [eu] = await two();
    const headers = { 'zonecast-host-key': 'key' };
    const request = { operation: 'getMeeting', meeting: 'm', query: {}, body: {}, headers, address: '192.0.2.1' };
    const ask = (more: object = {}) => eu.membership.world.handOn(US, { ...request, ...more });
    const body = { operation: 'getMeeting', meeting: 'm', key: 'key', address: '192.0.2.1 via eu' };
    expect(await ask()).toEqual({ status: 200, body, headers: { ETag: '"2"' } });
    await expect(ask({ headers: { 'if-match': '"1"' } })).rejects.toMatchObject({ code: 'outdated' });
    const long = { headers: { authorization: 'x'.repeat(10_000) } };
    await expect(ask(long)).rejects.toMatchObject({ code: 'badMessage' });
    const away = { code: 'tryAgain', retryAfterMs: 2_000, message: expect.stringContaining('"clinic"') };
    await expect(eu.membership.world.handOn(CLINIC, request)).rejects.toMatchObject(away);
    lines.get(EU)?.cut();
    await expect(ask()).rejects.toMatchObject({ code: 'tryAgain', message: expect.stringContaining('"us"') });
  });

  test('of a meeting only its own zone tells', async () => {
    const [eu, us] = await two();
    const meeting = us.membership.world.drawId();
    us.side.definitions.set(meeting, definitionOf({ title: 'ours' }));
    const bus = await lab.bus(EU);
    const forged = { meeting, definition: definitionOf({ title: 'forged' }) };
    const subject = definitionCall(US, EU, 'definitionChanged');
    await expect(bus.request(subject, forged)).rejects.toMatchObject({ code: 'badMessage' });
    await expect(bus.request(subject, { meeting: 'x' })).rejects.toMatchObject({ code: 'badMessage' });
    expect(us.side.definitions.get(meeting)?.title).toBe('ours');
    expect(eu.side.definitions.size).toBe(0);
  });

  test('whether a meeting may be in a zone follows what is said of it', async () => {
    const [eu, us] = await two();
    const meeting = eu.membership.world.drawId();
    const { world } = us.membership;
    expect(world.mayBeIn(US, '12345678903' as MeetingId, {})).toBe(true);
    await expect.poll(() => world.homeOf(meeting), patience).toBe(EU);
    const mayBe = (policy?: PolicyRules) => [EU, US, CLINIC].map((zone) => world.mayBeIn(zone, meeting, { policy }));
    expect(mayBe()).toEqual([true, true, false]);
    expect(mayBe({ residency: 'local' })).toEqual([true, false, false]);
    expect(mayBe({ residency: 'local', guests: { via: US } })).toEqual([true, true, false]);
  });

  test('before all policies are read, people are sent nowhere else', async () => {
    const [eu, us] = await two();
    const meeting = eu.membership.world.drawId();
    const { world } = us.membership;
    await expect.poll(() => world.homeOf(meeting), patience).toBe(EU);
    const query = { meeting, rules: {}, rttMs: new Map([[EU, 1]]), address: undefined };
    expect(world.rank(query).candidates.map(({ zone }) => zone)).toEqual([EU, US]);
    // What was read is read again, and the bus has gone away in between.
    lines.get(US)?.cut();
    world.records.readBlocks();
    expect(world.rank(query).candidates.map(({ zone }) => zone)).toEqual([US]);
  });

  test('nobody hears of what stays in its zone', async () => {
    await lab.startGlobal({ clinic: { residency: 'local' } });
    const clinic = lab.addController(CLINIC, 'zc-1');
    const { world } = clinic.membership;
    await expect.poll(() => world.ids.counts.held, patience).toBe(2);
    await expect.poll(() => world.policyIn(CLINIC).residency, patience).toBe('local');
    begin(clinic, world.drawId());
    const { statuses } = world.counts;
    await expect.poll(() => world.counts.statuses, patience).toBeGreaterThan(statuses + 1);
    expect(world.counts.written).toMatchObject({ presence: 0, definitions: 0 });
    expect(world.otherZonesUrls()).toEqual([]);
  });

  test('another leader goes on with what is there, and takes away what is not any more', async () => {
    const [eu, us] = await two();
    const [gone, stays] = [eu.membership.world.drawId(), eu.membership.world.drawId()];
    for (const meeting of [gone, stays]) begin(eu, meeting);
    const told = (meeting: MeetingId) => us.membership.world.presenceIn(EU, meeting)?.value.people;
    await expect.poll(() => [gone, stays].map(told), patience).toEqual([1, 1]);
    const next = lab.addController(EU, 'zc-2', eu.side);
    eu.side.leads = false;
    next.side.placements.delete(gone);
    // The new one has not heard from the routers yet: what others know stays.
    next.side.counts.set(stays, undefined);
    await expect.poll(() => [gone, stays].map(told), patience).toEqual([undefined, 1]);
    next.side.counts.set(stays, 3);
    await expect.poll(() => told(stays), patience).toBe(3);
    await expect.poll(() => standings(us), patience).toContain('eu well');
  });

  test('cut off, a zone keeps what it knows and says how old it is; healed, it puts right what has changed', async () => {
    const [eu, us] = await two();
    const [before, during] = [eu.membership.world.drawId(), eu.membership.world.drawId()];
    begin(eu, before);
    const told = (meeting: MeetingId) => us.membership.world.presenceIn(EU, meeting)?.value.people;
    await expect.poll(() => told(before), patience).toBe(1);
    lines.get(EU)?.cut();
    eu.side.placements.delete(before);
    eu.membership.placed(before);
    begin(eu, during);
    expect(eu.membership.world.isConnected).toBe(false);
    expect(eu.membership.world.homeOf(before)).toBe(EU);
    await expect.poll(() => eu.membership.world.digestAgeMs, patience).toBeGreaterThan(5_000);
    expect(standings(eu)).toContain('eu well, us silent');
    expect([told(before), told(during)]).toEqual([1, undefined]);
    lines.get(EU)?.heal();
    await expect.poll(() => [told(before), told(during)], patience).toEqual([undefined, 1]);
    await expect.poll(() => standings(eu), patience).toContain('us well');
  });

  test('clients of another zone that any controller gets are told of by the one that leads', async () => {
    const [eu] = await two();
    const second = lab.addController(EU, 'zc-2', eu.side);
    second.side.leads = false;
    await expect.poll(() => standings(second), patience).toContain('us well');
    second.membership.world.cameFrom(US);
    second.membership.world.cameFrom('nowhere' as ZoneId);
    await expect.poll(() => eu.membership.world.strandedFrom(), patience).toEqual([US]);
  });

  test('people go where they are near, and stay where their zone keeps them', async () => {
    const [eu, us] = await two();
    const meeting = eu.membership.world.drawId();
    await expect.poll(() => us.membership.world.homeOf(meeting), patience).toBe(EU);
    const rttMs = new Map([
      [EU, 120],
      [US, 10],
    ]);
    const query = { meeting, rules: {}, rttMs, address: undefined };
    expect(us.membership.world.rank(query).candidates.map(({ zone }) => zone)).toEqual([US, EU]);
    const local = { ...query, rules: { policy: { residency: 'local' } as const } };
    expect(us.membership.world.rank(local)).toMatchObject({ candidates: [{ zone: EU, reason: 'onlyHere' }] });
  });
});
