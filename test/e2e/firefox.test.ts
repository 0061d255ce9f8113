/** Another browser's WebRTC in the same meeting: Firefox and Chromium see and hear each other. */
import { networkInterfaces } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Firefox } from './firefox.ts';
import { FirefoxPerson, type FirefoxPersonOptions } from './firefox-person.ts';
import { useZone } from './fixture.ts';
import { cameraScales } from './layers-probe.ts';
import { PATIENCE } from './person.ts';

/**
 * Firefox sends nothing from another address to a loopback one, and gathers no loopback candidates: media has to be
 * reached at an address of the machine's own.
 */
const address = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
const zone = useZone(address === undefined ? [] : ['--announce', address]);
let firefox: Firefox | undefined;
const people: FirefoxPerson[] = [];

beforeAll(async () => {
  firefox = await Firefox.launch();
});
afterEach(async () => {
  for (const person of people.splice(0)) await person.close();
});
afterAll(() => firefox?.close());

async function joinFirefox(link: string, name: string, options?: FirefoxPersonOptions): Promise<FirefoxPerson> {
  if (firefox === undefined) throw new Error('Firefox was not started');
  const person = await FirefoxPerson.join(firefox, link, name, options);
  people.push(person);
  return person;
}

describe.runIf(address !== undefined)('Firefox', () => {
  test('Firefox and Chromium see and hear each other', async () => {
    const link = await zone.newMeeting();
    const ada = await zone.join(link, 'Ada');
    const fox = await joinFirefox(link, 'Fox');
    await ada.seesTiles('Ada', 'Fox');
    await fox.decodes('Ada');
    await ada.decodes('Fox');
    await ada.hears(1);
    await fox.hears(1);
    expect((await ada.video('Fox'))?.codec).toBe('video/VP8');

    // Mute and leave work there as well.
    await fox.press('Mute');
    await ada.tile('Fox').getByRole('img', { name: 'Muted' }).waitFor();
    await fox.press('Leave');
    await expect.poll(() => ada.tiles(), PATIENCE).toEqual(['Ada']);
  });

  test('Firefox sends three sizes, and a viewer gets the one that fits', async () => {
    const link = await zone.newMeeting();
    const fox = await joinFirefox(link, 'Fox', { capture: { width: 1280, height: 720, frameRate: 10 } });
    const ada = await zone.join(link, 'Ada', { viewport: { width: 520, height: 420 } });
    await ada.decodes('Fox');
    await expect.poll(async () => (await ada.video('Fox'))?.height, PATIENCE).toBe(180);
    await ada.page.setViewportSize({ width: 1100, height: 1300 });
    await expect.poll(async () => (await ada.video('Fox'))?.height, { ...PATIENCE, timeout: 30_000 }).toBe(720);
    expect(await fox.evaluate(cameraScales)).toEqual([4, 2, 1]);
  });

  test('Chromium in VP8, VP9, AV1 and H264, simulcast and SVC, and Firefox in one meeting', {
    timeout: 120_000,
  }, async () => {
    const link = await zone.newMeeting();
    // Five encoders and twenty decoders on two cores: a few frames a second of each are enough to see that all go through.
    const capture = { width: 640, height: 360, frameRate: 5 };
    const frames = 5;
    const publishers = [
      { name: 'Ada', mimeType: 'video/VP8', options: { codec: 'vp8', capture } },
      { name: 'Bob', mimeType: 'video/VP9', options: { codec: 'vp9', capture, search: { scalability: 'L2T3_KEY' } } },
      { name: 'Cid', mimeType: 'video/AV1', options: { codec: 'av1', capture, search: { scalability: 'L2T3_KEY' } } },
      { name: 'Dan', mimeType: 'video/H264', options: { codec: 'h264', capture } },
    ];
    const people = [];
    for (const { name, options } of publishers) people.push(await zone.join(link, name, options));
    const fox = await joinFirefox(link, 'Fox', { capture: { width: 320, height: 180, frameRate: 5 } });
    for (const person of people) {
      await person.decodes('Fox', frames);
      for (const { name, mimeType } of publishers) {
        if (name === person.name) continue;
        await person.decodes(name, frames);
        expect((await person.video(name))?.codec).toBe(mimeType);
      }
    }
    const decodable = await fox.evaluate(receivableVideo);
    for (const { name, mimeType } of publishers) {
      // Debian's Firefox brings no H.264 of its own: there it sees initials, not a broken picture.
      if (decodable.includes(mimeType)) await fox.decodes(name, frames);
      else expect(await fox.video(name)).toBeUndefined();
    }
    await fox.hears(3);
  });

  test('two people at Firefox meet', async () => {
    const link = await zone.newMeeting();
    const fox = await joinFirefox(link, 'Fox');
    const vixen = await joinFirefox(link, 'Vixen');
    await fox.decodes('Vixen');
    await vixen.decodes('Fox');
  });
});

function receivableVideo(): string[] {
  return RTCRtpReceiver.getCapabilities('video')?.codecs.map(({ mimeType }) => mimeType) ?? [];
}
