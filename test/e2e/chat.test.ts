/** People write: to all and to one, and who comes late reads what was written to all. */
import { expect, test } from 'vitest';
import { useZone } from './fixture.ts';
import { PATIENCE, type Person } from './person.ts';

const zone = useZone();

async function write({ page }: Person, text: string, to = 'Everybody'): Promise<void> {
  await page.getByRole('combobox', { name: 'Write to' }).selectOption({ label: to });
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.keyboard.press('Enter');
}

function texts({ page }: Person): Promise<string[]> {
  return page.getByRole('log', { name: 'Messages' }).getByRole('article').locator('p').allTextContents();
}

test('to all and to one, with a late joiner', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  await ada.seesTiles('Ada', 'Bob');
  await ada.press('Chat');
  await write(ada, 'Hello all 🎉');
  await bob.isTold('status', /Ada: Hello all 🎉/);
  await bob.button('Chat 1 unread').waitFor();
  await ada.press('Close chat');
  await ada.press('People');
  await ada.onPerson('Bob', 'Send a message');
  await write(ada, 'For you', 'Bob');
  await bob.button('Chat 2 unread').click();
  await bob.button('Chat').waitFor();
  await expect.poll(() => texts(bob), PATIENCE).toEqual(['Hello all 🎉', 'For you']);
  expect(await bob.page.getByText('to you alone').isVisible()).toBe(true);

  const cid = await zone.join(link, 'Cid');
  await cid.press('Chat');
  await expect.poll(() => texts(cid), PATIENCE).toEqual(['Hello all 🎉']);
  await write(cid, 'I am late');
  await expect.poll(() => texts(ada), PATIENCE).toEqual(['Hello all 🎉', 'For you', 'I am late']);
  await cid.page.evaluate(() => window.probe.sockets.at(-1)?.close());
  await write(bob, 'No matter');
  await expect.poll(() => texts(cid), PATIENCE).toEqual(['Hello all 🎉', 'I am late', 'No matter']);
});

test('what is written is text, its links are links, and it has a limit', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  await Promise.all([ada.press('Chat'), bob.press('Chat')]);
  const hostile = '<img src=x onerror="document.title=1"> javascript:alert(1) https://example.org/a(b). <b>';
  await write(ada, hostile);
  await expect.poll(() => texts(bob), PATIENCE).toEqual([hostile]);
  const anchor = bob.page.getByRole('link');
  expect(await anchor.count()).toBe(1);
  expect(await anchor.getAttribute('href')).toBe('https://example.org/a(b)');
  expect(await anchor.getAttribute('rel')).toContain('noopener');
  expect(await bob.page.locator('img').count()).toBe(0);
  expect(await bob.page.title()).toContain('Zonecast');

  await write(ada, 'x'.repeat(2049));
  await ada.isTold('status', /Too long by 1 /);
  expect(await ada.page.getByRole('textbox', { name: 'Message' }).inputValue()).toHaveLength(2049);
  await write(ada, 'y'.repeat(2048));
  await expect.poll(async () => (await texts(bob)).at(-1), PATIENCE).toBe('y'.repeat(2048));
  expect(await bob.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});
