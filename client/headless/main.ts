/** Load by headless participants: `node client/headless/main.ts --help`. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cleanup } from 'node-datachannel';
import { HeadlessParticipant } from './headless-participant.ts';
import type { SlotCounters } from './slot-receiver.ts';

const HELP = `Usage: node client/headless/main.ts --url <url> --meeting <id> --passcode <code> [options]
       node client/headless/main.ts --invite <link> [options]

Joins a meeting with participants that send real RTP and count what arrives. Prints one JSON object a second.

  --url <url>          of the zone-controller, e.g. http://localhost:8080
  --meeting <id>       11 digits
  --passcode <code>
  --host-key <key>     all come as hosts
  --invite <link>      an invite link, instead of the three above
  --count <n>          participants, default 1
  --seconds <s>        how long they stay, default 10
  --join-rate <n>      joins a second, default 20
  --at-once <n>        at most so many are joining at the same time, default any number
  --audio-slots <n>    default 3
  --video-slots <n>    default 9
  --frame-bytes <n>    least size of a video frame, default 0 (a still picture: 20 bytes a frame)
  --listen-only        send nothing
  --trust <file>       PEM of a self-signed certificate to trust
  --help
Exit code 0 when everyone joined and no slot saw a second SSRC or a timestamp going back.
`;

interface LoadOptions {
  readonly url: string;
  readonly meeting: string;
  readonly passcode: string;
  readonly hostKey: string | undefined;
  readonly count: number;
  readonly seconds: number;
  readonly joinRate: number;
  readonly atOnce: number;
  readonly audioSlots: number;
  readonly videoSlots: number;
  readonly frameBytes: number;
  readonly listenOnly: boolean;
  readonly trustedPem: string | undefined;
}

function readOptions(): LoadOptions | undefined {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      meeting: { type: 'string' },
      passcode: { type: 'string' },
      'host-key': { type: 'string' },
      invite: { type: 'string' },
      count: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '10' },
      'join-rate': { type: 'string', default: '20' },
      'at-once': { type: 'string', default: 'Infinity' },
      'audio-slots': { type: 'string', default: '3' },
      'video-slots': { type: 'string', default: '9' },
      'frame-bytes': { type: 'string', default: '0' },
      'listen-only': { type: 'boolean', default: false },
      trust: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const invite = values.invite === undefined ? undefined : new URL(values.invite);
  const fragment = new URLSearchParams(invite?.hash.slice(1));
  const [url, meeting] = [values.url ?? invite?.origin, values.meeting ?? fragment.get('meeting') ?? undefined];
  if (url === undefined || meeting === undefined) throw new Error('--invite, or --url and --meeting, are needed');
  return {
    url,
    meeting,
    passcode: values.passcode ?? fragment.get('passcode') ?? '',
    hostKey: values['host-key'],
    count: readNumber('count', values.count),
    seconds: readNumber('seconds', values.seconds),
    joinRate: readNumber('join-rate', values['join-rate']),
    atOnce: readNumber('at-once', values['at-once']),
    audioSlots: readNumber('audio-slots', values['audio-slots']),
    videoSlots: readNumber('video-slots', values['video-slots']),
    frameBytes: readNumber('frame-bytes', values['frame-bytes']),
    listenOnly: values['listen-only'],
    trustedPem: values.trust === undefined ? undefined : readFileSync(values.trust, 'utf8'),
  };
}

function readNumber(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new Error(`--${name} is not a number: ${text}`);
  return value;
}

async function joinOne(options: LoadOptions, i: number): Promise<HeadlessParticipant> {
  const participant = await HeadlessParticipant.join({
    url: options.url,
    meeting: options.meeting,
    passcode: options.passcode,
    name: `Headless ${i + 1}`,
    publish: options.listenOnly ? [] : ['microphone', 'camera'],
    audioSlots: options.audioSlots,
    videoSlots: options.videoSlots,
    videoFrameBytes: options.frameBytes,
    ...(options.hostKey === undefined ? {} : { hostKey: options.hostKey }),
    ...(options.trustedPem === undefined ? {} : { trustedPem: options.trustedPem }),
  });
  participant.media.setAudioLevel(20 + (i % 100));
  return participant;
}

interface Totals {
  participants: number;
  sent: number;
  received: number;
  missing: number;
  timestampRegressions: number;
  /** Slots that showed more than one SSRC. */
  ssrcChanges: number;
  longestGapMs: number;
  /** Slots in which a picture has begun. */
  pictures: number;
}

function sumUp(participants: readonly HeadlessParticipant[]): Totals {
  const slots = participants.flatMap((participant): readonly SlotCounters[] => participant.media.slots());
  const sent = participants.flatMap((participant) => participant.media.sent());
  return {
    participants: participants.filter((participant) => participant.media.state === 'connected').length,
    sent: sent.reduce((sum, { packets }) => sum + packets, 0),
    received: slots.reduce((sum, { packets }) => sum + packets, 0),
    missing: slots.reduce((sum, { missing }) => sum + missing, 0),
    timestampRegressions: slots.reduce((sum, slot) => sum + slot.timestampRegressions, 0),
    ssrcChanges: slots.filter(({ ssrcs }) => ssrcs.length > 1).length,
    longestGapMs: Math.round(Math.max(0, ...slots.map((slot) => slot.longestGapMs))),
    pictures: slots.filter(({ keyframes }) => keyframes > 0).length,
  };
}

async function run(options: LoadOptions): Promise<boolean> {
  const participants: HeadlessParticipant[] = [];
  const failures: string[] = [];
  const joining = new Set<Promise<void>>();
  for (let i = 0; i < options.count; i++) {
    const join = joinOne(options, i)
      .then(
        (participant) => void participants.push(participant),
        (error: unknown) => void failures.push(error instanceof Error ? error.message : String(error)),
      )
      .finally(() => joining.delete(join));
    joining.add(join);
    await delay(1000 / options.joinRate);
    while (joining.size >= options.atOnce) await Promise.race(joining);
  }
  await Promise.all(joining);
  for (const message of new Set(failures)) process.stderr.write(`join failed: ${message}\n`);
  for (let second = 0; second < options.seconds; second++) {
    await delay(1000);
    process.stdout.write(
      `${JSON.stringify({ second: second + 1, ...sumUp(participants), failed: failures.length })}\n`,
    );
  }
  const totals = sumUp(participants);
  for (const participant of participants) participant.leave();
  return failures.length === 0 && totals.ssrcChanges === 0 && totals.timestampRegressions === 0;
}

async function main(): Promise<void> {
  try {
    const options = readOptions();
    if (options === undefined) process.stdout.write(HELP);
    else process.exitCode = (await run(options)) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    process.exitCode = 2;
  } finally {
    cleanup(); // libdatachannel's threads would keep the process alive.
  }
}

await main();
