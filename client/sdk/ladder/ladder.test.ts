import { describe, expect, test } from 'vitest';
import { Random } from '../../../test/fuzz/random.ts';
import { Ladder, STEPS, type Step } from './ladder.ts';

const ALL = STEPS.slice(1);

/** Looks each 50 ms up to then; what it had begun or asked, with its time. */
function runUntil(ladder: Ladder, fromMs: number, untilMs: number): string[] {
  const done: string[] = [];
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 50) {
    for (const act of ladder.poll(nowMs)) done.push(`${nowMs} ${act.type === 'begin' ? act.step : 'probe'}`);
  }
  return done;
}

function answered(steps: readonly Step[] = ALL): Ladder {
  const ladder = new Ladder();
  ladder.offer(steps);
  ladder.handleAnswered(0, 'direct');
  return ladder;
}

/** Media goes by it. */
function using(step: Step): Ladder {
  const ladder = answered();
  runUntil(ladder, 0, 4_000);
  ladder.handleConnected(4_000, step);
  return ladder;
}

describe('coming in', () => {
  test('on a good network nothing else is begun, ever', () => {
    const ladder = answered();
    expect(runUntil(ladder, 0, 650)).toEqual([]);
    ladder.handleConnected(690, 'direct');
    expect(runUntil(ladder, 700, 300_000)).toEqual([]);
    expect([ladder.inUse, ladder.isSearching]).toEqual(['direct', false]);
  });

  test('one way after the other is begun beside those before', () => {
    expect(runUntil(answered(), 0, 20_000)).toEqual([
      '700 relay',
      '2000 webSocket',
      '3000 httpStream',
      '4000 longPoll',
    ]);
  });

  test('those that are not there are left out', () => {
    expect(runUntil(answered([]), 0, 20_000)).toEqual([]);
    expect(runUntil(answered(['httpStream']), 0, 20_000)).toEqual(['3000 httpStream']);
  });

  test('where all before have failed, nothing is waited for', () => {
    const ladder = answered();
    ladder.handleFailed(100, 'direct', 'no');
    expect(runUntil(ladder, 100, 100)).toEqual(['100 relay']);
    ladder.handleFailed(300, 'relay', 'no');
    expect(runUntil(ladder, 300, 300)).toEqual(['300 webSocket']);
    expect(runUntil(ladder, 350, 3_500)).toEqual(['3000 httpStream']);
  });

  test('what was tried is told, how long, and why not', () => {
    const ladder = answered(['relay', 'webSocket']);
    runUntil(ladder, 0, 2_000);
    ladder.handleFailed(2_300, 'relay', 'no answer of the relay');
    ladder.handleConnected(2_500, 'webSocket');
    expect(ladder.report(9_000)).toEqual([
      { step: 'direct', ms: 2_500, why: 'another way was faster' },
      { step: 'relay', ms: 1_600, why: 'no answer of the relay' },
      { step: 'webSocket', ms: 7_000, why: undefined },
    ]);
  });

  test('with everything failed, nothing is sought any more', () => {
    const ladder = answered(['relay']);
    runUntil(ladder, 0, 700);
    expect(ladder.isSearching).toBe(true);
    ladder.handleFailed(900, 'relay', 'no');
    expect(ladder.isSearching).toBe(false);
    expect(runUntil(ladder, 900, 60_000)).toEqual([]);
  });
});

describe('climbing', () => {
  test('each 30 s it is asked whether UDP is open, and nothing is begun while it is not', () => {
    const ladder = using('webSocket');
    expect(runUntil(ladder, 4_050, 40_000)).toEqual(['34000 probe']);
    ladder.handleProbed(35_500, false);
    expect(runUntil(ladder, 35_500, 66_000)).toEqual(['65500 probe']);
  });

  test('when it is, media goes there', () => {
    const ladder = using('relay');
    runUntil(ladder, 4_050, 34_000);
    ladder.handleProbed(34_200, true);
    expect(runUntil(ladder, 34_200, 90_000)).toEqual(['34200 direct']);
    ladder.handleConnected(35_000, 'direct');
    expect([ladder.inUse, runUntil(ladder, 35_000, 200_000)]).toEqual(['direct', []]);
  });

  test('another network is asked at once', () => {
    const ladder = using('longPoll');
    ladder.handleNetworkChange(9_000);
    expect(runUntil(ladder, 9_000, 9_000)).toEqual(['9000 probe']);
    const straight = using('direct');
    straight.handleNetworkChange(9_000);
    expect(runUntil(straight, 9_000, 90_000)).toEqual([]);
  });

  test('what seemed open and was not is asked for half as often', () => {
    const ladder = using('webSocket');
    runUntil(ladder, 4_050, 34_000);
    ladder.handleProbed(34_000, true);
    runUntil(ladder, 34_000, 34_000);
    ladder.handleFailed(44_000, 'direct', 'no media');
    expect([ladder.inUse, runUntil(ladder, 44_000, 110_000)]).toEqual(['webSocket', ['104000 probe']]);
  });
});

