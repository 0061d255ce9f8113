/** The way in: links, refusals in plain words, names that are not what they seem. */
import { expect, test } from 'vitest';
import { useZone } from './fixture.ts';
import { PATIENCE } from './person.ts';

const zone = useZone();

/** What runs in the page can bring nothing along, so there is one function per fault. */
const DEVICE_FAULTS = [
  {
    fault: 'refused',
    words: /may not use your camera/,
    prepare: () => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
    },
  },
  {
    fault: 'missing',
    words: /No camera was found/,
    prepare: () => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'));
    },
  },
  {
    fault: 'busy',
    words: /in use by another program/,
    prepare: () => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotReadableError'));
    },
  },
];

test('the printed link fills in meeting and passcode, and lets people meet', async () => {
  const ada = await zone.open(zone.zone.link, 'Ada');
  expect(await ada.textBox('Meeting ID').inputValue()).toMatch(/^\d{3} \d{4} \d{4}$/);
  expect(await ada.textBox('Passcode').inputValue()).not.toBe('');
  await ada.textBox('Name').fill('Ada');
  await ada.press('Join');
  await ada.isInside();
  const bob = await zone.join(zone.zone.link, 'Bob');
  await bob.decodes('Ada');
});

test('New meeting starts one, and its invite lets the next in', async () => {
  const ada = await zone.open(zone.zone.origin, 'Ada');
  await ada.textBox('Name').fill('Ada');
  await ada.press('New meeting');
  await ada.isInside();
  expect(new URL(ada.page.url()).hash).toMatch(/^#meeting=\d{11}&passcode=.+$/);
  await ada.press('Copy invite');
  await ada.isTold('status', /copied/);
  const invite = await ada.page.evaluate(() => navigator.clipboard.readText());
  expect(invite).toBe(ada.page.url());

  const bob = await zone.open(invite, 'Bob');
  expect((await bob.textBox('Meeting ID').inputValue()).replaceAll(' ', '')).toBe(
    new URLSearchParams(new URL(invite).hash.slice(1)).get('meeting'),
  );
  await bob.textBox('Name').fill('Bob');
  await bob.press('Join');
  await bob.decodes('Ada');
});

test('New meeting without a name makes the meeting and asks for the name', async () => {
  const ada = await zone.open(zone.zone.origin, 'Ada');
  await ada.press('New meeting');
  await ada.isTold('alert', /Enter your name/);
  await ada.textBox('Name').fill('Ada');
  await ada.press('Join');
  await ada.isInside();
});

test('a wrong passcode is refused in plain words, and what was entered stays', async () => {
  const ada = await zone.open(await zone.newMeeting(), 'Ada');
  await ada.textBox('Name').fill('Ada');
  const right = await ada.textBox('Passcode').inputValue();
  await ada.textBox('Passcode').fill('wrong');
  await ada.press('Join');
  await ada.isTold('alert', /passcode is not right/);
  expect(await ada.textBox('Name').inputValue()).toBe('Ada');
  expect(await ada.textBox('Meeting ID').inputValue()).toMatch(/^\d{3} \d{4} \d{4}$/);
  expect(await ada.textBox('Passcode').inputValue()).toBe('wrong');

  await ada.textBox('Passcode').fill(right);
  await ada.press('Join');
  await ada.isInside();
});

test('an unknown meeting and incomplete entries are explained', async () => {
  const ada = await zone.open(zone.zone.origin, 'Ada');
  await ada.press('Join');
  await ada.isTold('alert', /Enter your name/);
  await ada.textBox('Name').fill('Ada');
  await ada.textBox('Meeting ID').fill('123 45');
  await ada.press('Join');
  await ada.isTold('alert', /11 digits; this one has 5/);
  await ada.textBox('Meeting ID').fill('00000000001');
  await ada.textBox('Passcode').fill('123456');
  await ada.press('Join');
  await ada.isTold('alert', /no meeting with this ID/);
});

test('a name is text, whatever it looks like', async () => {
  const hostile = '<img src=x onerror="document.title=1"><b>&amp;';
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const mallory = await zone.join(link, hostile);
  await ada.seesTiles('Ada', hostile);
  await mallory.seesTiles('Ada', hostile);
  expect(await ada.page.getByRole('list', { name: 'Who is here' }).textContent()).toContain(hostile);
  expect(await ada.page.locator('img').count()).toBe(0);
  await expect.poll(() => ada.page.title(), PATIENCE).toContain('Zonecast');
});

test('a server that is away is said to be away', async () => {
  const ada = await zone.open(await zone.newMeeting(), 'Ada');
  await ada.textBox('Name').fill('Ada');
  await ada.page.evaluate(() => {
    window.probe.offline = true;
  });
  await ada.press('Join');
  await ada.isTold('alert', /cannot be reached/);
  await ada.page.evaluate(() => {
    window.probe.offline = false;
  });
  await ada.press('Join');
  await ada.isInside();
  ada.forgive(/\/nowhere/);
});

test.each(DEVICE_FAULTS)('with devices $fault one joins anyway, sees and hears', async ({ words, prepare }) => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada');
  const bob = await zone.open(link, 'Bob', { prepare });
  await bob.isTold('status', words);
  await bob.textBox('Name').fill('Bob');
  await bob.press('Join');
  await bob.isInside();
  await bob.decodes('Ada');
  await bob.hears(1);
  await bob.button('Unmute').waitFor();
  await ada.seesTiles('Ada', 'Bob');
  await ada.tile('Bob').getByRole('img', { name: 'Muted' }).waitFor();

  await bob.press('Start video');
  await bob.isTold('status', words);
});

test('where the browser plays no sound unasked, a button turns it on', async () => {
  const link = await zone.newMeeting();
  await zone.join(link, 'Ada');
  const bob = await zone.join(link, 'Bob', {
    prepare: () => {
      const play = HTMLAudioElement.prototype.play;
      HTMLAudioElement.prototype.play = function (this: HTMLAudioElement) {
        const asked = document.activeElement?.textContent?.trim() === 'Turn on sound';
        return asked ? play.call(this) : Promise.reject(new DOMException('not unasked', 'NotAllowedError'));
      };
    },
  });
  await bob.press('Turn on sound');
  await bob.button('Turn on sound').waitFor({ state: 'hidden' });
  await bob.hears(1);
});
