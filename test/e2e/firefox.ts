/** Headless Firefox as Debian ships it, with fake devices: another WebRTC stack than Chromium's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BidiSession } from './bidi-session.ts';

const EXECUTABLE = process.env.ZONECAST_FIREFOX ?? '/usr/bin/firefox-esr';
const LISTENING = /WebDriver BiDi listening on (ws:\/\/\S+)/;
const START_LIMIT_MS = 60_000;

const PREFERENCES: Readonly<Record<string, boolean | number | string>> = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  // Firefox gathers no loopback candidates by itself, and hides the others behind names that nobody resolves here.
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.server': 'data:,',
};

export class Firefox {
  readonly session: BidiSession;
  readonly #process: ChildProcess;
  readonly #profile: string;

  private constructor(session: BidiSession, process: ChildProcess, profile: string) {
    this.session = session;
    this.#process = process;
    this.#profile = profile;
  }

  static async launch(): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), 'zonecast-firefox-'));
    const lines = Object.entries(PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    await writeFile(join(profile, 'user.js'), lines.join('\n'));
    const process = spawn(
      EXECUTABLE,
      ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'],
      // Its home is its profile, so that nothing is left behind.
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...globalThis.process.env, HOME: profile, MOZ_LOG: '' } },
    );
    const url = await listeningUrl(process);
    return new Firefox(await BidiSession.open(url), process, profile);
  }

  async close(): Promise<void> {
    const exited = this.#process.exitCode === null ? once(this.#process, 'exit') : Promise.resolve();
    await this.session.send('browser.close', {}).catch(() => this.#process.kill('SIGKILL'));
    await exited;
    this.session.close();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function listeningUrl(process: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const heard: string[] = [];
    const fail = (what: string) => reject(new Error(`Firefox ${what}\n${heard.join('\n')}`));
    const timer = setTimeout(() => {
      process.kill('SIGKILL');
      fail(`was not up after ${START_LIMIT_MS} ms`);
    }, START_LIMIT_MS);
    process.once('error', (error) => fail(`did not start: ${error.message}`));
    process.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with code ${code}`);
    });
    if (process.stderr === null) return;
    createInterface({ input: process.stderr }).on('line', (line) => {
      if (heard.length < 50) heard.push(line);
      const url = LISTENING.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}
