import { describe, expect, test } from 'vitest';
import { type AllocatableSlot, allocate, Importance, wantedRungs } from './allocator.ts';
import { encoding, labInput, labSlot, SIMULCAST } from './allocator-test-lab.ts';
import { describeAllocation } from './description.ts';
import { type LayerOption, makeLadder } from './ladder.ts';

/** Encoding and temporal layer of each slot, `-` for nothing. */
function layers(slots: readonly AllocatableSlot[], budgetBps: number, riseBudgetBps = budgetBps): string {
  return allocate(labInput(budgetBps, slots, { riseBudgetBps }))
    .slots.map(({ layer }) => name(layer))
    .join(' ');
}

function name(layer: LayerOption | undefined): string {
  return layer === undefined ? '-' : `${layer.rid}${layer.temporal}`;
}

const names = (ladder: readonly LayerOption[]): string => ladder.map(name).join(' ');

describe('ladder', () => {
  test('a camera: the whole frame rate of a small picture before half that of a larger one, never a quarter', () => {
    expect(names(makeLadder(SIMULCAST, false))).toBe('l0 l1 l2 m1 m2 h1 h2');
  });

  test('a screen: every taller picture is better, whatever its frame rate', () => {
    expect(names(makeLadder(SIMULCAST, true))).toBe('l0 l1 l2 m0 m1 m2 h0 h1 h2');
  });

  test('what costs no less than something better is left out', () => {
    const options = [...encoding('l', 180, [400e3]), ...encoding('h', 720, [300e3, 500e3])];
    expect(names(makeLadder(options, false))).toBe('h0 h1');
    expect(makeLadder([], false)).toEqual([]);
  });
});

describe('one slot', () => {
  test.each([
    [20e3, '-'],
    [60e3, 'l0'],
    [149e3, 'l1'],
    [150e3, 'l2'],
    [300e3, 'm1'],
    [999e3, 'm2'],
    [1e9, 'h2'],
    [Number.POSITIVE_INFINITY, 'h2'],
  ])('with %d b/s gets %s', (budgetBps, expected) => {
    expect(layers([labSlot('v')], budgetBps)).toBe(expected);
  });

  test.each([
    ['a tile of 160 pixels', { maxHeight: 160 }, 'l2'],
    ['a little taller than the layer: enlarged', { maxHeight: 220 }, 'l2'],
    ['much taller', { maxHeight: 230 }, 'm2'],
    ['one pixel', { maxHeight: 1 }, 'l2'],
    ['no height at all', { maxHeight: 0 }, 'l2'],
    ['taller than anything', { maxHeight: 1e12 }, 'h2'],
    ['15 pictures/s', { maxFps: 15 }, 'h1'],
    ['10 pictures/s: better tall than smooth', { maxFps: 10 }, 'h0'],
    ['10 pictures/s at 360', { maxFps: 10, maxHeight: 360 }, 'm0'],
    ['no picture at all', { maxFps: 0 }, 'h0'],
  ])('%s', (_what, fields, expected) => {
    expect(layers([labSlot('v', fields)], 1e9)).toBe(expected);
  });

  test.each([
    [
      'whole frame rate of a tile that is asked for, though half that of a taller one costs less',
      360,
      'l0 l1 l2 m1 m2',
    ],
    ['the same with a view between the heights', 300, 'l0 l1 l2 m1 m2'],
    ['without a limit that step is left out', Number.POSITIVE_INFINITY, 'l0 l1 l2 m1 h1 h2'],
  ])('%s', (_what, maxHeight, expected) => {
    const options = [
      ...encoding('l', 180, [60e3, 90e3, 150e3]),
      ...encoding('m', 360, [300e3, 400e3, 700e3]),
      ...encoding('h', 720, [500e3, 650e3, 1200e3]),
    ];
    const slot = labSlot('v', { options, maxHeight });
    expect(names(wantedRungs(slot))).toBe(expected);
    expect(layers([slot], 1e9)).toBe(expected.slice(-2));
  });

  test('a screen keeps its height as long as it can', () => {
    const screen = labSlot('v', { isScreen: true });
    expect([700e3, 999e3, 1000e3, 699e3].map((budgetBps) => layers([screen], budgetBps)).join(' ')).toBe('h0 h0 h1 m2');
  });

  test('spatial layers of one encoding are steps as well', () => {
    const options = encoding('', 180, [60e3, 100e3]).concat(
      encoding('', 360, [180e3, 300e3]).map((option) => ({ ...option, spatial: 1 })),
    );
    const { slots } = allocate(labInput(310e3, [labSlot('v', { options })]));
    expect(slots[0]?.layer).toMatchObject({ spatial: 1, temporal: 1 });
  });
});

