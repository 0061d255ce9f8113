import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { mintZoneCertificates } from '../../common/mutual-tls.ts';
import { recordOf } from '../../global-controller/zones/zone-directory-lab.ts';
import { TrustSender } from './trust-sender.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const [R1, R2] = ['r-1', 'r-2'] as RouterId[] as [RouterId, RouterId];
let caPem: string;
let told: string[];
let away: Set<RouterId>;
let sender: TrustSender;

beforeAll(async () => {
  ({ caPem } = await mintZoneCertificates());
});
beforeEach(() => {
  [told, away] = [[], new Set()];
  const setZones = async (router: RouterId, zones: { readonly zone?: string }[]): Promise<void> => {
    if (away.has(router)) throw new ZonecastError('noRouter', 'away');
    told.push(`${router}: ${zones.map(({ zone }) => zone).join(' ')}`);
  };
  sender = new TrustSender({ own: 'own' as ZoneId, zone: { setZones }, log });
});
const set = (zones: Readonly<Record<string, string>>): void =>
  sender.set(new Map(Object.entries(zones).map(([zone, ca]) => [zone as ZoneId, { record: recordOf({ caPem: ca }) }])));
/** What was told since the last time. */
async function news(): Promise<string[]> {
  await new Promise((resolve) => setImmediate(resolve));
  return told.splice(0);
}

describe('routers are told whom to trust', () => {
  test('when they are there and it is known; again when either is new', async () => {
    sender.subscribed(R1);
    expect(await news()).toEqual([]);
    set({ own: caPem, us: caPem });
    expect(await news()).toEqual(['r-1: us']);
    set({ us: caPem, own: caPem });
    sender.run();
    expect(await news()).toEqual([]);
    sender.subscribed(R2);
    expect(await news()).toEqual(['r-2: us']);
    set({ own: caPem, us: caPem, eu: caPem });
    expect((await news()).sort()).toEqual(['r-1: eu us', 'r-2: eu us']);
    sender.subscribed(R1);
    expect(await news()).toEqual(['r-1: eu us']);
  });

  test('until they have taken it', async () => {
    away.add(R1);
    set({ us: caPem });
    sender.subscribed(R1);
    expect(await news()).toEqual([]);
    away.delete(R1);
    sender.run();
    expect(await news()).toEqual(['r-1: us']);
    sender.lost(R1);
    set({});
    expect(await news()).toEqual([]);
  });

  test('of all whose authority is one, whatever is wrong with another', async () => {
    sender.subscribed(R1);
    set({ us: caPem, eu: 'no certificate' });
    expect(await news()).toEqual(['r-1: us']);
  });
});
