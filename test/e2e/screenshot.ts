/** Makes docs/meeting.png, the picture of a running meeting in the README: `node test/e2e/screenshot.ts`. */
import { fileURLToPath } from 'node:url';
import { launchBrowser } from './browser.ts';
import { installPaintedCamera, type Portrait } from './painted-camera.ts';
import { startZone } from './zone-process.ts';

const TARGET = fileURLToPath(new URL('../../docs/meeting.png', import.meta.url));
const VIEWPORT = { width: 1280, height: 760 };
const PLAIN = { longHair: false, glasses: false };

const PEOPLE: [string, Portrait][] = [
  [
    'Amara Okafor',
    {
      ...PLAIN,
      longHair: true,
      wall: ['#d9c7ae', '#a98a67'],
      skin: '#8a5a3c',
      hair: '#2a1b16',
      clothes: '#2f7f79',
      seed: 1,
    },
  ],
  [
    'Jonas Lindqvist',
    {
      ...PLAIN,
      glasses: true,
      wall: ['#b9cbd9', '#6f8ba3'],
      skin: '#f0c8a4',
      hair: '#8a5a2b',
      clothes: '#34415e',
      seed: 2,
    },
  ],
  [
    'Mei Tanaka',
    {
      ...PLAIN,
      longHair: true,
      glasses: true,
      wall: ['#d8d3e6', '#8d83b3'],
      skin: '#f3d0b0',
      hair: '#1e1b22',
      clothes: '#b4553f',
      seed: 3,
    },
  ],
];

const [zone, browser] = await Promise.all([startZone(), launchBrowser()]);
try {
  const pages = [];
  for (const [name, portrait] of PEOPLE) {
    const context = await browser.newContext({ viewport: VIEWPORT, permissions: ['camera', 'microphone'] });
    await context.addInitScript(installPaintedCamera, portrait);
    const page = await context.newPage();
    await page.goto(zone.link);
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.getByRole('button', { name: 'Leave' }).waitFor();
    pages.push(page);
  }
  const [shown, , quiet] = pages;
  if (shown === undefined || quiet === undefined) throw new Error('somebody is missing');
  await quiet.getByRole('button', { name: 'Mute' }).click();
  for (const [name] of PEOPLE) {
    const video = shown.getByRole('figure', { name, exact: true }).locator('video');
    await video.evaluate(async (element: HTMLVideoElement) => {
      // Past the first seconds the encoder has found its quality and its full size.
      while (element.getVideoPlaybackQuality().totalVideoFrames < 80 || element.videoWidth < 640) {
        await new Promise((resolve) => element.requestVideoFrameCallback(resolve));
      }
    });
  }
  await shown.getByRole('status').filter({ hasText: 'joined' }).waitFor({ state: 'hidden' });
  await shown.screenshot({ path: TARGET });
  console.info(`wrote ${TARGET}`);
} finally {
  await browser.close();
  await zone.stop();
}
