import { describe, expect, test } from 'vitest';
import { Random } from '../../../test/fuzz/random.ts';
import { isTunnel, Ladder, type LadderAct, STEPS, type Step } from './ladder.ts';

const ALL = STEPS.slice(1);

function words(act: LadderAct): string {
  if (act.type === 'probe') return `probe ${act.steps.join(' ')}`;
  return act.type === 'stay' ? 'stay' : `${act.type} ${act.step}`;
}

/** Looks each 50 ms up to then; what it had done, with its time. */
function runUntil(ladder: Ladder, fromMs: number, untilMs: number): string[] {
  const done: string[] = [];
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 50) {
    for (const act of ladder.poll(nowMs)) done.push(`${nowMs} ${words(act)}`);
  }
  return done;
}

function answered(steps: readonly Step[] = ALL): Ladder {
  const ladder = new Ladder();
  ladder.offer(steps);
  ladder.handleAnswered(0, 'direct');
  return ladder;
}

/** Media goes by it, for four seconds. */
function using(step: Step): Ladder {
  const ladder = new Ladder();
  ladder.offer(ALL);
  ladder.handleAnswered(0, step);
  ladder.handleConnected(100, step);
  runUntil(ladder, 100, 4_000);
  ladder.handleRung(4_000, step);
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

  test('a relay is tried, and tunnels are entered beside it', () => {
    expect(runUntil(answered(), 0, 20_000)).toEqual([
      '700 try relay',
      '1000 enter webSocket',
      '1500 enter httpStream',
      '2000 enter longPoll',
    ]);
  });

  test('a tunnel that is open has its turn when the relay has had its time, and others are not entered any more', () => {
    const ladder = answered();
    runUntil(ladder, 0, 1_250);
    expect(ladder.handleOpen(1_300, 'webSocket')).toBe(true);
    expect(runUntil(ladder, 1_300, 20_000)).toEqual(['2200 try webSocket']);
    expect(ladder.report(3_000)).toMatchObject([
      { step: 'direct', why: undefined },
      { step: 'relay', ms: 1_500, why: 'no answer' },
      { step: 'webSocket', why: undefined },
    ]);
  });

  test.each([
    ['good', 3_700],
    ['bad', 1_300],
  ] as const)('a relay whose prospect is %s is given up at %i ms', (prospect, atMs) => {
    const ladder = answered();
    runUntil(ladder, 0, 900);
    ladder.handleProspect('relay', prospect);
    runUntil(ladder, 950, 1_250);
    ladder.handleOpen(1_300, 'webSocket');
    expect(runUntil(ladder, 1_300, 20_000)).toEqual([`${atMs} try webSocket`]);
  });

  test('without a relay, a tunnel is tried as soon as it is open', () => {
    const ladder = answered(['webSocket', 'httpStream', 'longPoll']);
    runUntil(ladder, 0, 1_400);
    ladder.handleOpen(1_450, 'webSocket');
    expect(runUntil(ladder, 1_450, 2_000)).toEqual(['1450 try webSocket']);
  });

  test('the tunnel by which signalling comes is tried at once', () => {
    const ladder = answered();
    expect(ladder.lacks('longPoll')).toBe(true);
    ladder.handleOpen(0, 'longPoll');
    expect([runUntil(ladder, 0, 650), ladder.lacks('longPoll')]).toEqual([['0 try longPoll'], false]);
    ladder.handleConnected(690, 'longPoll');
    expect([ladder.inUse, runUntil(ladder, 700, 30_000)]).toEqual(['longPoll', []]);
  });

  test('those that are not there are left out', () => {
    expect(runUntil(answered([]), 0, 20_000)).toEqual([]);
    expect(runUntil(answered(['httpStream']), 0, 20_000)).toEqual(['1500 enter httpStream']);
  });

  test('where all before have failed, nothing is waited for', () => {
    const ladder = answered();
    ladder.handleLost(100);
    expect(runUntil(ladder, 100, 100)).toEqual(['100 try relay']);
    ladder.handleFailed(300, 'relay', 'no');
    expect(runUntil(ladder, 300, 300)).toEqual(['300 enter webSocket']);
    ladder.handleFailed(350, 'webSocket', 'no');
    expect(runUntil(ladder, 350, 3_500)).toEqual(['350 enter httpStream', '2000 enter longPoll']);
  });

  test('when the straight way comes up, what is tried is given up', () => {
    const ladder = answered();
    runUntil(ladder, 0, 1_100);
    ladder.handleConnected(1_150, 'direct');
    expect(ladder.handleOpen(1_200, 'webSocket')).toBe(false);
    expect(runUntil(ladder, 1_200, 60_000)).toEqual(['1200 stay']);
    expect(ladder.report(9_000)).toMatchObject([{ step: 'direct', why: undefined }]);
  });

  test('what was in vain is told, how long, and why', () => {
    const ladder = answered(['relay', 'webSocket', 'httpStream']);
    runUntil(ladder, 0, 1_600);
    ladder.handleFailed(1_900, 'webSocket', 'the WebSocket was closed (1006)');
    ladder.handleOpen(2_000, 'httpStream');
    runUntil(ladder, 2_000, 2_400);
    ladder.handleConnected(2_500, 'httpStream');
    expect(ladder.report(9_000)).toMatchObject([
      { step: 'direct', ms: 2_500, why: 'no answer' },
      { step: 'relay', ms: 1_500, why: 'no answer' },
      { step: 'webSocket', ms: 900, why: 'the WebSocket was closed (1006)' },
      { step: 'httpStream', why: undefined },
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

  test('what the server could not do is asked for again, and nothing while it cannot be asked', () => {
    const ladder = answered(['relay']);
    runUntil(ladder, 0, 700);
    ladder.handlePutOff(800, 'relay', 500);
    expect([ladder.isSearching, runUntil(ladder, 800, 1_250)]).toEqual([true, []]);
    expect(ladder.poll(1_300, false)).toEqual([]);
    expect(runUntil(ladder, 1_350, 2_000)).toEqual(['1350 try relay']);
  });

  test('who starts afresh by a tunnel asks at once whether UDP is open', () => {
    const ladder = new Ladder();
    ladder.offer(ALL);
    ladder.handleAnswered(0, 'webSocket');
    expect(runUntil(ladder, 0, 0)).toEqual(['0 probe direct']);
    ladder.handleProbed(50, 'direct');
    expect(runUntil(ladder, 50, 650)).toEqual(['50 try direct']);
  });
});

describe('climbing', () => {
  test('each 30 s it is asked what is open, and nothing is begun while nothing is', () => {
    const ladder = using('webSocket');
    expect(runUntil(ladder, 4_050, 40_000)).toEqual(['34000 probe direct relay']);
    ladder.handleProbed(35_500, undefined);
    expect(runUntil(ladder, 35_500, 66_000)).toEqual(['65500 probe direct relay']);
  });

  test.each(['direct', 'relay', 'webSocket'] as const)('media goes to %s when that is open', (step) => {
    const ladder = using('longPoll');
    runUntil(ladder, 4_050, 34_000);
    ladder.handleProbed(34_200, step);
    expect([ladder.wants(step), runUntil(ladder, 34_200, 90_000)]).toEqual([true, [`34200 try ${step}`]]);
    ladder.handleConnected(35_000, step);
    expect([ladder.inUse, runUntil(ladder, 35_000, 64_900)]).toEqual([step, []]);
  });

  test('another network is asked at once', () => {
    const ladder = using('longPoll');
    ladder.handleNetworkChange(9_000);
    expect(runUntil(ladder, 9_000, 9_000)).toEqual(['9000 probe direct relay webSocket httpStream']);
    const straight = using('direct');
    straight.handleNetworkChange(9_000);
    expect(runUntil(straight, 9_000, 90_000)).toEqual([]);
  });

  test('what seemed open and was not is asked for half as often', () => {
    const ladder = using('webSocket');
    runUntil(ladder, 4_050, 34_000);
    ladder.handleProbed(34_000, 'direct');
    runUntil(ladder, 34_000, 34_000);
    ladder.handleFailed(40_000, 'direct', 'no media');
    expect([ladder.inUse, runUntil(ladder, 40_000, 110_000)]).toEqual(['webSocket', ['100000 probe direct relay']]);
  });

  test('so is what came back and did not last', () => {
    const ladder = using('webSocket');
    const pauses: number[] = [];
    let nowMs = 4_000;
    for (let i = 0; i < 6; i++) {
      const [asked] = runUntil(ladder, nowMs + 50, nowMs + 400_000);
      pauses.push(Math.round((Number.parseInt(asked ?? '', 10) - nowMs) / 1_000));
      nowMs = Number.parseInt(asked ?? '', 10) + 100;
      ladder.handleProbed(nowMs, 'direct');
      runUntil(ladder, nowMs, nowMs);
      ladder.handleConnected(nowMs + 500, 'direct');
      nowMs += i === 4 ? 200_000 : 20_000;
      ladder.handleSilent(nowMs);
      runUntil(ladder, nowMs, nowMs);
      ladder.handleProbed(nowMs + 50, undefined);
      runUntil(ladder, nowMs + 50, nowMs + 300);
      ladder.handleOpen(nowMs + 350, 'webSocket');
      runUntil(ladder, nowMs + 350, nowMs + 350);
      nowMs += 1_000;
      ladder.handleConnected(nowMs, 'webSocket');
    }
    // It lasted in the end.
    expect(pauses).toEqual([30, 60, 120, 240, 300, 30]);
  });

  test('from a tunnel that is about to end, media goes to another one of its kind', () => {
    const ladder = using('httpStream');
    ladder.handleEnding();
    expect(runUntil(ladder, 5_000, 5_500)).toEqual(['5000 enter httpStream']);
    ladder.handleOpen(5_500, 'httpStream');
    expect(runUntil(ladder, 5_500, 30_000)).toEqual(['5500 try httpStream']);
    ladder.handleConnected(31_000, 'httpStream');
    expect([ladder.inUse, runUntil(ladder, 31_000, 60_000)]).toEqual(['httpStream', []]);
  });
});

describe('silence', () => {
  test('of the network sends media by a relay at once, when UDP has not answered either', () => {
    const ladder = using('direct');
    ladder.handleDoubt(60_000);
    expect(runUntil(ladder, 60_000, 60_950)).toEqual(['60000 probe direct']);
    ladder.handleSilent(61_000);
    expect(runUntil(ladder, 61_000, 65_000)).toEqual([
      '61000 try relay',
      '61300 enter webSocket',
      '61800 enter httpStream',
      '62300 enter longPoll',
    ]);
    ladder.handleConnected(65_100, 'relay');
    expect(ladder.inUse).toBe('relay');
  });

  test('begins with what has worked before', () => {
    const ladder = using('httpStream');
    ladder.handleNetworkChange(5_000);
    runUntil(ladder, 5_000, 5_000);
    ladder.handleProbed(5_100, 'direct');
    runUntil(ladder, 5_100, 5_100);
    ladder.handleConnected(5_500, 'direct');
    ladder.handleDoubt(60_000);
    runUntil(ladder, 60_000, 60_950);
    ladder.handleSilent(61_000);
    expect(runUntil(ladder, 61_000, 61_250)).toEqual(['61000 enter httpStream']);
    ladder.handleOpen(61_300, 'httpStream');
    expect(runUntil(ladder, 61_300, 65_000)).toEqual(['61300 try httpStream']);
  });

  test('of a tunnel opens it anew, and UDP is tried first if it is open', () => {
    const ladder = using('webSocket');
    ladder.handleDoubt(10_000);
    runUntil(ladder, 10_000, 10_000);
    ladder.handleProbed(10_200, 'direct');
    ladder.handleSilent(11_000);
    expect(runUntil(ladder, 11_000, 11_500)).toEqual(['11000 enter webSocket', '11000 try direct']);
  });

  test('that ends leaves all as it is', () => {
    const ladder = using('direct');
    ladder.handleSilent(60_000);
    runUntil(ladder, 60_000, 60_000);
    ladder.handleProbed(60_100, undefined);
    expect(runUntil(ladder, 60_100, 60_100)).toEqual(['60100 try relay']);
    ladder.handleHeard(60_300);
    expect(ladder.isSearching).toBe(false);
    expect(runUntil(ladder, 60_300, 200_000)).toEqual(['60300 stay']);
  });

  test('of the router is the server’s business for a while', () => {
    const ladder = using('direct');
    ladder.handleSilent(60_000);
    runUntil(ladder, 60_000, 60_000);
    ladder.handleProbed(60_200, 'direct');
    runUntil(ladder, 60_200, 60_200);
    ladder.handleSilent(60_700);
    expect(runUntil(ladder, 60_250, 65_150)).toEqual([]);
    ladder.handleSilent(65_200);
    runUntil(ladder, 65_200, 65_200);
    ladder.handleProbed(65_300, 'direct');
    expect(runUntil(ladder, 65_300, 65_300)).toEqual(['65300 try direct']);
  });

  test('that lasts is looked at again', () => {
    const ladder = using('direct');
    ladder.handleSilent(60_000);
    runUntil(ladder, 60_000, 60_000);
    ladder.handleProbed(61_000, undefined);
    runUntil(ladder, 61_000, 65_000);
    for (const step of ALL) ladder.handleFailed(66_000, step, 'no');
    runUntil(ladder, 66_000, 66_000);
    expect(ladder.isSearching).toBe(false);
    ladder.handleSilent(70_000);
    expect(runUntil(ladder, 70_000, 75_000)).toEqual([]);
    ladder.handleSilent(76_000);
    expect(runUntil(ladder, 76_000, 76_000)).toEqual(['76000 probe direct']);
  });

  test('is not waited for when what is in use has failed', () => {
    const ladder = using('webSocket');
    ladder.handleLost(10_000);
    expect([ladder.isSearching, runUntil(ladder, 10_000, 10_000)]).toEqual([true, ['10000 enter webSocket']]);
  });
});

test('a move that the server wants ends every search', () => {
  const ladder = answered();
  runUntil(ladder, 0, 1_000);
  ladder.handleMoved(1_050);
  expect([ladder.isSearching, ladder.wants('webSocket')]).toEqual([false, false]);
  expect(runUntil(ladder, 1_050, 60_000)).toEqual([]);
});

/** What a network lets through: after how long, or not at all; and whether it says so. */
interface Fate {
  readonly opensMs: number;
  readonly connectsMs: number;
  readonly isOpen: boolean;
  readonly isTold: boolean;
}

/** When media has come; undefined: never. */
function comeIn(ladder: Ladder, fates: ReadonlyMap<Step, Fate>, fromMs: number): number | undefined {
  const due: { atMs: number; act: () => void }[] = [];
  let place: Step | undefined;
  let arrivedMs: number | undefined;
  const tryIt = (step: Step, nowMs: number) => {
    const { connectsMs, isOpen, isTold } = fates.get(step) as Fate;
    if (!isOpen && !isTold) return;
    const atMs = nowMs + connectsMs;
    const act = () => {
      if (step !== 'direct' && place !== step) return;
      if (!isOpen) ladder.handleFailed(atMs, step, 'refused');
      else {
        arrivedMs ??= atMs;
        ladder.handleConnected(atMs, step);
      }
    };
    due.push({ atMs, act });
  };
  tryIt('direct', fromMs);
  for (let nowMs = fromMs; nowMs <= fromMs + 20_000 && arrivedMs === undefined; nowMs += 50) {
    for (const each of due.splice(0))
      if (each.atMs <= nowMs) each.act();
      else due.push(each);
    for (const act of ladder.poll(nowMs)) {
      if (act.type === 'try') {
        place = act.step;
        tryIt(act.step, nowMs);
      } else if (act.type === 'stay') place = undefined;
      else if (act.type === 'enter') {
        const { opensMs, isOpen, isTold } = fates.get(act.step) as Fate;
        const atMs = nowMs + opensMs;
        const tell = () =>
          isOpen ? void ladder.handleOpen(atMs, act.step) : ladder.handleFailed(atMs, act.step, 'no');
        if (isOpen || isTold) due.push({ atMs, act: tell });
      }
    }
  }
  return arrivedMs;
}

test.each(Array.from({ length: 200 }, (_, i) => i + 1))(
  'whoever can come in at all is in within 4.5 s, and by UDP if that is open (seed %i)',
  (seed) => {
    const random = new Random(seed);
    const fates = new Map<Step, Fate>();
    for (const step of STEPS) {
      const isOpen = random.below(10) < 3;
      fates.set(step, {
        opensMs: 50 + random.below(900),
        connectsMs: 50 + random.below(step === 'direct' ? 600 : 1_000),
        isOpen,
        isTold: random.below(2) === 0,
      });
    }
    const last = STEPS[1 + random.below(STEPS.length - 1)] ?? 'longPoll';
    fates.set(last, { ...(fates.get(last) as Fate), isOpen: true });
    const ladder = answered();
    const inMs = comeIn(ladder, fates, 0);
    expect(inMs).toBeLessThan(4_500);
    if (fates.get('direct')?.isOpen) expect(ladder.inUse).toBe('direct');
    // The same for who loses his way in the middle, once that is clear.
    fates.set('direct', { opensMs: 0, connectsMs: 0, isOpen: false, isTold: false });
    ladder.handleSilent(10_000);
    ladder.poll(10_000);
    ladder.handleProbed(10_100, undefined);
    expect(comeIn(ladder, fates, 10_100)).toBeLessThan(14_000);
  },
);

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'whatever happens, only what is there is begun, one is tried at a time, and nothing beside UDP that is well (seed %i)',
  (seed) => {
    const random = new Random(seed);
    const offered = ALL.filter(() => random.below(10) < 7);
    const ladder = answered(offered);
    let isProbing = false;
    let isWell = false;
    let place: Step | undefined;
    let triedMs = 0;
    for (let nowMs = 0; nowMs < 600_000; nowMs += 50) {
      for (const act of ladder.poll(nowMs)) {
        if (act.type !== 'stay') expect(isWell, `${words(act)} at ${nowMs} ms`).toBe(false);
        if (act.type === 'enter' || act.type === 'try') expect(['direct', ...offered]).toContain(act.step);
        if (act.type === 'try') {
          // In place of another one only when that has had its time.
          if (place !== undefined && ladder.wants(place)) expect(nowMs - triedMs).toBeGreaterThanOrEqual(1_500);
          place = act.step;
          triedMs = nowMs;
        }
        if (act.type === 'stay') {
          expect(place, `stay at ${nowMs} ms`).toBeDefined();
          place = undefined;
        }
        if (act.type === 'probe') {
          expect(isProbing, `two probes at ${nowMs} ms`).toBe(false);
          isProbing = true;
        }
      }
      if (random.below(100) < 97) continue;
      const running = ladder.report(nowMs).filter(({ why }) => why === undefined);
      const trial = running[random.below(Math.max(1, running.length))];
      switch (random.below(9)) {
        case 0:
          if (trial === undefined) break;
          // A tunnel that was only entered cannot be connected, nor one that nobody has tried.
          if (trial.step !== place && (isTunnel(trial.step) || trial.step === 'relay')) break;
          ladder.handleConnected(nowMs, trial.step);
          if (trial.step === place) place = undefined;
          isWell = trial.step === 'direct' && !isProbing;
          break;
        case 1:
          if (trial === undefined) break;
          ladder.handleFailed(nowMs, trial.step, 'no');
          if (trial.step === place) place = undefined;
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
          place = undefined;
          break;
        case 5:
          if (!isProbing) break;
          isProbing = false;
          ladder.handleProbed(
            nowMs,
            random.below(2) === 0 ? undefined : ['direct' as const, ...offered][random.below(2)],
          );
          isWell = false;
          break;
        case 6:
          if (trial !== undefined && isTunnel(trial.step)) ladder.handleOpen(nowMs, trial.step);
          break;
        case 7:
          ladder.handleHeard(nowMs);
          break;
        case 8:
          if (random.below(3) === 0) ladder.handleEnding();
          isWell = false;
          break;
      }
    }
  },
);
