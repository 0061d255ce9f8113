import { describe, expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import { FakeWorlds } from '../testing/fake-worlds.ts';
import { WhichZone, type Wish } from './which-zone.ts';

const MEETING = '12345678901' as MeetingId;
// Nothing of it is looked at but where it may be.
const DEFINITION = {} as MeetingDefinition;

/** Zones a, b and c, each with one controller; `rtts` are the client's. */
function threeZones(): FakeWorlds {
  const worlds = new FakeWorlds('a', 'b', 'c');
  for (const zone of ['a', 'b', 'c']) worlds.at(zone, `https://${zone}.example`);
  return worlds;
}

function at(worlds: FakeWorlds, zone: string, definition: MeetingDefinition | undefined = DEFINITION): WhichZone {
  return new WhichZone({ world: worlds.worldOf(zone), definitionOf: async () => definition });
}

function wish(roundTrips: Record<string, number>, tried: string[] = []): Wish {
  return { meeting: MEETING, definition: DEFINITION, address: '192.0.2.1', roundTrips, tried };
}

const NEAR_B = { a: 90, b: 10, c: 50 };

describe('a join', () => {
  test('goes where it is best, and stays where that is here', () => {
    const worlds = threeZones();
    expect(at(worlds, 'a').ofJoin(wish(NEAR_B))).toEqual({
      type: 'redirect',
      zone: 'b',
      urls: ['https://b.example'],
      reason: 'nearer, by the round trips that the client measured',
      tried: ['a'],
    });
    expect(at(worlds, 'b').ofJoin(wish(NEAR_B, ['a']))).toBeUndefined();
  });

  test('is never sent back, whatever each zone thinks of the other', () => {
    const worlds = threeZones();
    for (const [by, of] of ['a b', 'a c', 'b a', 'b c', 'c a', 'c b'].map((pair) => pair.split(' '))) {
      // Each thinks the others better than itself.
      worlds.opinions.set(`${by} ${of}`, { standing: 'well' });
      worlds.opinions.set(`${by} ${by}`, { drained: true });
    }
    const seen = ['a'];
    let tried: string[] = [];
    for (let hops = 0; hops < 5; hops++) {
      const zone = seen.at(-1) ?? '';
      let onward: ReturnType<WhichZone['ofJoin']>;
      try {
        onward = at(worlds, zone).ofJoin(wish({}, tried));
      } catch {
        break;
      }
      if (onward === undefined) break;
      seen.push(onward.zone);
      tried = onward.tried;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(3);
  });

  test('that could not reach the best zone is taken here, or sent to the next', () => {
    const worlds = threeZones();
    expect(at(worlds, 'c').ofJoin(wish(NEAR_B, ['b', 'c']))).toBeUndefined();
    expect(at(worlds, 'a').ofJoin(wish(NEAR_B, ['b']))).toMatchObject({ zone: 'c', tried: ['b', 'a'] });
  });

  test('is not sent to a zone whose controllers are not known', () => {
    const worlds = threeZones();
    worlds.at('b');
    expect(at(worlds, 'a').ofJoin(wish({ a: 20, b: 10 }))).toBeUndefined();
  });

  test('at a drained zone goes elsewhere, and is refused when there is nowhere', () => {
    const worlds = threeZones();
    worlds.be('a', { drained: true });
    expect(at(worlds, 'a').ofJoin(wish({ a: 1, c: 10, b: 40 }))).toMatchObject({
      zone: 'c',
      reason: 'a is to get nobody new',
    });
    for (const zone of ['b', 'c']) worlds.be(zone, { standing: 'lost' });
    expect(() => at(worlds, 'a').ofJoin(wish({}))).toThrow('No server takes people');
  });

  test('of who may only be here is never sent out', () => {
    const worlds = threeZones();
    worlds.rule('b', { residency: 'local' });
    expect(at(worlds, 'a').ofJoin(wish(NEAR_B))).toMatchObject({ zone: 'c' });
  });

  test('in a world of which nothing is known is taken here', () => {
    const world = { ...threeZones().worldOf('a'), rank: () => ({ candidates: [], excluded: [] }) };
    const alone = new WhichZone({ world, definitionOf: async () => DEFINITION });
    expect(alone.ofJoin(wish(NEAR_B))).toBeUndefined();
  });
});

describe('a stay of another zone', () => {
  const stay = {
    zone: 'b' as ZoneId,
    meeting: MEETING,
    participant: 'ada' as ParticipantId,
    router: 'router-1' as RouterId,
    worker: 0,
    name: 'Ada',
  };
  const resume = (worlds: FakeWorlds, tried?: string[], definition?: MeetingDefinition) =>
    at(worlds, 'a', definition).ofResume(stay, '192.0.2.1', tried);

  test('of our own is none', async () => {
    const own = { ...stay, zone: 'a' as ZoneId };
    expect(await at(threeZones(), 'a').ofResume(own, '192.0.2.1')).toBeUndefined();
  });

  test('goes on there while that is well', async () => {
    const worlds = threeZones();
    expect(await resume(worlds)).toMatchObject({ type: 'redirect', zone: 'b', tried: ['a'] });
    expect(worlds.stranded).toEqual([]);
  });

  test('is taken in when its zone is lost, drained, or out of the client’s reach', async () => {
    const worlds = threeZones();
    expect(await resume(worlds, ['b'])).toEqual({ type: 'takeIn', reason: 'zoneLost' });
    worlds.be('b', { standing: 'lost', silentMs: 3_000 });
    expect(await resume(worlds)).toEqual({ type: 'takeIn', reason: 'zoneLost' });
    expect(worlds.stranded).toEqual(['a b', 'a b']);
    worlds.be('b', { standing: 'well', silentMs: 0, drained: true });
    expect(await resume(worlds)).toEqual({ type: 'takeIn', reason: 'zoneDrained' });
    expect(worlds.stranded).toHaveLength(2);
  });

  test('is taken in when its meeting may not be there any more, and that is no sign of a lost zone', async () => {
    const worlds = threeZones();
    worlds.homes.set(MEETING, 'c' as ZoneId);
    worlds.rule('c', { residency: 'local', guests: { via: 'a' as ZoneId } });
    expect(await resume(worlds)).toEqual({ type: 'takeIn', reason: 'policy' });
    expect(worlds.stranded).toEqual([]);
    // What cannot be found out changes nothing.
    const away = new WhichZone({
      world: worlds.worldOf('a'),
      definitionOf: () => Promise.reject(new ZonecastError('busUnavailable', 'away')),
    });
    expect(await away.ofResume(stay, '192.0.2.1')).toMatchObject({ type: 'redirect', zone: 'b' });
  });

  test('has to ask again while its zone is silent, ten seconds at most, and its coming is told', async () => {
    const worlds = threeZones();
    worlds.be('b', { standing: 'silent', silentMs: 2_500 });
    await expect(resume(worlds)).rejects.toMatchObject({ code: 'tryAgain', retryAfterMs: 500 });
    expect(worlds.stranded).toEqual(['a b']);
    worlds.be('b', { silentMs: 10_001 });
    expect(await resume(worlds)).toEqual({ type: 'takeIn', reason: 'zoneLost' });
  });

  test('goes to another zone when this one may not have it', async () => {
    const worlds = threeZones();
    worlds.be('b', { standing: 'lost' });
    worlds.be('a', { drained: true });
    expect(await resume(worlds)).toMatchObject({ type: 'redirect', zone: 'c', tried: ['b', 'a'] });
  });

  test('is over when nothing is known of its meeting any more', async () => {
    const worlds = threeZones();
    worlds.be('b', { standing: 'lost' });
    const here = new WhichZone({ world: worlds.worldOf('a'), definitionOf: async () => undefined });
    await expect(here.ofResume(stay, '192.0.2.1')).rejects.toMatchObject({ code: 'sessionExpired' });
  });
});

describe('of a drained zone', () => {
  test('people go to the best of the others, and nowhere when there is none', () => {
    const worlds = threeZones();
    worlds.be('a', { drained: true });
    expect(at(worlds, 'a').ofTransfer(wish(NEAR_B))).toEqual({ zone: 'b', urls: ['https://b.example'] });
    worlds.rule('a', { residency: 'local' });
    for (const zone of ['b', 'c']) worlds.be(zone, { drained: true });
    expect(at(worlds, 'a').ofTransfer(wish(NEAR_B))).toBeUndefined();
  });
});
