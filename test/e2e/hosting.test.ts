/** A host leads the meeting: who comes in, who is heard and seen, who else may lead, and when it is over. */
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { useZone } from './fixture.ts';
import { PATIENCE, type Person } from './person.ts';

const zone = useZone();

async function setting(host: Person, name: string, isOn: boolean): Promise<void> {
  await host.choose('More', 'Meeting settings');
  const box = host.page.getByRole('checkbox', { name, exact: true });
  await box.setChecked(isOn);
  await host.press('Done');
}

function waitingNotice({ page }: Person, name: string): Locator {
  return page.getByRole('region', { name: 'Waiting room' }).getByText(`${name} is waiting`, { exact: true });
}

/** Whether the microphone's m-line has a track: what is muted is off at its source. */
function sendsSound({ page }: Person): Promise<boolean> {
  return page.evaluate(
    () =>
      window.probe.peers
        .at(-1)
        ?.getTransceivers()
        .some(({ sender }) => sender.track?.kind === 'audio' && sender.track.enabled) === true,
  );
}

test('who comes waits until the host lets him in, or is refused', async () => {
  const ada = await zone.host('Ada');
  const link = ada.page.url();
  await setting(ada, 'Waiting room', true);

  const bob = await zone.open(link, 'Bob');
  await bob.textBox('Name').fill('Bob');
  await bob.press('Join');
  await bob.heading('Please wait').waitFor();
  await bob.isTold('status', /A host will let you in/);
  // He changes his mind about the camera meanwhile.
  await bob.page.getByRole('switch', { name: 'Camera' }).click();
  await waitingNotice(ada, 'Bob').waitFor();
  await ada.seesTiles('Ada');
  await ada.press('Admit');
  await bob.isInside();
  await bob.decodes('Ada');
  await bob.button('Start video').waitFor();
  await ada.seesTiles('Ada', 'Bob');

  const cid = await zone.open(link, 'Cid');
  await cid.textBox('Name').fill('Cid');
  await cid.press('Join');
  await cid.heading('Please wait').waitFor();
  await ada.press('Refuse Cid');
  await cid.heading('You were not let in').waitFor();
  await cid.press('Back to the start');

  // Who waits may go away again, and has waited with a WebSocket that was lost meanwhile.
  await cid.press('Join');
  await cid.heading('Please wait').waitFor();
  await waitingNotice(ada, 'Cid').waitFor();
  await cid.page.evaluate(() => window.probe.sockets.at(-1)?.close());
  await expect.poll(() => cid.page.evaluate(() => window.probe.sockets.length), PATIENCE).toBeGreaterThan(2);
  await waitingNotice(ada, 'Cid').waitFor();
  await cid.press('Leave waiting room');
  await cid.button('Join').waitFor();
  await waitingNotice(ada, 'Cid').waitFor({ state: 'hidden' });
});

test('what a host mutes is not heard, and comes back when its owner is asked', async () => {
  const ada = await zone.host('Ada');
  const bob = await zone.join(ada.page.url(), 'Bob');
  await ada.decodes('Bob');
  await ada.hears(1);
  await ada.onPerson('Bob', 'Mute');
  await bob.isTold('status', /A host has muted you/);
  await bob.button('Unmute').waitFor();
  await ada.tile('Bob').getByRole('img', { name: 'Muted' }).waitFor();
  expect(await sendsSound(bob)).toBe(false);

  await ada.onPerson('Bob', 'Ask to unmute');
  await bob.press('Unmute me');
  await ada.tile('Bob').getByRole('img', { name: 'Muted' }).waitFor({ state: 'hidden' });
  await ada.hears(1);

  await ada.onPerson('Bob', 'Stop video');
  await expect.poll(() => ada.video('Bob'), PATIENCE).toBeUndefined();
  await bob.button('Start video').waitFor();
  await bob.press('Start video');
  await bob.isTold('status', /The host has stopped your video/);
  await ada.onPerson('Bob', 'Ask to start video');
  await bob.press('Start my video');
  await ada.decodes('Bob');

  await setting(ada, 'Unmute themselves', false);
  await setting(ada, 'Share their screen', false);
  await ada.press('Mute all');
  await bob.button('Unmute').waitFor();
  await bob.press('Unmute');
  await bob.isTold('status', /keeps participants muted/);
  expect(await sendsSound(bob)).toBe(false);
  await bob.press('Share screen');
  await bob.isTold('status', /Only hosts may share/);
  await ada.button('Mute').waitFor();
});

