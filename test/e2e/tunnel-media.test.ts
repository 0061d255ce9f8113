/**
 * Two media connections by tunnels in a real browser, back to back: encoders, decoders, worklets and tracks as they are. In between stands
 * the simplest router (tunnel/loopback-router.ts), and carriers that can stand still.
 *
 * What is asserted holds on a machine that is busy with other things, too; what was measured is printed.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from './browser.ts';
import { AUTOPLAY } from './talking-microphone.ts';
import { type ModuleServer, startModuleServer } from './tunnel/module-server.ts';

let server: ModuleServer | undefined;
let browser: Browser | undefined;
let page: Page | undefined;
const complaints: string[] = [];

beforeAll(async () => {
  [server, browser] = await Promise.all([startModuleServer(), launchBrowser(AUTOPLAY)]);
});
afterEach(async () => {
  await page?.close();
  expect(complaints.splice(0)).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

async function newPage(): Promise<Page> {
  if (server === undefined || browser === undefined) throw new Error('not started');
  page = await browser.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(server.origin);
  return page;
}

/** Begins a call and does `steps` with it: the body of a function that has `call`, `wait` and `until`. */
async function inCall<Result>(simulcast: boolean, steps: string, before = ''): Promise<Result> {
  const tab = await newPage();
  // As text: the page imports modules of which the test's own loader knows nothing.
  const result: Result = await tab.evaluate(`(async () => {
    ${before}
    const { call: begin } = await import('/test/e2e/tunnel/tunnel-page.ts');
    const call = await begin(${simulcast});
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const until = async (what, holds) => {
      for (let ms = 0; ms < 20000; ms += 50) {
        if (await holds()) return;
        await wait(50);
      }
      throw new Error('in vain: ' + what);
    };
    const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
    ${steps}
  })()`);
  console.info(JSON.stringify(result));
  return result;
}

test('a camera is seen moving, a microphone is heard, and both at the same time', async () => {
  const seen = await inCall<{
    delayMs: number;
    apartMs: number;
    energy: number;
    codec: string;
    layers: string;
    isShowing: boolean;
    slots: string[];
  }>(
    false,
    `await until('pictures and tones', () => call.pictures.length > 150 && call.tones.length > 5);
    const [video] = await call.stats('ben', 'inbound-rtp', 'video');
    const [audio] = await call.stats('ben', 'inbound-rtp', 'audio');
    const [sent] = await call.stats('ann', 'outbound-rtp', 'video');
    // A tone begins with each second; so do pictures that say so.
    const phase = (ms) => ((ms % 1000) + 1000) % 1000;
    const flashes = call.pictures.filter((each, i, all) => each.isTone && all[i - 1]?.isTone === false);
    const others = call.ben.contents;
    return {
      delayMs: middle(call.pictures.map(({ delayMs }) => delayMs)),
      apartMs: middle(flashes.slice(2).map(({ seenMs }) => phase(seenMs))) - middle(call.tones.slice(2).map(phase)),
      energy: audio.totalAudioEnergy,
      codec: video.codecId,
      layers: sent.scalabilityMode,
      isShowing: await call.ben.isShowing(others),
      slots: [...call.ben.slots()].map(([mid, { kind, track }]) => mid + ' ' + kind + ' ' + track.readyState),
    };`,
  );
  expect(seen).toMatchObject({ codec: 'video/VP8', layers: 'L1T3', isShowing: true });
  expect(seen.slots).toEqual(['3 audio live', '4 video live', '5 video live']);
  expect(seen.energy).toBeGreaterThan(0.01);
  expect(seen.delayMs).toBeLessThan(700);
  expect(Math.abs(seen.apartMs)).toBeLessThan(250);
});

test('after a loss a key frame is asked for, and pictures go on', async () => {
  const seen = await inCall<{ asked: number; keyFrames: number; lost: number; gapMs: number }>(
    false,
    `await until('pictures', () => call.pictures.length > 30);
    const [before] = await call.stats('ann', 'outbound-rtp', 'video');
    const askedBefore = call.benEnd.keyFrameRequests;
    const lostMs = performance.now();
    call.annEnd.loseVideo = 8;
    await until('the loss', () => call.annEnd.loseVideo === 0);
    const goneMs = performance.now();
    await until('pictures again', () => call.pictures.filter(({ seenMs }) => seenMs > goneMs + 100).length > 20);
    const [after] = await call.stats('ann', 'outbound-rtp', 'video');
    const [video] = await call.stats('ben', 'inbound-rtp', 'video');
    const next = call.pictures.find(({ seenMs }) => seenMs > goneMs + 100);
    return {
      asked: call.benEnd.keyFrameRequests - askedBefore,
      keyFrames: after.keyFramesEncoded - before.keyFramesEncoded,
      lost: video.packetsLost,
      gapMs: next.seenMs - lostMs,
    };`,
  );
  expect(seen.lost).toBe(8);
  expect(seen.asked).toBeGreaterThanOrEqual(1);
  expect(seen.keyFrames).toBeGreaterThanOrEqual(1);
  expect(seen.gapMs).toBeLessThan(4_000);
});

