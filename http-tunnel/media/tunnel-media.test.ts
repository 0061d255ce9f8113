/** Participants by each carrier beside one by UDP, at a real router. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HeadlessMedia } from '../../client/headless/headless-media.ts';
import { LAB_INSTANCE, RouterLab } from '../../mmr/router-test-lab.ts';
import { callUnary } from '../../proto/call-unary.ts';
import type { JoinReply__Output } from '../../proto/gen/zonecast/router/v1/JoinReply.ts';
import { CARRIER_KINDS } from './media-counters.ts';
import { TestTunnelClient } from './testing/test-client.ts';
import { TunnelLab } from './testing/tunnel-lab.ts';
import { type ParticipantOptions, TunnelledParticipant } from './testing/tunnelled-participant.ts';

let router: RouterLab;
let tunnel: TunnelLab;
const open: { close(): void }[] = [];

beforeAll(async () => {
  router = await RouterLab.start();
  tunnel = await TunnelLab.start({
    isRouter: (address, port) => address === '127.0.0.1' && router.router.mediaPorts.includes(port),
  });
});
afterAll(async () => {
  for (const each of open) each.close();
  await tunnel.stop();
  await router.stop();
});

async function answerTo(meeting: string, participant: string, of: TunnelledParticipant, epoch = 1): Promise<string> {
  const home = { instance: LAB_INSTANCE, attachment: 1 };
  const request = { meeting, participant, name: participant, epoch, home, ...(await of.offer()) };
  const { answer } = await callUnary<JoinReply__Output>(
    (options, done) => router.client.Join(request, options, done),
    10_000,
  );
  return answer;
}

async function join(client: TestTunnelClient, meeting: string, name: string, options?: ParticipantOptions) {
  const participant = new TunnelledParticipant(client, options);
  open.push(participant, client);
  await participant.accept(await answerTo(meeting, name, participant));
  return participant;
}

async function until(what: string, holds: () => boolean, forMs = 15_000): Promise<void> {
  const deadline = performance.now() + forMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not in ${forMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const flowing = (slots: ReturnType<HeadlessMedia['slots']>) => slots.filter(({ packets }) => packets > 25);

describe.each(CARRIER_KINDS)('%s', (kind) => {
  test('sound and picture both ways, and RTCP; nothing is missing', async () => {
    const client = await TestTunnelClient.open(kind, tunnel.origin, `ticket-${kind}`);
    const ann = await join(client, kind, `ann-${kind}`);
    const ben = await router.join(kind, `ben-${kind}`, { audioSlots: 1, videoSlots: 1 });
    await until('RTP both ways', () => flowing(ann.slots()).length === 2 && flowing(ben.slots()).length === 2);
    for (const slot of [...ann.slots(), ...ben.slots()]) {
      expect(slot).toMatchObject({ missing: 0, late: 0, duplicates: 0, timestampRegressions: 0, malformed: 0 });
    }
    expect(ben.slots().some(({ csrc }) => csrc === ann.ssrcOfMicrophone)).toBe(true);
    expect(ann.slots().some(({ csrc }) => csrc === ben.ssrcOf('microphone'))).toBe(true);
    // A key frame was asked for through the tunnel, each way, and came.
    const shown = () => ann.slots().reduce((sum, { keyframes }) => sum + keyframes, 0);
    await until('pictures', () => shown() > 0 && ben.slots().some(({ keyframes }) => keyframes > 0));
    const before = { sent: ann.keyframeRequests, shown: shown() };
    ben.requestKeyframes();
    ann.requestKeyframes();
    await until('asked for a key frame', () => ann.keyframeRequests > before.sent && shown() > before.shown);
    await until('reports of the router', () =>
      ['senderReport', 'receiverReport'].every((type) => {
        return ann.rtcp.some((message) => message.type === type || ('blocks' in message && message.blocks.length > 0));
      }),
    );
    const ofOurs = ann.rtcp.flatMap((message) => ('blocks' in message ? message.blocks : []));
    expect(ofOurs.every(({ cumulativeLost }) => cumulativeLost === 0)).toBe(true);
    const { packetsRefused, packetsDropped } = tunnel.media.counters;
    expect([packetsRefused.forged, packetsRefused.malformed, packetsRefused.unsealed]).toEqual([0, 0, 0]);
    expect(packetsDropped).toEqual({ rtcp: 0, audio: 0, video: 0 });
    ann.close();
    client.request({ type: 'close', leg: 0 });
    expect(await client.newsOf('legState', ({ state }) => state === 'closed')).toBeDefined();
    client.close();
  });
});

test('an answer with another fingerprint, or of another router, connects to nobody', async () => {
  const client = await TestTunnelClient.open('webSocket', tunnel.origin, 'ticket-false');
  const participant = new TunnelledParticipant(client);
  const answer = await answerTo('false', 'eve', participant);
  const changed = answer.replace(/(a=fingerprint:sha-256 )(..)/g, (_, start: string, byte: string) => {
    return `${start}${byte === '00' ? '01' : '00'}`;
  });
  await expect(participant.accept(changed)).rejects.toThrow('another certificate');
  const elsewhere = await answerTo('false', 'eva', participant);
  const port = elsewhere.replace(/127\.0\.0\.1 \d+ typ host/g, '127.0.0.1 9 typ host');
  client.news.length = 0;
  await expect(participant.accept(port)).rejects.toThrow('no candidate is a router');
  client.close();
});

test('the carrier changes in mid-call: the leg stays, and media goes on', async () => {
  const client = await TestTunnelClient.open('longPoll', tunnel.origin, 'ticket-change');
  const ann = await join(client, 'change', 'ann-change');
  const ben = await router.join('change', 'ben-change', { audioSlots: 1, videoSlots: 1 });
  const audio = () => Math.max(...ann.slots().map(({ packets }) => packets));
  await until('RTP both ways', () => flowing(ann.slots()).length === 2 && flowing(ben.slots()).length === 2);
  for (const kind of ['webSocket', 'httpStream'] as const) {
    await client.connect(kind);
    const before = { up: ben.received(), down: audio() };
    await until(`media by ${kind}`, () => ben.received() > before.up + 50 && audio() > before.down + 50);
  }
  expect(client.news.filter(({ type }) => type === 'legState')).toHaveLength(2);
  client.close();
});

test('a leg outlives the time that its handshake had', { timeout: 40_000 }, async () => {
  const client = await TestTunnelClient.open('webSocket', tunnel.origin, 'ticket-long');
  const ann = await join(client, 'long', 'ann-long');
  await router.join('long', 'ben-long', { audioSlots: 1, videoSlots: 1 });
  // 50 packets a second: 10 s of handshake, and the check before, each 2.5 s.
  const heard = () => Math.max(0, ...ann.slots().map(({ packets }) => packets));
  await until('13.5 s of sound', () => heard() > 50 * 13.5, 30_000);
  expect(client.news.filter(({ type }) => type === 'legState').at(-1)).toMatchObject({ state: 'connected' });
  client.close();
});

test('the router ends it: the client is told', async () => {
  const client = await TestTunnelClient.open('webSocket', tunnel.origin, 'ticket-end');
  const ann = await join(client, 'end', 'ann-end');
  const target = { meeting: 'end', epoch: 1, participant: 'ann-end' };
  await router.command((options, done) => router.client.Leave(target, options, done));
  expect(await client.newsOf('legState', ({ state }) => state === 'closed')).toMatchObject({
    reason: 'the router has ended it',
  });
  ann.close();
  client.close();
});
