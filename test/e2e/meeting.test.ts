/** People meet: they see and hear each other, come late, share, leave. */
import { expect, test } from 'vitest';
import { useZone } from './fixture.ts';
import { PATIENCE } from './person.ts';

const zone = useZone();

test('three people see and hear each other', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  const cid = await zone.join(link, 'Cid');
  const people = [ada, bob, cid];
  for (const person of people) {
    await person.seesTiles('Ada', 'Bob', 'Cid');
    for (const other of people) if (other !== person) await person.decodes(other.name);
    await person.hears(2);
  }
});

test('a late joiner sees a picture at once', async () => {
  const link = await zone.newMeeting();
  await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  await bob.decodes('Ada', 60);

  const late = await zone.open(link, 'Cid');
  await late.textBox('Name').fill('Cid');
  const firstFrameMs = await late.page.evaluate(async () => {
    const join = [...document.querySelectorAll('button')].find((button) => button.textContent?.trim() === 'Join');
    const startMs = performance.now();
    join?.click();
    for (;;) {
      await new Promise(requestAnimationFrame);
      const video = document.querySelector<HTMLVideoElement>('figure[aria-label="Ada"] video');
      if ((video?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 0) return performance.now() - startMs;
      if (performance.now() - startMs > 15_000) return Number.POSITIVE_INFINITY;
    }
  });
  console.info(`join click to first decoded frame: ${Math.round(firstFrameMs)} ms`);
  // The zone's own budget is 400 ms; a machine that also encodes for three browsers gets more.
  expect(firstFrameMs).toBeLessThan(3000);
  await late.decodes('Bob');
});

test('who leaves is gone from stage and list, and can come back', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  await ada.decodes('Bob');
  await bob.press('Leave');
  await bob.button('Rejoin').waitFor();
  await ada.seesTiles('Ada');
  await ada.isTold('status', /Bob left/);
  expect(await ada.page.getByRole('list', { name: 'Who is here' }).getByRole('listitem').count()).toBe(1);
  expect(await bob.page.evaluate(() => window.probe.peers.every((peer) => peer.connectionState === 'closed'))).toBe(
    true,
  );

  await bob.press('Rejoin');
  await bob.isInside();
  await ada.decodes('Bob');
  await bob.decodes('Ada');
});

test('a closed tab leaves the meeting without anybody saying so', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  await ada.seesTiles('Ada', 'Bob');
  await bob.page.close();
  await ada.seesTiles('Ada');
});

test('a reloaded page is out of the meeting, and its other tab stays in', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const tab = await ada.page.context().newPage();
  await tab.goto(link);
  await tab.getByRole('textbox', { name: 'Name', exact: true }).fill('Ada’s other tab');
  await tab.getByRole('button', { name: 'Join', exact: true }).click();
  await ada.decodes('Ada’s other tab');
  await tab.reload();
  await ada.seesTiles('Ada');
  // The invite is in its address, the name remembered: one press, and it is back.
  await tab.getByRole('button', { name: 'Join', exact: true }).click();
  await ada.decodes('Ada’s other tab');
});

test('a shared screen is a tile of its own', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  await ada.decodes('Bob');

  await bob.press('Share screen');
  await ada.seesTiles('Ada', 'Bob', 'Bob’s screen');
  await ada.decodes('Bob’s screen', 3);
  await ada.decodes('Bob');
  const screen = await ada.video('Bob’s screen');
  const camera = await ada.video('Bob');
  expect(screen?.width).toBeGreaterThan(camera?.width ?? 0);

  await bob.press('Stop sharing');
  await ada.seesTiles('Ada', 'Bob');
  await bob.seesTiles('Ada', 'Bob');
});

test('muting and stopping video reach the others, and can be undone', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  await ada.decodes('Bob');
  await ada.hears(1);

  await bob.press('Mute');
  await bob.button('Unmute').waitFor();
  await ada.tile('Bob').getByRole('img', { name: 'Muted' }).waitFor();
  await bob.press('Unmute');
  await ada.tile('Bob').getByRole('img', { name: 'Muted' }).waitFor({ state: 'hidden' });
  await ada.hears(1);

  await bob.press('Stop video');
  await expect.poll(() => ada.video('Bob'), PATIENCE).toBeUndefined();
  await ada.tile('Bob').getByText('B', { exact: true }).waitFor();
  await bob.press('Start video');
  await ada.decodes('Bob');
});

test('two meetings at once know nothing of each other', async () => {
  const [here, there] = [await zone.newMeeting(), await zone.newMeeting()];
  const ada = await zone.join(here, 'Ada');
  const bob = await zone.join(there, 'Bob');
  const cid = await zone.join(here, 'Cid');
  await ada.decodes('Cid');
  await cid.decodes('Ada');
  await ada.seesTiles('Ada', 'Cid');
  await bob.seesTiles('Bob');
});