test('after 3 s without anything, sound and picture are no later than before', async () => {
  const seen = await inCall<{
    before: number;
    after: number;
    soundBefore: number;
    soundAfter: number;
    quiet: number;
  }>(
    false,
    `await until('pictures and tones', () => call.pictures.length > 90 && call.tones.length > 3);
    const sound = async () => (await call.stats('ben', 'inbound-rtp', 'audio'))[0];
    const levels = async () => {
      const found = [];
      for (let i = 0; i < 20; i++) {
        found.push((await sound()).bufferMs);
        await wait(50);
      }
      return middle(found);
    };
    const before = middle(call.pictures.slice(-60).map(({ delayMs }) => delayMs));
    const soundBefore = await levels();
    call.benEnd.carrier.stallDown(3000);
    const stalledMs = performance.now();
    await wait(3000);
    await wait(2000);
    const soundAfter = await levels();
    const recent = call.pictures.filter(({ seenMs }) => seenMs > stalledMs + 5000);
    const quiet = call.pictures.filter(({ seenMs }) => seenMs > stalledMs + 600 && seenMs < stalledMs + 2900).length;
    return { before, after: middle(recent.map(({ delayMs }) => delayMs)), soundBefore, soundAfter, quiet };`,
  );
  expect(seen).toMatchObject({ quiet: 0 });
  expect(seen.after).toBeLessThan(seen.before + 250);
  expect(seen.soundAfter).toBeLessThan(seen.soundBefore + 250);
});

test('what stands in the way up stops pictures, and sound before it is late; afterwards both go on', async () => {
  const seen = await inCall<{
    encodedMeanwhile: number;
    queuedBytes: number;
    soundAfter: number;
    after: number;
    rate: number;
  }>(
    false,
    `await until('pictures', () => call.pictures.length > 60);
    const sent = async (kind) => (await call.stats('ann', 'outbound-rtp', kind))[0];
    call.annEnd.carrier.stallUp(3000);
    await wait(800);
    const video = await sent('video');
    const { carrier } = call.annEnd;
    await wait(1000);
    const laterVideo = await sent('video');
    const queuedBytes = carrier.sentBytes - carrier.arrivedBytes;
    await wait(3000);
    const nowMs = performance.now();
    const audio = await sent('audio');
    await until('pictures again', () => call.pictures.filter(({ seenMs }) => seenMs > nowMs).length > 30);
    const laterAudio = await sent('audio');
    const [way] = await call.stats('ann', 'candidate-pair', 'video');
    return {
      encodedMeanwhile: laterVideo.framesEncoded - video.framesEncoded,
      queuedBytes,
      soundAfter: laterAudio.packetsSent - audio.packetsSent,
      after: middle(call.pictures.filter(({ seenMs }) => seenMs > nowMs).map(({ delayMs }) => delayMs)),
      rate: way.availableOutgoingBitrate,
    };`,
  );
  expect(seen.encodedMeanwhile).toBeLessThanOrEqual(1);
  // 0.4 s of sound, and a picture or two.
  expect(seen.queuedBytes).toBeLessThan(60_000);
  expect(seen.soundAfter).toBeGreaterThan(25);
  expect(seen.after).toBeLessThan(900);
  expect(seen.rate).toBeGreaterThan(50_000);
});

test('encodings that nobody needs are not sent; a muted source sends nothing, and comes back', async () => {
  const seen = await inCall<{
    all: string[];
    one: string[];
    silent: number;
    tones: number;
    rids: (string | undefined)[];
  }>(
    true,
    `call.annEnd.rid = 'l';
    await until('the small picture', () => call.pictures.length > 20);
    const active = async () =>
      (await call.stats('ann', 'outbound-rtp', 'video')).filter((each) => each.mid === '1' && each.active).map(({ rid }) => rid ?? '');
    const all = await active();
    await call.ann.setDemand('camera', [{ rid: 'l', active: true }, { rid: 'm', active: false }, { rid: 'h', active: false }]);
    await until('one encoding', async () => (await active()).length === 1);
    const one = await active();
    await call.ann.send('camera', undefined);
    await call.ann.send('microphone', undefined);
    await wait(500);
    const count = () => [...call.annEnd.packets.values()].reduce((sum, each) => sum + each, 0);
    const before = count();
    await wait(1000);
    const silent = count() - before;
    await call.ann.send('camera', call.source.camera);
    await call.ann.send('microphone', call.source.microphone);
    const nowMs = performance.now();
    await until('both again', () => call.pictures.at(-1).seenMs > nowMs + 300 && call.tones.at(-1) > nowMs);
    return { all, one, silent, rids: ['l', 'm'].map((rid) => call.ann.demandOf('camera', rid)?.active) };`,
  );
  expect(seen.all).toContain('l');
  expect(seen.one).toEqual(['l']);
  expect(seen.silent).toBe(0);
  expect(seen.rids).toEqual([true, false]);
});

test('browsers that cannot make tracks of frames, nor frames of tracks, do it by elements', async () => {
  const seen = await inCall<{ pictures: number; delayMs: number }>(
    false,
    `await until('pictures', () => call.pictures.length > 30);
    return { pictures: call.pictures.length, delayMs: middle(call.pictures.map(({ delayMs }) => delayMs)) };`,
    'delete globalThis.MediaStreamTrackGenerator; delete globalThis.MediaStreamTrackProcessor;',
  );
  expect(seen.delayMs).toBeLessThan(1_000);
});

test.each(['VP9', 'AV1'])('%s of others is decoded, every frame of it', async (codec) => {
  const tab = await newPage();
  const seen: { decoded: number; sent: number; packets: number } = await tab.evaluate(`(async () => {
    const { decodeInSlot } = await import('/test/e2e/tunnel/other-senders.ts');
    return decodeInSlot('${codec}');
  })()`);
  console.info(JSON.stringify(seen));
  expect(seen.sent).toBeGreaterThan(30);
  expect(seen.packets).toBeGreaterThan(seen.sent);
  expect(seen.decoded).toBe(seen.sent);
});
