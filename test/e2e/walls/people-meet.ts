/** What two people do who meet, by whatever way they came in. */
import { expect } from 'vitest';
import { PATIENCE, type Person } from '../person.ts';
import { watchTile } from '../tile-watch.ts';
import { countHeard } from './heard.ts';

const LISTEN_MS = 2_000;

/** They see and hear each other, write to each other, and see who is muted. */
export async function meetEachOther(one: Person, other: Person): Promise<void> {
  const names = [one.name, other.name];
  for (const person of [one, other]) await person.press('Chat');
  for (const [person, peer] of [
    [one, other],
    [other, one],
  ] as const) {
    await person.seesTiles(...names);
    await seesMove(person, peer.name);
    await expect.poll(() => person.page.evaluate(countHeard, LISTEN_MS), PATIENCE).toBe(1);
    await person.page.getByRole('textbox', { name: 'Message' }).fill(`Hello ${peer.name}`);
    await person.page.keyboard.press('Enter');
    const messages = peer.page.getByRole('log', { name: 'Messages' }).getByRole('article');
    await messages.filter({ hasText: `Hello ${peer.name}` }).waitFor();
    await person.press('Mute');
    await peer.tile(person.name).getByRole('img', { name: 'Muted' }).waitFor();
    await person.press('Unmute');
  }
}

/** Waits until a tile, which is watched from now on, has shown so many more pictures. */
export async function seesMove({ page, name }: Person, tile: string, pictures = 10): Promise<void> {
  const shown = () => page.evaluate((each) => window.shown?.[each]?.length, tile);
  const before = await shown();
  if (before === undefined) await page.evaluate(watchTile, tile);
  const message = `pictures of ${tile} that ${name} sees`;
  await expect
    .poll(async () => (await shown()) ?? 0, { ...PATIENCE, message })
    .toBeGreaterThan((before ?? 0) + pictures);
}
