/** Somebody at Firefox: what `Person` is for Chromium, over WebDriver BiDi. */
import { expect } from 'vitest';
import type { Firefox } from './firefox.ts';
import { describeMedia, installProbe, type ReceivedVideo, receivedAudioEnergy, receivedVideo } from './page-probe.ts';
import { PATIENCE } from './person.ts';

type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [name: string]: Json };

/** script.EvaluateResult of the standard, for results that are strings. */
interface EvaluateResult {
  readonly type: 'success' | 'exception';
  readonly result?: { readonly value?: string };
  readonly exceptionDetails?: { readonly text: string };
}

export interface FirefoxPersonOptions {
  capture?: { width: number; height: number; frameRate: number };
  /** Of the page's address, for example `codec=vp8`. */
  search?: string;
}

const SMALL = { width: 320, height: 180, frameRate: 15 };

export class FirefoxPerson {
  readonly name: string;
  readonly #firefox: Firefox;
  readonly #userContext: string;
  readonly #context: string;

  private constructor(name: string, firefox: Firefox, userContext: string, context: string) {
    this.name = name;
    this.#firefox = firefox;
    this.#userContext = userContext;
    this.#context = context;
  }

  /** Opens an invite link, enters the name and joins. */
  static async join(firefox: Firefox, link: string, name: string, options: FirefoxPersonOptions = {}) {
    const { session } = firefox;
    const { userContext } = await session.send<{ userContext: string }>('browser.createUserContext', {
      acceptInsecureCerts: true,
    });
    const { context } = await session.send<{ context: string }>('browsingContext.create', { type: 'tab', userContext });
    await session.send('browsingContext.setViewport', { context, viewport: { width: 1100, height: 700 } });
    await session.send('script.addPreloadScript', {
      functionDeclaration: `() => (${installProbe})(${JSON.stringify({ capture: options.capture ?? SMALL, device: 0 })})`,
      contexts: [context],
    });
    const url = new URL(link);
    url.search = options.search ?? '';
    await session.send('browsingContext.navigate', { context, url: url.href, wait: 'complete' });
    const person = new FirefoxPerson(name, firefox, userContext, context);
    await person.evaluate(fillName, name);
    await person.press('Join');
    await expect.poll(() => person.evaluate(isShown, 'Leave'), PATIENCE).toBe(true);
    return person;
  }

  /** Runs a function in the page; what goes in and comes out is JSON. */
  async evaluate<Arguments extends readonly Json[], Result>(
    run: (...args: Arguments) => Result | Promise<Result>,
    ...args: Arguments
  ): Promise<Result> {
    const values = args.map((arg) => JSON.stringify(arg)).join(',');
    const { type, result, exceptionDetails } = await this.#firefox.session.send<EvaluateResult>('script.evaluate', {
      expression: `(async () => JSON.stringify(await (${run})(${values})))()`,
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (type === 'exception') throw new Error(`in the page of ${this.name}: ${exceptionDetails?.text}`);
    // undefined is no JSON text; the cast: what JSON.stringify was given.
    return (result?.value === undefined ? undefined : JSON.parse(result.value)) as Result;
  }

  async press(button: string): Promise<void> {
    await this.evaluate(pressButton, button);
  }

  tiles(): Promise<string[]> {
    return this.evaluate(() =>
      [...document.querySelectorAll('figure')].map((figure) => figure.getAttribute('aria-label') ?? ''),
    );
  }

  video(tile: string): Promise<ReceivedVideo | undefined> {
    return this.evaluate(receivedVideo, tile);
  }

  /** Waits until this many more frames of a tile's video were decoded. */
  async decodes(tile: string, frames = 10): Promise<void> {
    const framesOf = async () => (await this.video(tile))?.framesDecoded ?? 0;
    const before = await framesOf();
    try {
      await expect.poll(framesOf, PATIENCE).toBeGreaterThanOrEqual(before + frames);
    } catch {
      const media = await this.evaluate(describeMedia);
      throw new Error(`${this.name} decodes no ${frames} more frames of ${tile} (${before} before)\n${media}`);
    }
  }

  async hears(people: number): Promise<void> {
    const heard = async () => (await this.evaluate(receivedAudioEnergy)).filter((energy) => energy > 0).length;
    await expect.poll(heard, PATIENCE).toBe(people);
  }

  /** PNG of the page. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.#firefox.session.send<{ data: string }>('browsingContext.captureScreenshot', {
      context: this.#context,
    });
    return Buffer.from(data, 'base64');
  }

  async close(): Promise<void> {
    await this.#firefox.session.send('browser.removeUserContext', { userContext: this.#userContext });
  }
}

function fillName(name: string): void {
  const field = document.getElementById('name');
  if (!(field instanceof HTMLInputElement)) throw new Error('there is no field for the name');
  field.value = name;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

function pressButton(name: string): void {
  const named = (button: HTMLElement) =>
    (button.getAttribute('aria-label') ?? button.textContent ?? '').trim() === name;
  const button = [...document.querySelectorAll('button')].find((each) => named(each) && each.checkVisibility());
  if (button === undefined) throw new Error(`there is no button "${name}"`);
  button.click();
}

function isShown(name: string): boolean {
  return [...document.querySelectorAll('button')].some(
    (button) => button.textContent?.trim() === name && button.checkVisibility(),
  );
}
