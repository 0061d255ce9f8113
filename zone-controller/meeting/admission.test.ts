import { expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { DEFAULT_LIMITS } from '../limits/zone-limits.ts';
import { MemoryRegistry } from '../registry/memory-registry.ts';
import { ZoneRecords } from '../registry/records.ts';
import { ZoneMirror } from '../registry/zone-mirror.ts';
import { Admission } from './admission.ts';
import { Definitions } from './definitions.ts';
import { LiveMeetings } from './live-meetings.ts';

const log = createLogger({ name: 'test', level: 'silent' });

async function start(burst: number) {
  const records = new ZoneRecords(new MemoryRegistry(), 'test' as ZoneId, log);
  const mirror = new ZoneMirror(records, () => undefined);
  mirror.start();
  const live = new LiveMeetings(() => false);
  const definitions = new Definitions({ records, mirror, capacity: 100, lifeMs: 60_000, live });
  const limits = { ...DEFAULT_LIMITS, wrongGuess: { burst, perSecond: 0.001 } };
  return { definitions, admission: new Admission(definitions, limits, () => 0) };
}

test('guesses sent all at once tell no more than the same ones after each other', async () => {
  const { definitions, admission } = await start(3);
  const { meeting, passcode } = await definitions.create(false);
  const guesses = ['a', 'b', 'c', 'd', passcode];
  const results = await Promise.allSettled(guesses.map((guess) => admission.admit('192.0.2.1', meeting, guess)));
  const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'in'));
  expect(codes).toEqual(['wrongPasscode', 'wrongPasscode', 'wrongPasscode', 'rateLimited', 'rateLimited']);
  expect(await admission.admit('192.0.2.2', meeting, passcode)).toBe(meeting);
});

test('right passcodes cost nothing, however many come at once', async () => {
  const { definitions, admission } = await start(1);
  const meetings = await Promise.all(Array.from({ length: 5 }, () => definitions.create(false)));
  const admitted = meetings.map(({ meeting, passcode }) => admission.admit('192.0.2.1', meeting, passcode));
  expect(await Promise.all(admitted)).toEqual(meetings.map(({ meeting }) => meeting));
});
