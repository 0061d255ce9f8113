/** One zone and one browser for a test file; everybody who came is sent home after each test. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchBrowser } from './browser.ts';
import { Person, type PersonOptions } from './person.ts';
import { type Machine, stallsOf } from './stall-meter.ts';
import { startZone, type ZoneProcess } from './zone-process.ts';

export interface Fixture extends Machine {
  readonly zone: ZoneProcess;
  readonly browser: Browser;
  /** The invite link of a meeting in which nobody is yet. */
  newMeeting(): Promise<string>;
  /** Opens a link without joining. */
  open(link: string, name: string, options?: PersonOptions): Promise<Person>;
  join(link: string, name: string, options?: PersonOptions): Promise<Person>;
  /** Somebody makes a meeting and is its host; the page's address is the invite link. */
  host(name: string, options?: PersonOptions): Promise<Person>;
}

export function useZone(zoneOptions: string[] = [], browserFlags: string[] = []): Fixture {
  let zone: ZoneProcess | undefined;
  let browser: Browser | undefined;
  const people: Person[] = [];

  beforeAll(async () => {
    [zone, browser] = await Promise.all([startZone(...zoneOptions), launchBrowser(...browserFlags)]);
  });

  afterEach(async () => {
    const gone = people.splice(0);
    await Promise.all(gone.map((person) => person.close()));
    for (const { name, complaints } of gone) expect(complaints, `the page of ${name} complained`).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    expect(await zone?.stop(), 'zonectl up ends cleanly').toBe(0);
  });

  const present = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error('used before it was started');
    return value;
  };
  return {
    get zone() {
      return present(zone);
    },
    get browser() {
      return present(browser);
    },
    stalls: () => stallsOf(people.map(({ page }) => page)),
    async newMeeting() {
      const { origin } = present(zone);
      const response = await fetch(`${origin}/v1/meetings`, { method: 'POST' });
      expect(response.status).toBe(201);
      // The zone-controller's answer is CreatedMeeting by contract (proto/signalling.ts).
      const { meeting, passcode } = (await response.json()) as { meeting: string; passcode: string };
      return `${origin}/#${new URLSearchParams({ meeting, passcode })}`;
    },
    async open(link, name, options) {
      const person = await Person.open(present(browser), link, name, options);
      people.push(person);
      return person;
    },
    async host(name, options) {
      const person = await Person.open(present(browser), present(zone).origin, name, options);
      people.push(person);
      await person.textBox('Name').fill(name);
      await person.press('New meeting');
      await person.isInside();
      return person;
    },
    async join(link, name, options) {
      const person = await Person.join(present(browser), link, name, options);
      people.push(person);
      return person;
    },
  };
}
