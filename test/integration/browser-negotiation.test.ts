/** Chromium takes our answers: simulcast in every codec, RTX and RED both ways, transport-wide feedback. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mintDtlsCertificate } from '../../common/dtls-certificate.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { WorkerPool } from '../../mmr/control/worker-pool.ts';
import { DropReason } from '../../mmr/media/drop-reason.ts';
import type { SourceKind } from '../../mmr/media/negotiated.ts';
import { negotiate } from '../../mmr/sdp/negotiate.ts';
import { SdpError } from '../../mmr/sdp/sdp-error.ts';
import type { WorkerStatistics } from '../../mmr/worker/messages.ts';
import { launchBrowser } from '../e2e/browser.ts';

declare global {
  interface Window {
    peer: RTCPeerConnection;
  }
}

let browser: Browser;
let pool: WorkerPool;
let fingerprintSha256: Uint8Array;

beforeAll(async () => {
  const certificate = await mintDtlsCertificate();
  fingerprintSha256 = certificate.fingerprintSha256;
  const { certificatePem, privateKeyPem } = certificate;
  pool = new WorkerPool({
    count: 1,
    address: '127.0.0.1',
    basePort: 0,
    certificatePem,
    privateKeyPem,
    storeSlots: 4096,
    onEvent: () => {},
  });
  [browser] = await Promise.all([launchBrowser('--autoplay-policy=no-user-gesture-required'), pool.start()]);
});

afterAll(async () => {
  await browser?.close();
  await pool?.stop();
});

test.each(['VP8', 'VP9', 'H264', 'AV1'])('simulcast of %s', async (codec) => {
  const meeting = `meeting-${codec}` as MeetingId; // made up here, as a zone-controller would
  const publisher = await browser.newPage();
  const viewer = await browser.newPage();
  const before = await drops(DropReason.rtpNotNegotiated);
  await join(meeting, `ann-${codec}`, publisher, await offerSimulcast(publisher, codec), {
    '0': 'microphone',
    '1': 'camera',
    '2': 'screen',
  });
  await join(meeting, `vic-${codec}`, viewer, await offerSlots(viewer), {});

  // All three encodings arrive, each under its rid.
  await expect
    .poll(async () => (await camera(`ann-${codec}`))?.encodings.map(({ rid, packets }) => [rid, packets > 20]), {
      timeout: 30_000,
    })
    .toEqual([
      ['l', true],
      ['m', true],
      ['h', true],
    ]);
  expect((await camera(`ann-${codec}`))?.codec).toBe(codec);
  // RED is on the microphone, RTX padding on every encoding and on the screen that is off: nothing is unheard of.
  expect(await drops(DropReason.rtpNotNegotiated)).toBe(before);

  // The viewer decodes what he gets, knows which SSRC repairs it, and tells how it goes.
  await expect.poll(() => inbound(viewer), { timeout: 20_000 }).toMatchObject({ rtxSsrc: 8001, decoded: true });
  await expect.poll(() => estimate(`vic-${codec}`), { timeout: 10_000 }).toBeGreaterThan(0);
  await Promise.all([publisher.close(), viewer.close()]);
});

/** Microphone (RED first), camera in three encodings and a screen that is off; painted and played by the page. */
function offerSimulcast(page: Page, codec: string): Promise<string> {
  return page.evaluate(async (name) => {
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    window.peer = peer;
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const context = canvas.getContext('2d');
    let frame = 0;
    setInterval(() => {
      if (context === null) return;
      context.fillStyle = `hsl(${frame++ % 360} 80% 50%)`;
      context.fillRect(0, 0, 1280, 720);
      context.fillStyle = 'white';
      context.fillRect((frame * 7) % 1280, (frame * 3) % 720, 80, 80);
    }, 33);
    const audio = new AudioContext();
    const tone = new OscillatorNode(audio);
    const sink = audio.createMediaStreamDestination();
    tone.connect(sink);
    tone.start();
    const first = <Codec extends { mimeType: string }>(codecs: Codec[], mimeType: string): Codec[] => [
      ...codecs.filter((known) => known.mimeType === mimeType),
      ...codecs.filter((known) => known.mimeType !== mimeType),
    ];
    const microphone = peer.addTransceiver(sink.stream.getAudioTracks()[0] ?? 'audio', { direction: 'sendonly' });
    microphone.setCodecPreferences(first(RTCRtpSender.getCapabilities('audio')?.codecs ?? [], 'audio/red'));
    // Without it, VP9 and AV1 would be three spatial layers of the first encoding. Not in TypeScript's types yet.
    const mode = { scalabilityMode: 'L1T2' };
    const camera = peer.addTransceiver(canvas.captureStream().getVideoTracks()[0] ?? 'video', {
      direction: 'sendonly',
      sendEncodings: [
        { rid: 'l', scaleResolutionDownBy: 4, maxBitrate: 150_000, ...mode },
        { rid: 'm', scaleResolutionDownBy: 2, maxBitrate: 400_000, ...mode },
        { rid: 'h', scaleResolutionDownBy: 1, maxBitrate: 1_000_000, ...mode },
      ],
    });
    camera.setCodecPreferences(first(RTCRtpSender.getCapabilities('video')?.codecs ?? [], `video/${name}`));
    peer.addTransceiver('video', { direction: 'sendonly' });
    await peer.setLocalDescription();
    return peer.localDescription?.sdp ?? '';
  }, codec);
}