describe('several slots', () => {
  test('everybody gets something before anybody gets more, the larger come first, equals by turns', () => {
    const big = labSlot('big', { maxHeight: 720 });
    const small = ['a', 'b'].map((mid) => labSlot(mid, { maxHeight: 360 }));
    expect(layers([...small, big], 130e3)).toBe('l0 - l0');
    expect(layers([...small, big], 300e3 + 120e3)).toBe('l0 l0 m1');
    expect(layers([...small, big], 1000e3 + 2 * 90e3)).toBe('l1 l1 h1');
    expect(layers([...small, big], 1700e3 + 300e3 + 150e3)).toBe('m1 l2 h2');
    expect(layers(small, 300e3)).toBe('l2 l2');
  });

  test('in a gallery nobody is foremost', () => {
    const gallery = ['a', 'b', 'c'].map((mid) => labSlot(mid, { maxHeight: 720 }));
    expect(layers(gallery, 180e3)).toBe('l0 l0 l0');
    expect(layers(gallery, 130e3)).toBe('l0 l0 -');
  });

  test('the speaker is brought to a recognisable size before the last gets anything, and then first to what it wants', () => {
    const others = ['a', 'b', 'c'].map((mid) => labSlot(mid));
    const speaker = labSlot('s', { importance: Importance.speaking });
    expect(layers([...others, speaker], 500e3)).toBe('- - - m2');
    expect(layers([...others, speaker], 620e3)).toBe('l0 l0 - m2');
    expect(layers([...others, speaker], 1880e3)).toBe('l0 l0 l0 h2');
  });

  test('pinned before screens, screens before speakers, speakers before the rest', () => {
    const { pinned, screen, speaking } = Importance;
    const slots = [0, speaking, screen, pinned].map((importance, i) => labSlot(`${i}`, { importance }));
    expect(layers(slots, 230e3)).toBe('- - l0 l2');
    expect(layers(slots, 1700e3 + 120e3 + 1000e3)).toBe('l0 l0 h1 h2');
  });

  test('one that is too expensive does not stand in the way of the others', () => {
    const single = labSlot('h', { options: encoding('', 1080, [4e6]), importance: Importance.screen, isScreen: true });
    expect(layers([single, labSlot('a'), labSlot('b')], 300e3)).toBe('- l2 l2');
  });

  test('audio is always sent, and comes first', () => {
    const { usedBps, slots } = allocate(labInput(60e3, [labSlot('v')], { audioBps: 80e3 }));
    expect([usedBps, slots[0]?.layer, slots[0]?.limit]).toEqual([80e3, undefined, 'bandwidth']);
  });
});

describe('going up and down', () => {
  const at = (layer: string): LayerOption | undefined => SIMULCAST.find((option) => name(option) === layer);

  test('down at once, up only with a margin', () => {
    const present = at('m2');
    expect(layers([labSlot('v', { present })], 499e3)).toBe('m1');
    expect(layers([labSlot('v', { present })], 1020e3, 1020e3 / 1.15)).toBe('m2');
    expect(layers([labSlot('v', { present })], 1150e3, 1150e3 / 1.15)).toBe('h1');
    expect(layers([labSlot('v', { present })], 500e3, 500e3 / 1.15)).toBe('m2');
  });

  test('a slot that may not rise stays; a dark one gets its lowest layer, with a margin', () => {
    expect(layers([labSlot('v', { present: at('m1'), mayRise: false })], 1e9)).toBe('m1');
    expect(layers([labSlot('v', { mayRise: false })], 1e9)).toBe('l0');
    expect(layers([labSlot('v', { mayRise: false })], 65e3, 65e3 / 1.15)).toBe('-');
  });

  test('in a collapse what is above the lowest layers is given less, but no tile goes dark for it', () => {
    const slots = [labSlot('v', { present: at('h2') }), labSlot('w', { present: at('m2') })];
    const given = (budgetBps: number): string =>
      allocate(labInput(budgetBps, slots, { keepBudgetBps: budgetBps / 2 }))
        .slots.map(({ layer }) => name(layer))
        .join(' ');
    expect([given(700e3), given(130e3), given(70e3)]).toEqual(['l2 l2', 'l0 l0', 'l0 -']);
  });

  test('a layer that is gone counts as the best below it', () => {
    const options = SIMULCAST.filter(({ rid }) => rid !== 'm');
    expect(layers([labSlot('v', { options, present: at('m2'), mayRise: false })], 1e9)).toBe('l2');
    const tall = encoding('x', 1080, [3e6]);
    expect(layers([labSlot('v', { options: tall, present: at('m2'), mayRise: false })], 1e9)).toBe('x0');
  });
});

test('why each slot gets what it gets, in words', () => {
  const slots = [
    labSlot('1', { importance: Importance.speaking }),
    labSlot('2', { maxHeight: 180 }),
    labSlot('3', { options: [] }),
    labSlot('4', { options: encoding('', 720, [2e6]) }),
    labSlot('5', { mayRise: false, present: SIMULCAST[0] }),
    labSlot('6', { options: encoding('', 180, [60e3]) }),
  ];
  const input = labInput(2_020e3, slots, { audioBps: 64e3 });
  expect(describeAllocation(input, allocate(input))).toBe(
    [
      '2.0 Mb/s of 2.0 Mb/s used, 64 kb/s of it audio; 5.7 Mb/s wanted',
      '1: h 720p30 1.7 Mb/s: the best that is published',
      '2: l 180p15 90 kb/s: not enough bandwidth, the next step takes 60 kb/s more',
      '3: nothing: nothing is published',
      '4: nothing: not enough bandwidth, the next step takes 2.0 Mb/s more',
      '5: l 180p8 60 kb/s: waiting until there is room to spare for the next step of 30 kb/s',
      '6: 180p30 60 kb/s: the best that is published',
    ].join('\n'),
  );
});
