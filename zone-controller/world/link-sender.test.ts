import { beforeEach, describe, expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import type { PresenceRecord } from '../../global-controller/buckets.ts';
import type { TreeRecord } from '../../global-controller/trees/zone-tree.ts';
import type { Kept } from '../../global-controller/world/meeting-world.ts';
import type { ZoneLink } from '../../proto/gen/zonecast/router/v1/ZoneLink.ts';
import { LinkSender } from './link-sender.ts';
import { FakeSide, placedAt, ROUTER } from './membership-lab.ts';
import { WorldCounts } from './world-counts.ts';

const [OWN, OTHER] = ['own', 'other'] as ZoneId[] as [ZoneId, ZoneId];
const meeting = '12345678903' as MeetingId;

/** Its router takes links only of meetings whose tree it has. */
class Side extends FakeSide {
  readonly trees = new Set<string>();
  fails: ZonecastError | undefined;

  override async setTree(router: RouterId, id: MeetingId): Promise<void> {
    this.trees.add(`${router} ${id}`);
    await super.setTree(router, id);
  }

  override async setZoneLinks(router: RouterId, id: MeetingId, version: number, links: ZoneLink[]): Promise<void> {
    if (this.fails) throw this.fails;
    if (!this.trees.has(`${router} ${id}`)) throw new ZonecastError('noSuchMeeting', 'no tree');
    this.told.push({ router, what: `${version}: ${links.map((link) => `${link.router}@${link.version}`).join(' ')}` });
  }
}

let side: Side;
let tree: Kept<TreeRecord> | undefined;
let presence: Kept<PresenceRecord> | undefined;
let counts: WorldCounts;
let sender: LinkSender;

beforeEach(() => {
  side = new Side();
  side.leads = false;
  side.placements.set(meeting, placedAt());
  side.live.add(meeting);
  tree = { value: { version: 1, root: OWN, edges: [{ zone: OTHER, parent: OWN }] }, revision: 10 };
  presence = at('far-1', 5);
  counts = new WorldCounts();
  const log = createLogger({ name: 'test', level: 'silent' });
  sender = new LinkSender({ own: OWN, zone: side, treeOf: () => tree, presenceOf: () => presence, counts, log });
});

function at(router: string, revision: number): Kept<PresenceRecord> {
  const root = { router, address: `${router}:1`, worker: 0 };
  return { value: { root, epoch: 1, people: 1, dials: false }, revision };
}

/** What routers were told since the last time. */
async function told(): Promise<string[]> {
  sender.mark(meeting);
  await sender.run();
  return side.told.splice(0).map(({ router, what }) => `${router} ${what}`);
}

describe('the root of a meeting is told of its links', () => {
  test('after the tree of the zone, once, and again when something is otherwise', async () => {
    expect(await told()).toEqual([`r-1 tree ${meeting}`, 'r-1 10: far-1@5']);
    expect(await told()).toEqual([]);
    presence = at('far-2', 8);
    expect(await told()).toEqual(['r-1 10: far-2@8']);
    tree = tree && { ...tree, revision: 12 };
    expect(await told()).toEqual(['r-1 12: far-2@8']);
    expect(counts.links).toEqual({ taken: 3, failed: 0 });
  });

  test('that there are none when the tree is gone; below the next one', async () => {
    await told();
    tree = undefined;
    expect([await told(), await told()]).toEqual([['r-1 11: '], []]);
    tree = { value: { version: 1, root: OWN, edges: [{ zone: OTHER, parent: OWN }] }, revision: 12 };
    expect(await told()).toEqual(['r-1 12: far-1@5']);
  });

  test('wherever it is, and again when it may have forgotten', async () => {
    await told();
    side.addRouter('r-2' as RouterId, { zonesAddress: 'r-2:1' });
    side.placements.set(meeting, placedAt('r-2' as RouterId, 2));
    expect(await told()).toEqual([`r-2 tree ${meeting}`, 'r-2 10: far-1@5']);
    sender.subscribed(ROUTER);
    expect(await told()).toEqual([]);
    side.trees.clear();
    sender.subscribed('r-2' as RouterId);
    await sender.run();
    expect(side.told.map(({ what }) => what)).toEqual([`tree ${meeting}`, '10: far-1@5']);
  });

  test('again in a new epoch, of which the same router knows nothing', async () => {
    await told();
    side.trees.clear();
    side.placements.set(meeting, placedAt(ROUTER, 2));
    expect(await told()).toEqual([`r-1 tree ${meeting}`, 'r-1 10: far-1@5']);
    expect(await told()).toEqual([]);
  });

  test('until it has taken that', async () => {
    side.fails = new ZonecastError('noRouter', 'away');
    expect(await told()).toEqual([]);
    expect(counts.links).toEqual({ taken: 0, failed: 1 });
    side.fails = undefined;
    await sender.run();
    expect(side.told.at(-1)?.what).toBe('10: far-1@5');
  });

  test('by who has people in it, or leads', async () => {
    side.live.clear();
    expect(await told()).toEqual([]);
    side.leads = true;
    expect(await told()).toHaveLength(2);
  });

  test('not at all of a meeting that is in this zone alone', async () => {
    tree = undefined;
    expect(await told()).toEqual([]);
    tree = { value: { version: 1, root: OTHER, edges: [] }, revision: 3 };
    expect(await told()).toEqual([]);
    side.placements.delete(meeting);
    expect(await told()).toEqual([]);
  });
});
