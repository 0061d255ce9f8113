/** Headless Chromium with fake devices: cameras that show a clock, a microphone that beeps once a second. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import type { Host } from '../processes/host.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream=device-count=10',
  '--use-fake-ui-for-media-stream',
];

const CHROMIUM = process.env.ZONECAST_CHROMIUM ?? '/usr/bin/chromium';

export function launchBrowser(...flags: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags] });
}

/** On another host; `directory` takes a file that has to stay as long as the browser does. */
export function launchBrowserAt({ address, run }: Host, directory: string, ...flags: string[]): Promise<Browser> {
  const executablePath = join(directory, `chromium-at-${address}`);
  writeFileSync(executablePath, `#!/bin/sh\nexec ${run([CHROMIUM]).join(' ')} "$@"\n`, { mode: 0o755 });
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}
