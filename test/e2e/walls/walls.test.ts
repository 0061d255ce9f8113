/**
 * Everybody gets in: the same meeting behind every kind of wall, of which one rung after the other is left. Somebody in the open meets
 * somebody behind the wall, who gets the page, too, by what the wall lets through.
 */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Rung } from '../../../proto/signalling.ts';
import { longestGapMs } from '../frame-gaps.ts';
import { PATIENCE, Person } from '../person.ts';
import { stallsOf } from '../stall-meter.ts';
import { AUTOPLAY, installTalkingMicrophone } from '../talking-microphone.ts';
import { watchTile } from '../tile-watch.ts';
import { keepPlayers } from './heard.ts';
import { HttpProxy, type ProxyKind } from './http-proxy.ts';
import { meetEachOther, seesMove } from './people-meet.ts';
import { FIRST_MEDIA_PORT, TUNNEL_PORT, WalledZone } from './walled-zone.ts';

vi.setConfig({ testTimeout: 120_000 });
/** The zone makes its certificate itself, and TURN over TLS asks nobody whether that is to be trusted. */
const FLAGS = [AUTOPLAY, '--ignore-certificate-errors'];
const TUNNEL = `tcp dport ${TUNNEL_PORT}`;
const MEDIA = `dport { ${FIRST_MEDIA_PORT}-${FIRST_MEDIA_PORT + 99} }`;

let walled: WalledZone;
const people: Person[] = [];
const browsers: Browser[] = [];
const proxies: HttpProxy[] = [];

beforeAll(async () => {
  walled = await WalledZone.start(...FLAGS);
});
afterEach(async () => {
  const gone = people.splice(0);
  await Promise.all(gone.map((person) => person.close()));
  await Promise.all(browsers.splice(0).map((browser) => browser.close()));
  for (const proxy of proxies.splice(0)) proxy.close();
  for (const { name, complaints } of gone) expect(complaints, `the page of ${name} complained`).toEqual([]);
});
afterAll(() => walled?.stop());

async function join(browser: Browser, link: string, name: string): Promise<Person> {
  const person = await Person.open(browser, link, name, { prepare: [installTalkingMicrophone, keepPlayers] });
  people.push(person);
  await person.textBox('Name').fill(name);
  return person;
}

/** Ada behind the wall and Bob in the open, before Ada has pressed Join. */
async function comeTogether(proxy?: HttpProxy): Promise<{ ada: Person; bob: Person }> {
  const by = proxy === undefined ? [] : [`--proxy-server=http://${walled.proxyAddress}:${proxy.port}`];
  const inside = await walled.launchInside(...FLAGS, ...by);
  browsers.push(inside);
  const link = await walled.newMeeting();
  const bob = await join(walled.browser, link, 'Bob');
  await bob.press('Join');
  await bob.isInside();
  return { bob, ada: await join(inside, link, 'Ada') };
}

async function enclose(kind: ProxyKind): Promise<HttpProxy> {
  const proxy = await HttpProxy.start(kind, walled.proxyAddress, `${walled.address}:${TUNNEL_PORT}`);
  proxies.push(proxy);
  walled.enclose(`ip daddr ${walled.proxyAddress} tcp dport ${proxy.port}`);
  return proxy;
}

/** What the statistics panel says of the way by which media goes. */
async function wayOf(person: Person): Promise<string> {
  await person.choose('More', 'Statistics');
  const way = person.page.locator('#statistics-way');
  await expect.poll(() => way.textContent(), PATIENCE).not.toBe('');
  const words = (await way.textContent()) ?? '';
  await person.page.locator('#statistics-close').click();
  return words;
}

/** Presses Join. Returns after how long Ada saw Bob, and Bob Ada, milliseconds. */
async function timeJoin(ada: Person, bob: Person): Promise<{ inMs: number; outMs: number }> {
  await ada.page.evaluate(watchTile, 'Bob');
  await bob.page.evaluate(watchTile, 'Ada');
  const pressedMs = await ada.page.evaluate(() => {
    const atMs = performance.timeOrigin + performance.now();
    [...document.querySelectorAll('button')].find(({ textContent }) => textContent?.trim() === 'Join')?.click();
    return atMs;
  });
  const firstOf = async ({ page }: Person, tile: string): Promise<number> => {
    const first = () => page.evaluate((each) => window.shown[each]?.[0]?.atMs ?? 0, tile);
    await expect.poll(first, { ...PATIENCE, timeout: 40_000 }).toBeGreaterThan(0);
    return Math.round((await first()) - pressedMs);
  };
  return { inMs: await firstOf(ada, 'Bob'), outMs: await firstOf(bob, 'Ada') };
}

