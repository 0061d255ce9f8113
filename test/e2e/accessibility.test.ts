/** Usable by keyboard and screen reader. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { useZone } from './fixture.ts';

const zone = useZone();

/** What has the keyboard focus, as a screen reader names it. */
async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined;
    return (element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '').trim();
  });
}

/** Presses Tab until the named control has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 30; presses++) {
    const now = await focused(page);
    if (now === name) return;
    passed.push(now);
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached "${name}", but ${passed.join(', ')}`);
}

test('joining, muting and leaving with the keyboard alone', async () => {
  const ada = await zone.open(await zone.newMeeting(), 'Ada');
  const { page } = ada;
  await tabTo(page, 'Name');
  await page.keyboard.type('Ada');
  await page.keyboard.press('Enter');
  await ada.isInside();

  await tabTo(page, 'Mute');
  await page.keyboard.press('Space');
  await ada.button('Unmute').waitFor();
  expect(await focused(page)).toBe('Unmute');
  await tabTo(page, 'Speaker view');
  await page.keyboard.press('Enter');
  await ada.button('Gallery view').waitFor();
  await page.keyboard.press('v');
  await ada.button('Start video').waitFor();
  await tabTo(page, 'More');
  await page.keyboard.press('Enter');
  expect(await focused(page)).toBe('Change your name');
  await page.keyboard.press('ArrowUp');
  expect(await focused(page)).toBe('Statistics');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Statistics' }).waitFor();
  await page.keyboard.press('Escape');
  expect(await focused(page)).toBe('More');
  await page.keyboard.press('h');
  await ada.tile('Ada').getByRole('img', { name: 'Hand raised' }).waitFor();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  expect(await focused(page)).toBe('Chat');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Message');
  await page.keyboard.type('mvh are letters here');
  await page.keyboard.press('Enter');
  await page.getByRole('log', { name: 'Messages' }).getByText('mvh are letters here').waitFor();
  await ada.button('Unmute').waitFor();
  await tabTo(page, 'Leave');
  await page.keyboard.press('Enter');
  await ada.button('Rejoin').waitFor();
});

test('a screen reader finds the lobby’s fields and buttons', async () => {
  const ada = await zone.open(zone.zone.origin, 'Ada');
  const tree = await ada.page.getByRole('main').ariaSnapshot();
  for (const line of [
    '- heading "Join a meeting" [level=1]',
    '- textbox "Name"',
    '- textbox "Meeting ID"',
    '- textbox "Passcode"',
    '- button "Join"',
    '- button "New meeting"',
    '- switch "Microphone" [checked]',
    '- switch "Camera" [checked]',
  ]) {
    expect(tree).toContain(line);
  }
});

test('a screen reader finds people, tiles and controls of the meeting', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada Lovelace');
  const bob = await zone.join(link, 'Bob');
  await bob.press('Mute');
  await ada.tile('Bob').getByRole('img', { name: 'Muted' }).waitFor();
  await ada.isTold('status', /Bob joined/);
  const tree = await ada.page.locator('body').ariaSnapshot();
  for (const line of [
    '- heading "Meeting ',
    '- figure "Ada Lovelace"',
    '- figure "Bob"',
    '- list "Who is here"',
    '- img "Muted"',
    '- toolbar "Meeting controls"',
    '- button "Mute"',
    '- button "Stop video"',
    '- button "Share screen"',
    '- button "React"',
    '- button "Chat"',
    '- button "More"',
    '- button "Leave"',
    '- button "Copy invite"',
    '- button "Speaker view"',
  ]) {
    expect(tree).toContain(line);
  }
});

test('the statistics table says for each tile what arrives', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  await zone.join(link, 'Bob');
  await ada.decodes('Bob');
  await ada.choose('More', 'Statistics');
  const row = ada.page.getByRole('row', { name: /^Bob .*\d+ kb\/s .* %.* ms 320 × 180 \d+ VP8, opus/ });
  await row.waitFor();
});

test('on a phone every control is on the screen and nothing scrolls sideways', async () => {
  const viewport = { width: 360, height: 640 };
  const ada = await zone.join(await zone.newMeeting(), 'Ada', { viewport });
  for (const name of [
    'Mute',
    'Stop video',
    'Share screen',
    'React',
    'Chat',
    'People',
    'More',
    'Leave',
    'Copy invite',
    'Speaker view',
  ]) {
    const box = await ada.button(name).boundingBox();
    expect(box?.x, name).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? Infinity), name).toBeLessThanOrEqual(viewport.width);
    expect((box?.y ?? 0) + (box?.height ?? Infinity), name).toBeLessThanOrEqual(viewport.height);
    expect(box?.width, `${name} is large enough for a thumb`).toBeGreaterThanOrEqual(36);
  }
  expect(await ada.page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
});
