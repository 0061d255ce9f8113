/** A lost WebSocket: media goes on, the session is resumed, and what was missed meanwhile is made up for. */
import { expect, test } from 'vitest';
import { useZone } from './fixture.ts';
import { streamContinuity } from './page-probe.ts';
import { PATIENCE, type Person } from './person.ts';

const zone = useZone();

/** Kills the WebSocket and keeps new ones from finding the server. */
async function cutLine(person: Person): Promise<void> {
  await person.page.evaluate(() => {
    window.probe.offline = true;
    window.probe.sockets.at(-1)?.close();
  });
  await person.isTold('log', /Reconnecting to the server/);
}

async function mendLine(person: Person): Promise<void> {
  await person.page.evaluate(() => {
    window.probe.offline = false;
  });
  await person.isTold('log', /Connected again/);
  person.forgive(/\/nowhere/);
}

test('a killed WebSocket is resumed without a gap in the picture', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  await ada.decodes('Bob');
  await bob.decodes('Ada');
  const before = [await ada.page.evaluate(streamContinuity, 'Bob'), await bob.page.evaluate(streamContinuity, 'Ada')];

  await cutLine(bob);
  await ada.decodes('Bob', 30);
  await bob.decodes('Ada', 30);
  expect(await bob.page.evaluate(() => window.probe.sockets.at(-1)?.readyState)).not.toBe(1);

  await mendLine(bob);
  await bob.press('Mute');
  await ada.tile('Bob').getByRole('img', { name: 'Muted' }).waitFor();
  await ada.decodes('Bob');
  await bob.decodes('Ada');
  const after = [await ada.page.evaluate(streamContinuity, 'Bob'), await bob.page.evaluate(streamContinuity, 'Ada')];
  // The same streams on the same connections, none of whose packets is missing.
  expect(after.map(({ identity, packetsLost }) => ({ identity, packetsLost }))).toEqual(
    before.map(({ identity, packetsLost }) => ({ identity, packetsLost })),
  );
});

test('what happened while the socket was away is told afterwards, both ways', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  await ada.decodes('Bob');

  await cutLine(bob);
  await bob.press('Mute');
  await bob.button('Unmute').waitFor();
  const cid = await zone.join(link, 'Cid');
  await cid.decodes('Bob');

  await mendLine(bob);
  await bob.seesTiles('Ada', 'Bob', 'Cid');
  await bob.decodes('Cid');
  for (const other of [ada, cid]) await other.tile('Bob').getByRole('img', { name: 'Muted' }).waitFor();
});

test('a page whose transport died starts afresh in the same meeting', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  await ada.decodes('Bob');
  // What a browser does when its network is gone for good; the router hears the DTLS close and lets the transport go.
  await bob.page.evaluate(() => window.probe.peers.at(-1)?.close());
  await expect.poll(() => bob.page.evaluate(() => window.probe.peers.length), PATIENCE).toBe(2);
  await ada.seesTiles('Ada', 'Bob');
  await ada.decodes('Bob');
  await bob.decodes('Ada');
});

test('a page that hears that its meeting was lost is in it again by itself', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob');
  await ada.decodes('Bob');
  // What the zone-controller says when a worker or router died.
  for (const { page } of [ada, bob]) {
    await page.evaluate(() => {
      const data = JSON.stringify({ type: 'error', code: 'meetingLost', message: '', retryAfterMs: 0 });
      window.probe.sockets.at(-1)?.dispatchEvent(new MessageEvent('message', { data }));
    });
  }
  for (const { page } of [ada, bob]) {
    await expect.poll(() => page.evaluate(() => window.probe.peers.length), PATIENCE).toBe(2);
  }
  await ada.seesTiles('Ada', 'Bob');
  await bob.seesTiles('Ada', 'Bob');
  await ada.decodes('Bob');
  await bob.decodes('Ada');
});
