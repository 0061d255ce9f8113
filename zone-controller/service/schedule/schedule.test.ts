import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSchedule } from './check-schedule.ts';
import { expiryOf } from './expiry.ts';
import { HORIZON_MS, lastEndMs, occurrencesOf } from './occurrences.ts';
import { parseRecurrence } from './recurrence-rule.ts';
import { formatIn, inTimeZone, isTimeZone, parseTime } from './wall-time.ts';

const SEED = 20_261;
const NOW = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function plan(start: string, timeZone: string, recurrence?: string, durationMinutes = 60) {
  return checkSchedule({ start, timeZone, durationMinutes, recurrence }, NOW);
}

function starts(schedule: ReturnType<typeof plan>, limit = 5, fromMs = NOW): string[] {
  return occurrencesOf(schedule, { fromMs, limit }).map(({ startMs }) => formatIn(startMs, schedule.timeZone));
}

describe('times of day stay the same where clocks change', () => {
  test.each([
    // 29 March 2026, 02:00 → 03:00.
    ['Europe/Berlin', '2026-03-23T09:30', 'FREQ=WEEKLY', ['23T09:30:00+01:00', '30T09:30:00+02:00']],
    // 25 October 2026, 03:00 → 02:00.
    ['Europe/Berlin', '2026-10-24T09:30', 'FREQ=DAILY', ['24T09:30:00+02:00', '25T09:30:00+01:00']],
    // 8 March and 1 November 2026.
    ['America/New_York', '2026-03-07T18:00', 'FREQ=DAILY', ['07T18:00:00-05:00', '08T18:00:00-04:00']],
    ['America/New_York', '2026-10-31T18:00', 'FREQ=DAILY', ['31T18:00:00-04:00', '01T18:00:00-05:00']],
    // 4 October 2026: southern summer begins; half an hour only on Lord Howe.
    ['Australia/Sydney', '2026-10-03T08:00', 'FREQ=DAILY', ['03T08:00:00+10:00', '04T08:00:00+11:00']],
    ['Australia/Lord_Howe', '2026-10-03T08:00', 'FREQ=DAILY', ['03T08:00:00+10:30', '04T08:00:00+11:00']],
    // Neither has daylight saving time.
    ['Asia/Kolkata', '2026-03-28T10:00', 'FREQ=DAILY', ['28T10:00:00+05:30', '29T10:00:00+05:30']],
    ['UTC', '2026-03-28T10:00', 'FREQ=DAILY', ['28T10:00:00+00:00', '29T10:00:00+00:00']],
  ])('%s %s %s', (timeZone, start, rule, expected) => {
    expect(starts(plan(start, timeZone, rule), 2).map((text) => text.slice(8))).toEqual(expected);
  });

  test('a time of day that is skipped on one day is left out on that day', () => {
    const [first, second] = starts(plan('2026-03-28T02:30', 'Europe/Berlin', 'FREQ=DAILY'), 2);
    expect([first, second]).toEqual(['2026-03-28T02:30:00+01:00', '2026-03-30T02:30:00+02:00']);
  });

  test('one that comes twice is the first', () => {
    const all = starts(plan('2026-10-24T02:30', 'Europe/Berlin', 'FREQ=DAILY'), 3);
    expect(all).toEqual(['2026-10-24T02:30:00+02:00', '2026-10-25T02:30:00+02:00', '2026-10-26T02:30:00+01:00']);
  });

  test('for every zone and day of a year: the wall clock shows what was planned', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'America/Sao_Paulo',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
    ];
    const minutes = fc.integer({ min: 0, max: 24 * 60 - 1 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 365 }), minutes, (timeZone, day, minute) => {
        const wall = inTimeZone(NOW + day * DAY, timeZone).with({ hour: Math.floor(minute / 60), minute: minute % 60 });
        const schedule = { startMs: wall.epochMilliseconds, timeZone, durationMinutes: 30, rrule: 'FREQ=DAILY' };
        const found = occurrencesOf(schedule, { fromMs: schedule.startMs, limit: 10 });
        expect(found[0]?.startMs).toBe(schedule.startMs);
        for (const { startMs, endMs } of found) {
          expect(inTimeZone(startMs, timeZone).toPlainTime().equals(wall.toPlainTime())).toBe(true);
          expect(endMs - startMs).toBe(30 * 60_000);
        }
        for (const [index, { startMs }] of found.entries()) {
          const next = found[index + 1]?.startMs ?? Number.POSITIVE_INFINITY;
          // One day, give or take an hour; two where the time of day is skipped.
          expect(next - startMs).toBeGreaterThanOrEqual(DAY - HOUR);
        }
      }),
      { seed: SEED, numRuns: 60 },
    );
  });
});

