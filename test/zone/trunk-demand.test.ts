import { expect, test } from 'vitest';
import type { WorkerStatistics } from '../../mmr/worker/messages.ts';
import { demandOf } from './trunk-demand.ts';

/** What of the statistics is looked at. */
function worker(participants: object[]): WorkerStatistics {
  return { participants } as unknown as WorkerStatistics;
}

const viewer = (...slots: [source: string, layer: string][]) => ({
  sources: [],
  slots: slots.map(([source, layer]) => ({ source, layer })),
});
const publisher = (participant: string) => ({
  participant,
  sources: [
    {
      kind: 'camera',
      encodings: [
        { rid: 'm', height: 360, bitrateBps: 500 },
        { rid: 'l', height: 180, bitrateBps: 160 },
      ],
    },
  ],
  slots: [],
});
const root = worker([publisher('ada'), publisher('bob')]);

test.each([
  ['nobody watches anything', [viewer()], { demandedBps: 0, withSmallerBps: 0, starBps: 0, viewers: 1 }],
  [
    'two watch the same',
    [viewer(['ada/camera', 'l 180p15 160 kb/s']), viewer(['ada/camera', 'l 180p15 160 kb/s'])],
    { demandedBps: 160, withSmallerBps: 160, starBps: 320, viewers: 2 },
  ],
  [
    'one watches the large picture: the small one comes with it',
    [viewer(['ada/camera', 'm 360p15 500 kb/s'])],
    { demandedBps: 500, withSmallerBps: 660, starBps: 500, viewers: 1 },
  ],
  [
    'large and small, and somebody else',
    [
      viewer(['ada/camera', 'm 360p15 500 kb/s'], ['bob/camera', 'l 180p15 160 kb/s']),
      viewer(['ada/camera', 'l 180p15 1 kb/s']),
    ],
    { demandedBps: 820, withSmallerBps: 820, starBps: 820, viewers: 2 },
  ],
] as const)('%s', (_, viewers, demand) => {
  const beyond = worker([...viewers]);
  expect(demandOf([beyond], [root, beyond])).toEqual(demand);
});
