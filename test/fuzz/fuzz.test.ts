/** The bounded run of every target; see README.md for longer ones. */
import { describe, test } from 'vitest';
import type { FuzzTarget } from './fuzz-target.ts';
import { runTarget } from './run-target.ts';
import { audioLevelTarget } from './targets/audio-level.ts';
import { codecTargets } from './targets/codecs.ts';
import { demuxTarget } from './targets/demux.ts';
import { dependencyDescriptorTarget } from './targets/dependency-descriptor.ts';
import { layersTarget } from './targets/layers.ts';
import { originTarget } from './targets/origin.ts';
import { packetPathTarget } from './targets/packet-path.ts';
import { redTarget } from './targets/red.ts';
import { rtcpTarget } from './targets/rtcp.ts';
import { rtpTarget } from './targets/rtp.ts';
import { sdpTarget } from './targets/sdp.ts';
import { signallingTarget } from './targets/signalling.ts';
import { stunTarget } from './targets/stun.ts';
import { transportFeedbackTarget } from './targets/transport-feedback.ts';

const targets: readonly FuzzTarget[] = [
  rtpTarget,
  audioLevelTarget,
  redTarget,
  rtcpTarget,
  transportFeedbackTarget,
  stunTarget,
  demuxTarget,
  ...codecTargets,
  dependencyDescriptorTarget,
  layersTarget,
  packetPathTarget,
  sdpTarget,
  signallingTarget,
  originTarget,
];

const seed = numberFrom('FUZZ_SEED') ?? Date.now() % 2 ** 31;
const runs = numberFrom('FUZZ_RUNS');

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${name} is not a number: ${text}`);
  return Number(text);
}

describe(`FUZZ_SEED=${seed}`, () => {
  test.each(targets)('$name', { timeout: runs === undefined ? 300_000 : 0 }, (target) => {
    runTarget(target, seed, runs ?? target.runs);
  });
});