const WALLS: readonly {
  wall: string;
  rung: Rung;
  words: RegExp;
  /** What may leave, as rules of nft; or by which proxy. */
  lets: readonly string[] | ProxyKind;
}[] = [
  { wall: 'none', rung: 'udp', words: /go by UDP\./, lets: ['meta l4proto { tcp, udp }'] },
  { wall: 'no UDP', rung: 'iceTcp', words: /go by TCP\./, lets: [TUNNEL, `tcp ${MEDIA}`] },
  {
    wall: 'no way to routers',
    rung: 'turnUdp',
    words: /go by a relay \(UDP\)\./,
    lets: [TUNNEL, `udp dport ${TUNNEL_PORT}`],
  },
  { wall: 'nothing but HTTPS', rung: 'turnTls', words: /go by a relay \(TLS\)\./, lets: [TUNNEL] },
  { wall: 'a proxy that lets TLS through', rung: 'turnTls', words: /go by a relay \(TLS\)\./, lets: 'connect' },
  { wall: 'a proxy that looks into TLS', rung: 'webSocket', words: /go by a WebSocket tunnel\./, lets: 'inspect' },
];

describe('the same meeting', () => {
  test.each(WALLS)('$wall: $rung', async ({ wall, rung, words, lets }) => {
    let proxy: HttpProxy | undefined;
    if (typeof lets === 'string') proxy = await enclose(lets);
    else walled.enclose(...lets);
    const { ada, bob } = await comeTogether(proxy);
    const { inMs, outMs } = await timeJoin(ada, bob);
    await meetEachOther(ada, bob);
    const way = await wayOf(ada);
    console.info(`${wall}: ${rung}; from Join to the first picture ${inMs} ms, to be seen ${outMs} ms. ${way}`);
    expect(way).toMatch(words);
    if (proxy !== undefined) expect(proxy.connections).toBeGreaterThan(0);
    await ada.press('Leave');
    await bob.seesTiles('Bob');
  });
});

describe('in the middle of a meeting', () => {
  /** Longest time without a new picture, on either page, in which the machine ran. */
  async function gapsDuring(ada: Person, bob: Person, change: () => Promise<void>): Promise<number> {
    const fromMs = Date.now();
    await change();
    await seesMove(ada, 'Bob', 30);
    await seesMove(bob, 'Ada', 30);
    const stalls = await stallsOf([ada.page, bob.page]);
    const toMs = Date.now();
    const gaps = await Promise.all(
      [ada, bob].map(async ({ page, name }) => {
        const tile = name === 'Ada' ? 'Bob' : 'Ada';
        return longestGapMs(await page.evaluate((each) => window.shown[each] ?? [], tile), stalls, fromMs, toMs);
      }),
    );
    console.info(`gaps: Ada sees Bob ${Math.round(gaps[0] ?? 0)} ms, Bob sees Ada ${Math.round(gaps[1] ?? 0)} ms`);
    return Math.max(...gaps);
  }

  test.each([{ from: 'a relay', lets: [TUNNEL], proxied: undefined }])(
    'climbs from $from to UDP when that opens, and nobody sees it',
    async ({ lets }) => {
      walled.enclose(...lets);
      const { ada, bob } = await comeTogether();
      await timeJoin(ada, bob);
      expect(await wayOf(ada)).toMatch(/go by a relay \(TLS\)\./);
      await seesMove(ada, 'Bob', 30);
      const gapMs = await gapsDuring(ada, bob, async () => {
        walled.enclose('meta l4proto { tcp, udp }');
        // What a browser says when it is in another network; without it the question comes every half minute.
        await ada.page.evaluate(() => window.dispatchEvent(new Event('online')));
        await expect.poll(() => wayOf(ada), { ...PATIENCE, timeout: 40_000 }).toMatch(/go by UDP\./);
      });
      console.info(`up to UDP: no new picture for ${Math.round(gapMs)} ms at most`);
      expect(gapMs).toBeLessThan(500);
    },
  );

  test('steps down when UDP dies', async () => {
    walled.enclose('meta l4proto { tcp, udp }');
    const { ada, bob } = await comeTogether();
    await timeJoin(ada, bob);
    expect(await wayOf(ada)).toMatch(/go by UDP\./);
    await seesMove(ada, 'Bob', 30);
    const gapMs = await gapsDuring(ada, bob, async () => {
      walled.enclose(TUNNEL);
      await expect.poll(() => wayOf(ada), { ...PATIENCE, timeout: 40_000 }).toMatch(/go by a relay \(TLS\)\./);
    });
    console.info(`down from UDP: no new picture for ${Math.round(gapMs)} ms at most`);
  });
});