describe('recurrence', () => {
  test.each([
    ['FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3', '2026-03-02', ['2026-03-02', '2026-03-04', '2026-03-09']],
    ['FREQ=WEEKLY;INTERVAL=2', '2026-03-02', ['2026-03-02', '2026-03-16', '2026-03-30', '2026-04-13', '2026-04-27']],
    ['FREQ=MONTHLY;BYDAY=-1FR', '2026-01-30', ['2026-01-30', '2026-02-27', '2026-03-27', '2026-04-24', '2026-05-29']],
    [
      'FREQ=MONTHLY;BYMONTHDAY=31',
      '2026-01-31',
      ['2026-01-31', '2026-03-31', '2026-05-31', '2026-07-31', '2026-08-31'],
    ],
    [
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1',
      '2026-08-03',
      ['2026-08-03', '2026-09-01', '2026-10-01', '2026-11-02', '2026-12-01'],
    ],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', '2028-02-29', ['2028-02-29', '2032-02-29', '2036-02-29']],
    ['FREQ=DAILY;UNTIL=20260304T100000Z', '2026-03-02', ['2026-03-02', '2026-03-03', '2026-03-04']],
    ['FREQ=DAILY;UNTIL=20260304T085959Z', '2026-03-02', ['2026-03-02', '2026-03-03']],
    ['FREQ=DAILY;BYHOUR=10,15', '2026-03-02', ['2026-03-02', '2026-03-02', '2026-03-03', '2026-03-03', '2026-03-04']],
  ])('%s from %s', (rule, date, expected) => {
    expect(starts(plan(`${date}T10:00`, 'Europe/Berlin', rule)).map((text) => text.slice(0, 10))).toEqual(expected);
  });

  test.each([
    ['', /part that is not taken/],
    ['FREQ=', /no FREQ/],
    ['INTERVAL=2', /does not say how often/],
    ['FREQ=SECONDLY', /says "FREQ=SECONDLY", which is no FREQ/],
    ['FREQ=MINUTELY', /no FREQ/],
    ['FREQ=HOURLY', /no FREQ/],
    ['RRULE:FREQ=DAILY', /part that is not taken here: "RRULE:FREQ"/],
    ['FREQ=DAILY;FREQ=WEEKLY', /says FREQ twice/],
    ['FREQ=DAILY;COUNT=3;UNTIL=20270101T000000Z', /an end by COUNT and another by UNTIL/],
    ['FREQ=DAILY;COUNT=367', /no COUNT/],
    ['FREQ=DAILY;INTERVAL=0', /no INTERVAL/],
    ['FREQ=DAILY;UNTIL=20270101', /no UNTIL/],
    ['FREQ=DAILY;UNTIL=20271301T000000Z', /no UNTIL/],
    ['FREQ=DAILY;BYHOUR=24', /no BYHOUR/],
    ['FREQ=DAILY;BYMINUTE=0,1', /not taken here: "BYMINUTE"/],
    ['FREQ=DAILY;RSCALE=HEBREW', /not taken here/],
    ['FREQ=DAILY;__proto__=1', /not taken here/],
    ['FREQ=DAILY\nEXDATE:20260303T090000Z', /no FREQ/],
    ['freq=daily', /not taken here/],
    [`FREQ=DAILY;BYMONTHDAY=${'1,'.repeat(200)}1`, /256 characters/],
    ['FREQ=WEEKLY;BYYEARDAY=1', /makes no sense/],
    ['FREQ=DAILY;BYSETPOS=3', /makes no sense/],
    ['FREQ=WEEKLY;BYDAY=TU', /start is none of the times/],
    ['FREQ=DAILY;UNTIL=20260110T000000Z', /never take place/],
  ])('%j is refused', (rule, message) => {
    expect(() => plan('2026-03-02T10:00', 'Europe/Berlin', rule)).toThrow(message);
    expect(() => plan('2026-03-02T10:00', 'Europe/Berlin', rule)).toThrow(
      expect.objectContaining({ code: 'badMessage' }),
    );
  });

  test.each([
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=366',
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=366',
    'FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31',
    'FREQ=YEARLY;BYWEEKNO=53;BYYEARDAY=100',
    'FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1',
  ])('%s never happens, and is soon known not to', (rule) => {
    const startMs = performance.now();
    expect(() => plan('2026-03-02T10:00', 'Europe/Berlin', rule)).toThrow(/never take place/);
    // Some 40 ms; a search without an end would not come back at all.
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  test('any rule at all gives times in order or is refused in our words, soon', () => {
    const numbers = (max: number) =>
      fc.array(fc.integer({ min: -max, max }), { minLength: 1, maxLength: 5 }).map((all) => all.join(','));
    const part = fc.oneof(
      fc.tuple(fc.constantFrom('INTERVAL', 'COUNT'), numbers(400)),
      fc.tuple(fc.constantFrom('BYMONTH', 'BYHOUR'), numbers(24)),
      fc.tuple(fc.constantFrom('BYMONTHDAY', 'BYWEEKNO', 'BYYEARDAY', 'BYSETPOS'), numbers(60)),
      fc.tuple(fc.constantFrom('BYDAY', 'WKST'), fc.constantFrom('MO', 'SU,SA', '-1FR', '5MO', 'XX')),
      fc.tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 })),
    );
    const frequency = fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY');
    let taken = 0;
    fc.assert(
      fc.property(frequency, fc.array(part, { maxLength: 4 }), (freq, parts) => {
        const rule = [`FREQ=${freq}`, ...parts.map(([name, value]) => `${name}=${value}`)].join(';');
        try {
          const found = occurrencesOf(plan('2026-03-02T10:00', 'Europe/Berlin', rule), { fromMs: NOW, limit: 20 });
          const times = found.map(({ startMs }) => startMs);
          expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
          taken++;
        } catch (error) {
          expect(error, rule).toMatchObject({ code: 'badMessage' });
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(20);
  });
});

describe('single dates', () => {
  const WISH = { start: '2026-03-27T10:00', timeZone: 'Europe/Berlin', durationMinutes: 60 };
  const dates = (recurrence: string | undefined, exclude: string[], include: string[]) =>
    checkSchedule({ ...WISH, recurrence, exclude, include }, NOW);

  // Clocks go forward on the 29th: the times of day are those of each day.
  test.each([
    ['left out', 'FREQ=DAILY', ['2026-03-28T10:00', '2026-03-29T10:00'], [], ['27T10:00', '30T10:00', '31T10:00']],
    ['the first is left out', 'FREQ=DAILY', ['2026-03-27T10:00'], [], ['28T10:00', '29T10:00', '30T10:00']],
    ['added', 'FREQ=DAILY', [], ['2026-03-28T15:00'], ['27T10:00', '28T10:00', '28T15:00', '29T10:00']],
    [
      'moved',
      'FREQ=DAILY',
      ['2026-03-29T08:00Z'],
      ['2026-03-29T12:30'],
      ['27T10:00', '28T10:00', '29T12:30', '30T10:00'],
    ],
    [
      'what counts',
      'FREQ=DAILY;COUNT=3',
      ['2026-03-28T10:00'],
      ['2026-04-05T10:00'],
      ['27T10:00', '29T10:00', '05T10:00'],
    ],
    [
      'after the end',
      'FREQ=DAILY;UNTIL=20260328T120000Z',
      [],
      ['2026-04-05T10:00'],
      ['27T10:00', '28T10:00', '05T10:00'],
    ],
    ['one that is there is not twice', 'FREQ=DAILY', [], ['2026-03-28T10:00'], ['27T10:00', '28T10:00', '29T10:00']],
    ['without a rule', undefined, [], ['2026-03-30T10:00', '2026-03-28T10:00'], ['27T10:00', '28T10:00', '30T10:00']],
    ['an added one is left out', undefined, ['2026-03-28T10:00'], ['2026-03-28T10:00'], ['27T10:00']],
  ])('%s: %s without %j and with %j', (_, rule, exclude, include, expected) => {
    const found = starts(dates(rule, exclude, include), expected.length);
    expect(found.map((text) => text.slice(8, 16))).toEqual(expected);
  });

  test.each([
    ['FREQ=WEEKLY', ['2026-03-28T10:00'], [], /nothing to leave out at 2026-03-28T10:00:00\+01:00/],
    ['FREQ=WEEKLY', ['2026-04-03T10:00:00Z'], [], /nothing to leave out at 2026-04-03T12:00/],
    ['FREQ=WEEKLY;COUNT=2', ['2026-04-10T10:00'], [], /nothing to leave out/],
    ['FREQ=WEEKLY;UNTIL=20260404T000000Z', ['2026-04-10T10:00'], [], /nothing to leave out/],
    [undefined, ['2026-04-10T10:00'], [], /nothing to leave out/],
    ['FREQ=WEEKLY;COUNT=1', ['2026-03-27T10:00'], [], /never take place/],
    ['FREQ=WEEKLY', [], ['2026-03-26T10:00'], /before the start/],
    ['FREQ=WEEKLY', [], ['2037-03-26T10:00'], /ten years/],
    ['FREQ=WEEKLY', [], ['2026-03-29T02:30'], /clocks go forward/],
    ['FREQ=WEEKLY', ['monday'], [], /is no time such as/],
  ])('%s without %j and with %j is refused', (rule, exclude, include, words) => {
    expect(() => dates(rule, exclude, include)).toThrow(words);
    expect(() => dates(rule, exclude, include)).toThrow(expect.objectContaining({ code: 'badMessage' }));
  });

  test('any of them are as counted by hand', () => {
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 30 });
    const startMs = Date.parse('2026-03-02T10:00Z');
    fc.assert(
      fc.property(
        days,
        days,
        fc.integer({ min: 0, max: 45 }),
        fc.integer({ min: 1, max: 20 }),
        (out, more, from, limit) => {
          // Half an hour later, on days that the rule has.
          const included = more.map((day) => startMs + day * DAY + HOUR / 2);
          const excluded = out.map((day) => startMs + day * DAY);
          const schedule = { startMs, timeZone: 'UTC', durationMinutes: 20, rrule: 'FREQ=DAILY', included, excluded };
          const fromMs = startMs + from * DAY;
          const all = Array.from({ length: 120 }, (_, day) => startMs + day * DAY).filter(
            (ms) => !excluded.includes(ms),
          );
          const expected = [...all, ...included]
            .filter((ms) => ms >= fromMs)
            .sort((a, b) => a - b)
            .slice(0, limit);
          expect(occurrencesOf(schedule, { fromMs, limit }).map((each) => each.startMs)).toEqual(expected);
        },
      ),
      { seed: SEED, numRuns: 100 },
    );
  });

  test('the last one ends when the last of all does', () => {
    const end = (rule: string | undefined) => lastEndMs(dates(rule, [], ['2026-05-05T10:00']));
    for (const rule of [undefined, 'FREQ=DAILY;COUNT=3', 'FREQ=DAILY;UNTIL=20260404T000000Z']) {
      expect(end(rule)).toBe(Date.parse('2026-05-05T11:00+02:00'));
    }
    expect(end('FREQ=DAILY')).toBeUndefined();
  });
});

describe('queries', () => {
  const daily = plan('2026-03-02T10:00', 'UTC', 'FREQ=DAILY');

  test('what goes on counts, what is over does not; the end is not within', () => {
    const at = (text: string) => Date.parse(`2026-03-0${text}:00Z`);
    expect(starts(daily, 1, at('3T10:59'))).toEqual(['2026-03-03T10:00:00+00:00']);
    expect(starts(daily, 1, at('3T11:00'))).toEqual(['2026-03-04T10:00:00+00:00']);
    const query = { fromMs: at('3T00:00'), toMs: at('5T10:00'), limit: 9 };
    expect(occurrencesOf(daily, query)).toHaveLength(2);
  });

  test('reach ten years and no further', () => {
    const yearly = plan('2026-03-02T10:00', 'UTC', 'FREQ=YEARLY');
    expect(starts(yearly, 100)).toHaveLength(11);
    expect(starts(yearly, 1, NOW + 50 * 366 * DAY)[0]).toMatch(/^2076/);
    expect(() => plan('2037-03-02T10:00', 'UTC')).toThrow(/ten years/);
    expect(HORIZON_MS).toBe(3_660 * DAY);
  });

  test('once is once', () => {
    const once = plan('2026-03-02T10:00', 'UTC');
    expect(starts(once)).toEqual(['2026-03-02T10:00:00+00:00']);
    expect(starts(once, 5, NOW + 100 * DAY)).toEqual([]);
  });
});

describe('what is wished for', () => {
  test.each([
    ['2026-03-02T10:00:00+01:00', 'Europe/Berlin', '2026-03-02T10:00:00+01:00'],
    ['2026-03-02T09:00:00Z', 'Europe/Berlin', '2026-03-02T10:00:00+01:00'],
    ['2026-03-02T10:00', 'Europe/Berlin', '2026-03-02T10:00:00+01:00'],
  ])('%s in %s is %s', (start, timeZone, expected) => {
    expect(starts(plan(start, timeZone))).toEqual([expected]);
  });

  test.each([
    ['2026-03-29T02:30', 'Europe/Berlin', /There is no 2026-03-29T02:30 in Europe\/Berlin/],
    ['2026-13-01T02:30', 'Europe/Berlin', /is no time such as/],
    ['tomorrow', 'Europe/Berlin', /is no time such as/],
    ['2025-12-01T10:00', 'Europe/Berlin', /over already/],
    ['2026-03-02T10:00', 'Europe/Nowhere', /no time zone/],
    ['2026-03-02T10:00', '+02:00', /no time zone/],
    ['2026-03-02T10:00', '', /no time zone/],
  ])('%s in %j is refused', (start, timeZone, message) => {
    expect(() => plan(start, timeZone)).toThrow(message);
  });

  test('time zones are names; any text is taken or not, and nothing else happens', () => {
    expect(['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'].every(isTimeZone)).toBe(true);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isTimeZone(text)).toBeTypeOf('boolean');
        expect(() => {
          try {
            parseTime(text, 'UTC');
            parseRecurrence(text);
          } catch (error) {
            if ((error as { code?: string }).code !== 'badMessage') throw error;
          }
        }).not.toThrow();
      }),
      { seed: SEED },
    );
  });
});

