/** Somebody at a browser. Finds everything as a person with a screen reader does: by role and name. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { MediaPath } from './media-path.ts';
import {
  describeMedia,
  installProbe,
  type ReceivedVideo,
  receivedAudioEnergy,
  receivedVideo,
  routerAddress,
} from './page-probe.ts';
import { installStallMeter } from './stall-meter.ts';

export interface PersonOptions {
  /** What the page is asked to publish in. */
  codec?: string;
  /** More of the page's address: `simulcast`, `scalability`. */
  search?: Record<string, string>;
  capture?: { width: number; height: number; frameRate: number };
  viewport?: { width: number; height: number };
  /** Run in the page before its own scripts. */
  prepare?: (() => void) | readonly (() => void)[];
  /** What the media goes over; without one, straight to the router. */
  path?: Pick<MediaPath, 'lay'>;
}

/** For what happens once two cores have time for it. */
const PATIENCE = { timeout: 20_000, interval: 100 };
/** Counts cameras, of which everybody gets another. */
let opened = 0;
const SMALL = { width: 320, height: 180, frameRate: 15 };

export class Person {
  readonly name: string;
  readonly page: Page;
  /** What the page complained about; to be empty at the end of a test. */
  readonly complaints: string[] = [];
  readonly #context: BrowserContext;

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.#context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  /** Opens a link in a browser profile of its own. */
  static async open(browser: Browser, link: string, name: string, options: PersonOptions = {}): Promise<Person> {
    const context = await browser.newContext({
      viewport: options.viewport ?? { width: 1100, height: 700 },
      // A zone on a network address makes its certificate itself.
      ignoreHTTPSErrors: true,
      permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'],
    });
    await context.addInitScript(installProbe, { capture: options.capture ?? SMALL, device: opened++ });
    await context.addInitScript(installStallMeter);
    for (const script of [options.prepare ?? []].flat()) await context.addInitScript(script);
    await options.path?.lay(context);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE.timeout);
    const person = new Person(name, context, page);
    const url = new URL(link);
    if (options.codec !== undefined) url.searchParams.set('codec', options.codec);
    for (const [name, value] of Object.entries(options.search ?? {})) url.searchParams.set(name, value);
    await page.goto(url.href);
    return person;
  }

  /** Opens an invite link, enters the name and joins. */
  static async join(browser: Browser, link: string, name: string, options: PersonOptions = {}): Promise<Person> {
    const person = await Person.open(browser, link, name, options);
    await person.textBox('Name').fill(name);
    await person.press('Join');
    await person.isInside();
    return person;
  }

  textBox(name: string): Locator {
    return this.page.getByRole('textbox', { name, exact: true });
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  tile(name: string): Locator {
    return this.page.getByRole('figure', { name, exact: true });
  }

  async press(name: string): Promise<void> {
    await this.button(name).click();
  }

  /** Presses a button that opens a menu, and chooses from that. */
  async choose(button: string, item: string): Promise<void> {
    await this.press(button);
    await this.page.getByRole('menuitem', { name: item, exact: true }).click();
  }

  /** Does something to somebody by the menu beside the name in the list of people. */
  async onPerson(name: string, item: string): Promise<void> {
    await this.choose(`More for ${name}`, item);
  }

  heading(name: string | RegExp): Locator {
    return this.page.getByRole('heading', { name, exact: typeof name === 'string' });
  }

  /** The line of somebody in the list of people. */
  listed(name: string): Locator {
    return this.page.getByRole('list', { name: 'Who is here' }).getByRole('listitem').filter({ hasText: name });
  }

  async isInside(): Promise<void> {
    await this.button('Leave').waitFor();
  }

  /** Names of all tiles. */
  tiles(): Promise<string[]> {
    return this.page
      .getByRole('figure')
      .evaluateAll((figures) => figures.map((figure) => figure.getAttribute('aria-label') ?? ''));
  }

  async seesTiles(...names: string[]): Promise<void> {
    await expect.poll(async () => (await this.tiles()).sort(), PATIENCE).toEqual([...names].sort());
  }

  video(tile: string): Promise<ReceivedVideo | undefined> {
    return this.page.evaluate(receivedVideo, tile);
  }

  async framesOf(tile: string): Promise<number> {
    return (await this.video(tile))?.framesDecoded ?? 0;
  }

  /** Waits until this many more frames of a tile's video were decoded. */
  async decodes(tile: string, frames = 10): Promise<void> {
    const before = await this.framesOf(tile);
    try {
      await expect.poll(() => this.framesOf(tile), PATIENCE).toBeGreaterThanOrEqual(before + frames);
    } catch {
      const media = await this.page.evaluate(describeMedia);
      throw new Error(`${this.name} decodes no ${frames} more frames of ${tile} (${before} before)\n${media}`);
    }
  }

  /** Waits until as many people can be heard, and each of them goes on being heard. */
  async hears(people: number): Promise<void> {
    const heard = async () => (await this.audioEnergy()).filter((energy) => energy > 0).length;
    await expect.poll(heard, PATIENCE).toBe(people);
    const before = await this.audioEnergy();
    const goingOn = async () =>
      (await this.audioEnergy()).filter((energy, index) => energy > (before[index] ?? 0)).length;
    await expect.poll(goingOn, PATIENCE).toBeGreaterThanOrEqual(people);
  }

  audioEnergy(): Promise<number[]> {
    return this.page.evaluate(receivedAudioEnergy);
  }

  /** Waits for words that a screen reader would read out of a live region of this role. */
  async isTold(role: 'alert' | 'status' | 'log', words: RegExp): Promise<void> {
    await this.page.getByRole(role).filter({ hasText: words }).first().waitFor({ state: 'attached' });
  }

  /** The router's address on the pair that ICE selected. */
  routerAddress(): Promise<string | undefined> {
    return this.page.evaluate(routerAddress);
  }

  /** Takes back complaints that a test brought about on purpose. */
  forgive(expected: RegExp): void {
    const others = this.complaints.filter((complaint) => !expected.test(complaint));
    this.complaints.splice(0, this.complaints.length, ...others);
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}

export { PATIENCE };
