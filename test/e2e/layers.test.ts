/** Everybody gets the size that fits: what is sent, who gets what of it, and that a change of size is not a freeze. */
import { describe, expect, test } from 'vitest';
import { useZone } from './fixture.ts';
import { encoderPauses, longestSwitchGapMs } from './frame-gaps.ts';
import { cameraScales, encoderWatch, sentEncodings, watchFrames } from './layers-probe.ts';
import { PATIENCE, type Person } from './person.ts';
import { MEASURED, undisturbed } from './undisturbed.ts';

const zone = useZone();

const FREEZE_MS = 300;
/** Two sizes of it are sent, 180 and 360 lines, which two cores can encode beside everything else. */
const MEDIUM = { width: 640, height: 360, frameRate: 15 };
const LARGE = { width: 1280, height: 720, frameRate: 10 };
/** Tiles of under 200 and of more than 500 lines when two people are there. */
const SMALL_WINDOW = { width: 520, height: 420 };
const LARGE_WINDOW = { width: 1100, height: 1300 };

async function heightSeenBy(viewer: Person, name: string): Promise<number> {
  return (await viewer.video(name))?.height ?? 0;
}

async function seesHeight(viewer: Person, name: string, height: number): Promise<void> {
  await expect.poll(() => heightSeenBy(viewer, name), { ...PATIENCE, timeout: 30_000 }).toBe(height);
}

/** Heights of what is encoded at the moment. */
async function sentHeights(person: Person): Promise<number[]> {
  const encodings = await person.page.evaluate(sentEncodings);
  return encodings.filter(({ active }) => active).map(({ height }) => height);
}

test.each([
  { codec: 'vp8', mimeType: 'video/VP8' },
  { codec: 'h264', mimeType: 'video/H264' },
  { codec: 'vp9', mimeType: 'video/VP9' },
  { codec: 'av1', mimeType: 'video/AV1' },
])('a camera of 720 lines is sent in three sizes of $codec', async ({ codec, mimeType }) => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada', { codec, capture: LARGE });
  const bob = await zone.join(link, 'Bob', { viewport: LARGE_WINDOW });
  await bob.decodes('Ada');
  await expect.poll(() => sentHeights(ada), PATIENCE).toEqual([180, 360, 720]);
  const encodings = await ada.page.evaluate(sentEncodings);
  expect(encodings.map(({ rid, codec: each, scalability }) => [rid, each, scalability])).toEqual([
    ['l', mimeType, 'L1T3'],
    ['m', mimeType, 'L1T3'],
    ['h', mimeType, 'L1T3'],
  ]);
});