describe('silence', () => {
  test('of the network sends media another way at once', () => {
    const ladder = using('direct');
    ladder.handleSilent(60_000);
    ladder.handleSilent(60_500);
    expect(runUntil(ladder, 60_000, 61_500)).toEqual(['60000 probe']);
    ladder.handleProbed(61_500, false);
    expect(runUntil(ladder, 61_500, 70_000)).toEqual([
      '61500 relay',
      '62800 webSocket',
      '63800 httpStream',
      '64800 longPoll',
    ]);
    ladder.handleConnected(62_000, 'relay');
    expect(ladder.inUse).toBe('relay');
  });

  test('of the router is the server’s business', () => {
    const ladder = using('direct');
    ladder.handleSilent(60_000);
    runUntil(ladder, 60_000, 60_000);
    ladder.handleProbed(60_200, true);
    ladder.handleSilent(60_700);
    expect(runUntil(ladder, 60_200, 69_000)).toEqual([]);
  });

  test('that lasts is looked at again', () => {
    const ladder = using('direct');
    ladder.handleSilent(60_000);
    runUntil(ladder, 60_000, 60_000);
    ladder.handleProbed(61_000, false);
    runUntil(ladder, 61_000, 65_000);
    for (const step of ALL) ladder.handleFailed(66_000, step, 'no');
    runUntil(ladder, 66_000, 66_000);
    ladder.handleSilent(70_000);
    expect(runUntil(ladder, 70_000, 75_000)).toEqual([]);
    ladder.handleSilent(76_000);
    expect(runUntil(ladder, 76_000, 76_000)).toEqual(['76000 probe']);
  });
});

test('a move that the server wants ends every search', () => {
  const ladder = answered();
  runUntil(ladder, 0, 700);
  ladder.handleMoved(800);
  expect([ladder.isSearching, runUntil(ladder, 800, 60_000)]).toEqual([false, []]);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'whatever happens, only what is there is begun, and nothing beside UDP that is well (seed %i)',
  (seed) => {
    const random = new Random(seed);
    const offered = ALL.filter(() => random.below(10) < 7);
    const ladder = answered(offered);
    let isProbing = false;
    let isWell = false;
    for (let nowMs = 0; nowMs < 600_000; nowMs += 50) {
      for (const act of ladder.poll(nowMs)) {
        expect(isWell, `${JSON.stringify(act)} at ${nowMs} ms`).toBe(false);
        if (act.type === 'begin') expect(['direct', ...offered]).toContain(act.step);
        else {
          expect(isProbing, `two probes at ${nowMs} ms`).toBe(false);
          isProbing = true;
        }
      }
      if (random.below(100) < 99) continue;
      const running = ladder.report(nowMs).filter(({ why }) => why === undefined);
      const trial = running[random.below(Math.max(1, running.length))];
      switch (random.below(6)) {
        case 0:
          if (trial === undefined) break;
          ladder.handleConnected(nowMs, trial.step);
          isWell = trial.step === 'direct' && !isProbing;
          break;
        case 1:
          if (trial !== undefined) ladder.handleFailed(nowMs, trial.step, 'no');
          break;
        case 2:
          ladder.handleSilent(nowMs);
          isWell = false;
          break;
        case 3:
          ladder.handleNetworkChange(nowMs);
          break;
        case 4:
          ladder.handleMoved(nowMs);
          break;
        case 5:
          if (!isProbing) break;
          isProbing = false;
          ladder.handleProbed(nowMs, random.below(2) === 0);
          isWell = false;
          break;
      }
    }
  },
);
