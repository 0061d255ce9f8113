/** The server is started anew while people are in a meeting. */
import { expect, test } from 'vitest';
import { launchBrowser } from './browser.ts';
import { Person } from './person.ts';
import { startZone } from './zone-process.ts';

test('a server that was started anew does not know the meeting: the page says that it has ended', async () => {
  const browser = await launchBrowser();
  let zone = await startZone();
  try {
    const ada = await Person.join(browser, zone.link, 'Ada');
    const { port } = new URL(zone.origin);
    expect(await zone.stop()).toBe(0);
    await ada.isTold('log', /[Rr]econnecting/);
    // Again on the same port: a later option counts.
    zone = await startZone('--port', port);
    await ada.page.getByText(/The meeting has ended/).waitFor();
    await ada.press('Rejoin');
    await ada.isTold('alert', /no meeting with this ID/);
    await ada.press('Back to the start');
    await ada.press('New meeting');
    await ada.isInside();
    await ada.close();
  } finally {
    await browser.close();
    await zone.stop();
  }
});