describe('a tile that grows and shrinks changes its layer without a freeze', MEASURED, () => {
  test.each([
    { codec: 'vp8', scalability: 'L1T3', capture: MEDIUM },
    { codec: 'h264', scalability: 'L1T3', capture: MEDIUM },
    { codec: 'vp9', scalability: 'L1T3', capture: MEDIUM },
    { codec: 'av1', scalability: 'L1T3', capture: MEDIUM },
    { codec: 'vp9', scalability: 'L2T3', capture: MEDIUM },
    { codec: 'vp9', scalability: 'L2T3_KEY', capture: MEDIUM },
    { codec: 'av1', scalability: 'L2T3', capture: MEDIUM },
    { codec: 'av1', scalability: 'L2T3_KEY', capture: MEDIUM },
    { codec: 'vp9', scalability: 'L3T3', capture: LARGE },
    { codec: 'vp9', scalability: 'L3T3_KEY', capture: LARGE },
    { codec: 'av1', scalability: 'L3T3', capture: LARGE },
    { codec: 'av1', scalability: 'L3T3_KEY', capture: LARGE },
  ])('$codec $scalability', async ({ codec, scalability, capture }) => {
    const link = await zone.newMeeting();
    const ada = await zone.join(link, 'Ada', { codec, search: { scalability }, capture, path: encoderWatch });
    const bob = await zone.join(link, 'Bob', { viewport: SMALL_WINDOW });
    await undisturbed(zone, async () => {
      await bob.page.setViewportSize(SMALL_WINDOW);
      await seesHeight(bob, 'Ada', 180);
      await bob.page.evaluate(watchFrames, 'Ada');
      await bob.decodes('Ada', 20);
      await bob.page.setViewportSize(LARGE_WINDOW);
      await seesHeight(bob, 'Ada', capture.height);
      const modes = async () => (await ada.page.evaluate(sentEncodings)).map((each) => each.scalability);
      await expect.poll(modes, PATIENCE).toContain(scalability);
      await bob.decodes('Ada', 30);
      await bob.page.setViewportSize(SMALL_WINDOW);
      await seesHeight(bob, 'Ada', 180);
      await bob.decodes('Ada', 30);
      const frames = (await bob.page.evaluate(() => window.shownFrames)) ?? [];
      const encodedMs = (await ada.page.evaluate(() => window.encodedMs)) ?? [];
      expect(encodedMs.length).toBeGreaterThan(frames.length);
      const gapMs = longestSwitchGapMs(frames, [
        ...(await zone.stalls()),
        ...encoderPauses(encodedMs, capture.frameRate),
      ]);
      console.info(`${codec} ${scalability}: ${Math.round(gapMs ?? Number.NaN)} ms without a new picture at most`);
      expect(gapMs).toBeLessThan(FREEZE_MS);
    });
  });
});

test('one viewer’s small tile costs another one nothing', async () => {
  const link = await zone.newMeeting();
  await zone.join(link, 'Ada', { capture: MEDIUM });
  const bob = await zone.join(link, 'Bob', { viewport: LARGE_WINDOW });
  const cid = await zone.join(link, 'Cid', { viewport: SMALL_WINDOW });
  await seesHeight(cid, 'Ada', 180);
  await seesHeight(bob, 'Ada', 360);
});

describe('what nobody watches is not encoded', () => {
  test('sizes go off and on with the tiles that show them', async () => {
    const link = await zone.newMeeting();
    const ada = await zone.join(link, 'Ada', { capture: MEDIUM });
    const bob = await zone.join(link, 'Bob', { viewport: SMALL_WINDOW });
    await bob.decodes('Ada');
    await expect.poll(() => sentHeights(ada), PATIENCE).toEqual([180]);
    const before = await ada.page.evaluate(sentEncodings);
    await bob.decodes('Ada', 20);
    const after = await ada.page.evaluate(sentEncodings);
    expect(after[1]?.framesEncoded).toBe(before[1]?.framesEncoded);
    expect(after[0]?.framesEncoded).toBeGreaterThan(before[0]?.framesEncoded ?? 0);

    await bob.page.setViewportSize(LARGE_WINDOW);
    await expect.poll(() => sentHeights(ada), PATIENCE).toEqual([180, 360]);
    await seesHeight(bob, 'Ada', 360);
  });

  test('alone in a meeting, nothing is encoded until somebody comes', async () => {
    const link = await zone.newMeeting();
    const ada = await zone.join(link, 'Ada', { capture: MEDIUM });
    await expect.poll(() => sentHeights(ada), PATIENCE).toEqual([]);
    const bob = await zone.join(link, 'Bob');
    await bob.decodes('Ada');
  });

  test('a single encoding is no larger than the largest tile that shows it', async () => {
    const link = await zone.newMeeting();
    const ada = await zone.join(link, 'Ada', { capture: LARGE, search: { simulcast: 'off' } });
    const bob = await zone.join(link, 'Bob', { viewport: SMALL_WINDOW });
    await bob.decodes('Ada');
    // The encoder may choose less than that by itself, while it does not know yet what the network carries.
    const scales = () => ada.page.evaluate(cameraScales);
    await expect.poll(scales, PATIENCE).toEqual([2]);
    await bob.page.setViewportSize(LARGE_WINDOW);
    await expect.poll(scales, PATIENCE).toEqual([1]);
    await bob.decodes('Ada');
  });
});
