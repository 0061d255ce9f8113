/** What the page makes of weak connections, of who speaks, and of what one wants to see large. */
import { expect, test } from 'vitest';
import type { ServerMessage } from '../../proto/signalling.ts';
import { useZone } from './fixture.ts';
import { PATIENCE, type Person } from './person.ts';
import { AUTOPLAY, installTalkingMicrophone } from './talking-microphone.ts';

const zone = useZone([], [AUTOPLAY]);

/** The page hears something that the server has not said: for what no healthy machine brings about. */
async function hear(person: Person, message: ServerMessage): Promise<void> {
  await person.page.evaluate((text) => {
    window.probe.sockets.at(-1)?.dispatchEvent(new MessageEvent('message', { data: text }));
  }, JSON.stringify(message));
}

/** What the server said, of one kind, while this person was there. */
function listen<Type extends ServerMessage['type']>(
  person: Person,
  type: Type,
): Extract<ServerMessage, { type: Type }>[] {
  const heard: Extract<ServerMessage, { type: Type }>[] = [];
  person.page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      const message = JSON.parse(String(payload)) as ServerMessage; // the zone-controller's own
      if (message.type === type) heard.push(message as Extract<ServerMessage, { type: Type }>); // just checked
    });
  });
  return heard;
}

async function enter(person: Person): Promise<void> {
  await person.textBox('Name').fill(person.name);
  await person.press('Join');
  await person.isInside();
}

async function height(person: Person, tile: string): Promise<number> {
  return (await person.tile(tile).boundingBox())?.height ?? 0;
}

test('a picture that the network does not carry stands still and says why, until it moves again', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.open(link, 'Ada');
  const slots = listen(ada, 'slots');
  await ada.page.reload();
  await enter(ada);
  const bob = await zone.join(link, 'Bob');
  await ada.decodes('Bob');
  const slot = slots.flatMap((message) => message.slots).findLast(({ kind }) => kind === 'camera');
  if (slot === undefined) throw new Error('no slot carries Bob');

  const words = ada.tile('Bob').getByText('Video paused: your connection is weak');
  await words.waitFor({ state: 'hidden' });
  await hear(ada, { type: 'slots', slots: [{ ...slot, suspended: true }] });
  await words.waitFor();
  // The last picture stays, and no initials take its place.
  expect(await ada.tile('Bob').locator('video').isVisible()).toBe(true);
  await hear(ada, { type: 'slots', slots: [slot] });
  await words.waitFor({ state: 'hidden' });
  await bob.decodes('Ada');
});

test('connections are bars on the tiles, and one’s own weak one is said', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.open(link, 'Ada');
  const told = listen(ada, 'quality');
  await ada.page.reload();
  await enter(ada);
  await zone.join(link, 'Bob');
  await ada.decodes('Bob');
  // What the zone itself measures of this machine.
  await ada
    .tile('Bob')
    .getByRole('img', { name: /^Connection: / })
    .waitFor();
  await ada
    .tile('Ada')
    .getByRole('img', { name: /^Connection: / })
    .waitFor();

  const participants = new Set(told.flatMap(({ qualities }) => qualities.map(({ participant }) => participant)));
  const bad = [...participants].map((participant) => ({ participant, uplink: 90, downlink: 10 }));
  await hear(ada, { type: 'quality', qualities: bad });
  await ada.tile('Bob').getByRole('img', { name: 'Connection: poor' }).waitFor();
  await ada.isTold('status', /Your connection is weak/);
});

test('who is pinned stands large whoever speaks, and is sent in a larger size', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada', { viewport: { width: 1000, height: 640 } });
  await zone.join(link, 'Bob', { capture: { width: 640, height: 360, frameRate: 15 } });
  const cid = await zone.join(link, 'Cid');
  await zone.join(link, 'Dan');
  await ada.decodes('Bob');
  await expect.poll(async () => (await ada.video('Bob'))?.height, PATIENCE).toBeLessThanOrEqual(360);

  await ada.tile('Cid').getByRole('button', { name: 'Pin Cid' }).focus();
  await ada.page.keyboard.press('Enter');
  await ada.button('Gallery view').waitFor();
  await expect.poll(async () => (await height(ada, 'Cid')) > 2 * (await height(ada, 'Bob')), PATIENCE).toBe(true);
  await expect.poll(async () => (await ada.video('Bob'))?.height, PATIENCE).toBe(180);
  await cid.press('Mute');
  await ada.decodes('Bob', 30);
  expect(await height(ada, 'Cid')).toBeGreaterThan(2 * (await height(ada, 'Bob')));

  await ada.tile('Bob').getByRole('button', { name: 'Pin Bob' }).click();
  await expect.poll(async () => (await height(ada, 'Bob')) > 2 * (await height(ada, 'Cid')), PATIENCE).toBe(true);
  await expect.poll(async () => (await ada.video('Bob'))?.height, PATIENCE).toBe(360);
  await ada.press('Gallery view');
  await expect.poll(() => ada.button('Pin Bob').getAttribute('aria-pressed'), PATIENCE).toBe('false');
});

test('the speaker view shows who speaks, and never oneself', async () => {
  const link = await zone.newMeeting();
  // Whoever is not muted speaks.
  const talking = { prepare: installTalkingMicrophone };
  const ada = await zone.join(link, 'Ada', talking);
  const bob = await zone.join(link, 'Bob', talking);
  const cid = await zone.join(link, 'Cid', talking);
  await ada.press('Speaker view');
  await bob.press('Mute');
  const largest = async () => {
    const sizes = await Promise.all(
      ['Ada', 'Bob', 'Cid'].map(async (name) => ({ name, size: await height(ada, name) })),
    );
    return sizes.sort((a, b) => b.size - a.size)[0]?.name;
  };
  await expect.poll(largest, PATIENCE).toBe('Cid');
  await bob.press('Unmute');
  await cid.press('Mute');
  await expect.poll(largest, PATIENCE).toBe('Bob');
});

test('who is scrolled out of sight is not fetched, and is there again when scrolled back', async () => {
  const link = await zone.newMeeting();
  // A row and a half of tiles; the third has to be scrolled to.
  const ada = await zone.join(link, 'Ada', { viewport: { width: 360, height: 285 } });
  for (const name of ['Bob', 'Cid', 'Dan', 'Eve']) {
    await zone.join(link, name, { capture: { width: 160, height: 90, frameRate: 5 } });
  }
  await ada.seesTiles('Ada', 'Bob', 'Cid', 'Dan', 'Eve');
  const scrollTo = (top: number) => ada.page.evaluate((y) => document.getElementById('tiles')?.scrollTo(0, y), top);
  const isFetched = async (name: string) => (await ada.video(name)) !== undefined;
  await expect.poll(() => isFetched('Eve'), PATIENCE).toBe(false);
  await ada.decodes('Bob', 3);

  await scrollTo(1_000);
  await ada.decodes('Eve', 3);
  await expect.poll(() => isFetched('Bob'), PATIENCE).toBe(false);
  await scrollTo(0);
  await ada.decodes('Bob', 3);
});