describe('how long a meeting is kept', () => {
  const used = Date.parse('2026-02-01T00:00Z');
  const at = (text: string) => Date.parse(text);
  test.each([
    ['unplanned: a day after its last use', {}, used + DAY],
    ['personal: for ever', { personal: true }, null],
    ['once: a day after its end', { schedule: plan('2026-03-02T10:00', 'UTC') }, at('2026-03-03T11:00Z')],
    [
      'by COUNT: a day after the last one',
      { schedule: plan('2026-03-02T10:00', 'UTC', 'FREQ=DAILY;COUNT=3') },
      at('2026-03-05T11:00Z'),
    ],
    [
      'by UNTIL: a day after that',
      { schedule: plan('2026-03-02T10:00', 'UTC', 'FREQ=DAILY;UNTIL=20260401T000000Z') },
      at('2026-04-02T01:00Z'),
    ],
    [
      'without an end: a year after its last use',
      { schedule: plan('2026-01-02T10:00', 'UTC', 'FREQ=DAILY') },
      used + 366 * DAY,
    ],
    [
      'without an end, and not begun: a year after its beginning',
      { schedule: plan('2030-03-02T10:00', 'UTC', 'FREQ=DAILY') },
      at('2030-03-02T10:00Z') + 366 * DAY,
    ],
  ])('%s', (_, definition, expected) => {
    expect(expiryOf(definition, used, DAY)).toBe(expected);
  });

  test('one that is used after its end is kept as long as any', () => {
    const schedule = plan('2026-03-02T10:00', 'UTC');
    const late = at('2026-03-10T00:00Z');
    expect(expiryOf({ schedule }, late, DAY)).toBe(late + DAY);
    expect(lastEndMs(schedule)).toBe(at('2026-03-02T11:00Z'));
  });
});
