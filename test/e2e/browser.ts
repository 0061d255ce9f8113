/** Headless Chromium with fake devices: cameras that show a clock, a microphone that beeps once a second. */
import { type Browser, chromium } from 'playwright-core';

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

export function launchBrowser(...flags: string[]): Promise<Browser> {
  const executablePath = process.env.ZONECAST_CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}