function offerSlots(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    window.peer = peer;
    peer.addTransceiver('audio', { direction: 'recvonly' });
    const { receiver } = peer.addTransceiver('video', { direction: 'recvonly' });
    const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true });
    video.srcObject = new MediaStream([receiver.track]);
    document.body.append(video);
    await peer.setLocalDescription();
    return peer.localDescription?.sdp ?? '';
  });
}

async function join(
  meeting: MeetingId,
  name: string,
  page: Page,
  offer: string,
  sources: Record<string, SourceKind>,
): Promise<void> {
  const negotiated = negotiate(offer, sources, {
    ufrag: name.replace('-', ''),
    password: 'a-password-of-22-chars-or-more'.replaceAll('-', 'x'),
    fingerprintSha256,
    candidates: [{ address: '127.0.0.1', port: pool.ports[pool.workerFor(meeting)] ?? 0 }],
    cname: name,
    origin: { sessionId: '1', version: 1 },
    ssrcFor: (mid, stream) => (stream === 'media' ? 7000 : 8000) + Number(mid),
    // A screen goes before a camera, and this one is off.
    muted: ['screen'],
  });
  if (negotiated instanceof SdpError) throw negotiated;
  // Made up here, as a zone-controller would.
  await pool.join(meeting, name as ParticipantId, negotiated.transport, negotiated.media);
  await page.evaluate((sdp) => window.peer.setRemoteDescription({ type: 'answer', sdp }), negotiated.answer);
  await expect.poll(() => page.evaluate(() => window.peer.connectionState), { timeout: 10_000 }).toBe('connected');
}

async function statistics(): Promise<WorkerStatistics> {
  const [worker] = await pool.statistics();
  if (worker === undefined) throw new Error('the worker does not answer');
  return worker;
}

async function drops(reason: DropReason): Promise<number> {
  return (await statistics()).drops[reason] ?? 0;
}

async function participant(name: string) {
  return (await statistics()).participants.find((known) => known.participant === name);
}

async function camera(name: string) {
  return (await participant(name))?.sources.find(({ kind }) => kind === 'camera');
}

async function estimate(name: string): Promise<number> {
  return (await participant(name))?.bandwidth.estimateBps ?? 0;
}

/** What the viewer's browser says of the picture. */
function inbound(page: Page): Promise<{ rtxSsrc: number | undefined; decoded: boolean } | undefined> {
  return page.evaluate(async () => {
    for (const report of (await window.peer.getStats()).values()) {
      if (report.type !== 'inbound-rtp' || report.kind !== 'video') continue;
      return { rtxSsrc: report.rtxSsrc, decoded: report.framesDecoded > 10 };
    }
    return undefined;
  });
}