test('hands, reactions, names, the spotlight, a lock', async () => {
  const ada = await zone.host('Ada');
  const link = ada.page.url();
  const bob = await zone.join(link, 'Bob');
  await ada.seesTiles('Ada', 'Bob');

  await bob.press('React');
  await bob.press('Raise hand');
  await ada.tile('Bob').getByRole('img', { name: 'Hand raised' }).waitFor();
  await ada.listed('Bob').getByRole('img', { name: 'Hand raised' }).waitFor();
  expect(await ada.page.getByRole('list', { name: 'Who is here' }).getByRole('listitem').first().textContent()).toMatch(
    /Bob/,
  );
  await ada.press('Lower all hands');
  await bob.tile('Bob').getByRole('img', { name: 'Hand raised' }).waitFor({ state: 'hidden' });

  await bob.press('React');
  const seen = ada.tile('Bob').getByText('👏').waitFor();
  await bob.press('Applause');
  await seen;
  await ada.isTold('log', /Bob: Applause/);

  await ada.onPerson('Bob', 'Rename');
  await ada.textBox('New name').fill('Robert');
  await ada.press('Rename');
  await ada.seesTiles('Ada', 'Robert');
  await bob.seesTiles('Ada', 'Robert');

  await ada.onPerson('Ada', 'Spotlight');
  await bob.button('Gallery view').waitFor();
  await ada.isTold('status', /You are in the spotlight/);
  expect(await ada.button('Speaker view').isVisible()).toBe(true);
  await ada.onPerson('Ada', 'Remove from spotlight');
  await bob.button('Speaker view').waitFor();

  await setting(ada, 'Lock the meeting', true);
  await bob.page.getByText('Locked', { exact: true }).waitFor();
  const cid = await zone.open(link, 'Cid');
  await cid.textBox('Name').fill('Cid');
  await cid.press('Join');
  await cid.isTold('alert', /locked/);
  await setting(ada, 'Lock the meeting', false);
  await cid.press('Join');
  await cid.isInside();
});

test('others may lead, too; who is removed is out; the host ends it for all', async () => {
  const ada = await zone.host('Ada');
  const link = ada.page.url();
  const bob = await zone.join(link, 'Bob');
  const cid = await zone.join(link, 'Cid');
  await bob.seesTiles('Ada', 'Bob', 'Cid');
  expect(await bob.button('Mute all').isVisible()).toBe(false);

  await ada.onPerson('Bob', 'Make co-host');
  await bob.isTold('status', /You are a co-host now/);
  await bob.button('Mute all').waitFor();
  await cid.listed('Bob').getByText('Co-host', { exact: true }).waitFor();
  await bob.onPerson('Cid', 'Remove');
  await bob.press('Remove');
  await cid.page.getByText('You were removed from the meeting.').waitFor();
  expect(await cid.button('Rejoin').isVisible()).toBe(false);
  await ada.seesTiles('Ada', 'Bob');

  // The host's page is loaded anew: who made the meeting is its host again.
  await ada.page.reload();
  await ada.press('Join');
  await ada.isInside();
  await ada.listed('Ada').getByText('Host', { exact: true }).waitFor();
  await ada.decodes('Bob');
  await ada.choose('Leave', 'End meeting for all');
  await ada.press('End meeting');
  for (const person of [ada, bob]) await person.heading('The meeting has ended').waitFor();
  const late = await zone.open(link, 'Dan');
  await late.textBox('Name').fill('Dan');
  await late.press('Join');
  await late.isTold('alert', /meeting/);
  await late.button('Join').waitFor();
});

test('who has the host key takes the lead', async () => {
  const response = await fetch(`${zone.zone.origin}/v1/meetings`, { method: 'POST' });
  // The zone-controller's answer is CreatedMeeting by contract (proto/signalling.ts).
  const { link, hostKey } = (await response.json()) as { link: string; hostKey: string };
  const ada = await zone.join(link, 'Ada');
  await ada.choose('More', 'Claim host');
  await ada.textBox('Host key').fill('wrong');
  await ada.press('Claim host');
  await ada.page.getByRole('dialog').getByRole('alert').filter({ hasText: /\w/ }).waitFor();
  await ada.textBox('Host key').fill(hostKey);
  await ada.press('Claim host');
  await ada.isTold('status', /You are the host now/);
  await ada.listed('Ada').getByText('Host', { exact: true }).waitFor();
});
