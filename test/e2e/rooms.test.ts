/** Breakout rooms: people are taken there and back, with sound and picture, without a page being loaded. */
import { expect, test } from 'vitest';
import { useZone } from './fixture.ts';
import type { Person } from './person.ts';

const zone = useZone();

async function assign({ page }: Person, name: string, room: string): Promise<void> {
  await page.getByRole('dialog').getByRole('combobox', { name, exact: true }).selectOption({ label: room });
}

test('open, move, come back, close', async () => {
  const ada = await zone.host('Ada');
  const link = ada.page.url();
  const bob = await zone.join(link, 'Bob');
  const cid = await zone.join(link, 'Cid');
  await ada.seesTiles('Ada', 'Bob', 'Cid');
  const loaded = await bob.page.evaluate(() => performance.timeOrigin);

  await ada.choose('More', 'Breakout rooms');
  await assign(ada, 'Bob', 'Room 1');
  await assign(ada, 'Cid', 'Room 1');
  await ada.press('Open rooms');
  for (const person of [bob, cid]) await person.heading(/^Room 1/).waitFor();
  await ada.seesTiles('Ada');
  await bob.decodes('Cid');
  await cid.decodes('Bob');
  await bob.hears(1);
  await bob.seesTiles('Bob', 'Cid');

  await assign(ada, 'Cid', 'Room 2');
  await cid.heading(/^Room 2/).waitFor();
  await bob.seesTiles('Bob');
  await cid.seesTiles('Cid');

  await bob.press('Back to the meeting');
  await bob.heading(/^Meeting/).waitFor();
  await ada.decodes('Bob');
  await bob.decodes('Ada');
  // He is who he was, not somebody of the same name besides.
  expect(await ada.page.getByRole('dialog').getByRole('combobox', { name: 'Bob', exact: true }).count()).toBe(1);

  await ada.press('Close rooms');
  await cid.heading(/^Meeting/).waitFor();
  for (const person of [ada, bob, cid]) await person.seesTiles('Ada', 'Bob', 'Cid');
  await ada.decodes('Cid');
  await cid.decodes('Bob');
  expect(await bob.page.evaluate(() => performance.timeOrigin)).toBe(loaded);
  await ada.listed('Ada').getByText('Host', { exact: true }).waitFor();
});

test('the host visits a room and is the host again when he is back', async () => {
  const ada = await zone.host('Ada');
  const bob = await zone.join(ada.page.url(), 'Bob');
  await ada.seesTiles('Ada', 'Bob');
  await ada.choose('More', 'Breakout rooms');
  await ada.press('Assign automatically');
  await ada.press('Open rooms');
  await bob.heading(/^Room 1/).waitFor();
  await assign(ada, 'Ada (you)', 'Room 1');
  await ada.heading(/^Room 1/).waitFor();
  await ada.decodes('Bob');
  await ada.press('Back to the meeting');
  await ada.heading(/^Meeting/).waitFor();
  await ada.listed('Ada').getByText('Host', { exact: true }).waitFor();
  await ada.choose('More', 'Breakout rooms');
  await ada.press('Close rooms');
  await ada.seesTiles('Ada', 'Bob');
  await bob.decodes('Ada');
});
