/** Zones with room for sound only: who is let in, what he and his router are told, and how he gets the rest. */
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from './placement/placement-policy.ts';
import { expectType } from './testing/test-client.ts';
import { TestZone } from './testing/test-zone.ts';

/** Pictures fit nowhere, sound does. */
const NO_PICTURES = { media: { ...DEFAULT_POLICY.media, videoPackets: 10_000_000 } };

let zone: TestZone;
afterEach(() => zone.stop());

describe('when there is room for sound only', () => {
  test('people are refused, with a time to come back, unless the operator says otherwise', async () => {
    zone = await TestZone.start({ placement: NO_PICTURES });
    const answer = await (await zone.connect()).join(await zone.controller.createMeeting());
    expect(answer).toMatchObject({ type: 'error', code: 'noRouter', retryAfterMs: expect.any(Number) });
  });

  test('they are let in with that: their router enforces it, and they are told, also after they were away', async () => {
    zone = await TestZone.start({ placement: { ...NO_PICTURES, whenFull: 'audioOnly' } });
    const meeting = await zone.controller.createMeeting();
    const ada = await zone.connect();
    const joined = expectType(await ada.join(meeting, 'Ada'), 'joined');
    expect(joined.media).toBe('audio');
    expect((await zone.router().command('Join')).request).toMatchObject({ name: 'Ada', audioOnly: true });
    expect(joined.roster.find(({ name }) => name === 'Ada')?.live).toEqual(['microphone']);
    ada.close();
    const second = await zone.addController();
    await second.whenReady(1);
    const again = await zone.connect(second);
    expect(expectType(await again.resume(joined.self.session), 'resumed').media).toBe('audio');
  });

  test('they are asked to move when there is room for pictures, and have them then', async () => {
    zone = await TestZone.start({ placement: { ...NO_PICTURES, whenFull: 'audioOnly' } });
    const ada = await zone.connect();
    const joined = expectType(await ada.join(await zone.controller.createMeeting(), 'Ada'), 'joined');
    await zone.router().command('Join');
    zone.controller.usePlacementPolicy(DEFAULT_POLICY);
    expect((await ada.next('move')).reason).toBe('upgrade');
    // To the same router: it lets go of him first.
    expect(await ada.move()).toMatchObject({ type: 'error', code: 'rateLimited', retryAfterMs: expect.any(Number) });
    await zone.router().command('Leave');
    const moved = expectType(await ada.move(), 'moved');
    expect([moved.media, moved.session === joined.self.session]).toEqual([undefined, true]);
    expect((await zone.router().command('Join')).request).toMatchObject({ audioOnly: false });
    expect(ada.count('left')).toBe(0);
  });

  test('everybody gets pictures where there is room for them', async () => {
    zone = await TestZone.start({ placement: { whenFull: 'audioOnly' } });
    const answer = await (await zone.connect()).join(await zone.controller.createMeeting());
    expect(expectType(answer, 'joined').media).toBeUndefined();
    expect((await zone.router().command('Join')).request).toMatchObject({ audioOnly: false });
  });
});

test('a crowd fills routers to the last seat', async () => {
  zone = await TestZone.start({}, [
    { maxParticipants: 20, workers: 1 },
    { maxParticipants: 20, workers: 1 },
  ]);
  const meeting = await zone.controller.createMeeting();
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => (await zone.connect()).join(meeting, `${index}`)),
  );
  expect(answers.filter(({ type }) => type !== 'joined')).toEqual([]);
  const joins = zone.routers.map(({ commands }) => commands.filter(({ method }) => method === 'Join').length);
  expect(joins).toEqual([20, 20]);
  const late = await (await zone.connect()).join(meeting, 'late');
  expect(late).toMatchObject({ type: 'error', code: 'noRouter', retryAfterMs: expect.any(Number) });
});
