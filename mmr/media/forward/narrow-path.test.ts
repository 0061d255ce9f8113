/** Slots whose receiver's path has become too narrow, or loses more than can be repaired: what is dropped, and where they go on. */
import { describe, expect, test } from 'vitest';
import { MAX_RESENDS } from '../egress/resend-ledger.ts';
import type { SentRtp } from '../packet-path-test-engine.ts';
import { framesOf } from './simulcast-test-lab.ts';
import { expectContinuous, full, heights, RIDS, type Rid, Scene } from './simulcast-test-scene.ts';

/** What a frame of two packets costs the path, about. */
const FRAME_BYTES = 200;

class NarrowScene extends Scene {
  constructor(rtx = true) {
    super({ rtx });
    const { transport } = this.#vic;
    this.lab.registry.gate.open(transport.handle, {
      transportNumbers: false,
      recorder: { handleSent: () => {} },
      client: transport,
    });
  }

  get #vic() {
    const vic = [...this.lab.registry.participants.values()].find(({ id }) => id === 'vic');
    if (vic === undefined) throw new Error('vic is not there');
    return vic;
  }

  get queuedBytes(): number {
    return this.lab.registry.gate.queuedBytes(this.#vic.transport.handle);
  }

  /** From now on so many frames can leave in the time of one capture. */
  narrow(framesPerCapture: number): void {
    const bps = (framesPerCapture * FRAME_BYTES * 8) / 0.033;
    this.lab.registry.gate.setRate(this.#vic.transport.handle, bps);
  }

  /** As `captures`, with the pacer's work between. */
  pacedCaptures(count: number, keyframes: readonly Rid[] = []): void {
    for (let i = 0; i < count; i++) {
      this.capture(RIDS, i === 0 ? keyframes : []);
      this.lab.registry.gate.release(this.lab.nowUs, this.lab.path);
      this.lab.path.flush();
    }
  }

  nack(index: number): void {
    this.slot.handleNack(this.lab.nowUs, index & 0xffff, 0, this.lab.path.makeTransportRoom());
    this.lab.path.flush();
  }

  /** Key frames asked of the publisher so far. */
  asked(rid: Rid): number {
    return this.source.encodings.find((each) => each.rid === rid)?.stream?.keyframeRequest.asked ?? 0;
  }
}

function media(scene: Scene, packets: readonly SentRtp[]): SentRtp[] {
  return packets.filter(({ header }) => header.ssrc === scene.slot.ssrc);
}

describe('a slot that goes down to a smaller encoding', () => {
  function goDown(scene: NarrowScene): { readonly waitedBytes: number; readonly sent: SentRtp[] } {
    scene.target(full('h'));
    scene.pacedCaptures(20, RIDS);
    scene.narrow(0.25);
    scene.pacedCaptures(8);
    const waitedBytes = scene.queuedBytes;
    scene.target(full('l'));
    scene.pacedCaptures(1, ['l']);
    const queuedBytes = scene.queuedBytes;
    expect(queuedBytes).toBeLessThan(waitedBytes / 2);
    scene.narrow(100);
    scene.pacedCaptures(5);
    return { waitedBytes, sent: media(scene, scene.take()) };
  }

  test('drops what waits of the larger one; the key frame takes the numbers that never left', () => {
    const scene = new NarrowScene();
    const { waitedBytes, sent } = goDown(scene);
    expect(waitedBytes).toBeGreaterThan(4 * FRAME_BYTES);
    expect(heights(sent).slice(-6)).toEqual(['l', 'l', 'l', 'l', 'l', 'l']);
    const indices = sent.map(({ index }) => index);
    expect(indices).toEqual(indices.map((_, i) => (indices[0] ?? 0) + i));
    // Nothing of a picture that was cut in two is shown.
    const cut = framesOf(sent).filter(({ isWhole }) => !isWhole);
    expect(cut).toEqual([]);
  });

  test('without RTX the numbers stay holes: something may have left under them', () => {
    const scene = new NarrowScene(false);
    const indices = goDown(scene).sent.map(({ index }) => index);
    expect((indices.at(-1) ?? 0) - (indices[0] ?? 0)).toBeGreaterThan(indices.length);
  });

  test('drops the waiting repairs of the larger one, and repairs nothing of it any more', () => {
    const scene = new NarrowScene();
    scene.target(full('h'));
    scene.pacedCaptures(20, RIDS);
    const old = media(scene, scene.take());
    scene.narrow(0.5);
    scene.pacedCaptures(2);
    for (const { index } of old.slice(-3)) scene.nack(index);
    expect(scene.lab.registry.retransmissions.retransmitted).toBeGreaterThan(0);
    scene.target(full('l'));
    scene.pacedCaptures(2, ['l']);
    scene.narrow(100);
    scene.pacedCaptures(2);
    const repairs = scene.take().filter(({ header }) => header.ssrc === scene.slot.rtxSsrc);
    expect(repairs).toEqual([]);
    const { retransmitted } = scene.lab.registry.retransmissions;
    scene.lab.nowUs += 1e6;
    scene.nack(old.at(-1)?.index ?? 0);
    expect(scene.lab.registry.retransmissions.retransmitted).toBe(retransmitted);
  });

  test('keeps what waits when it is little, or when it goes up', () => {
    const scene = new NarrowScene();
    scene.target(full('l'));
    scene.pacedCaptures(20, RIDS);
    scene.narrow(0.5);
    scene.pacedCaptures(8);
    scene.target(full('h'));
    scene.pacedCaptures(1, ['h']);
    scene.narrow(2);
    scene.pacedCaptures(40);
    scene.target(full('m'));
    scene.pacedCaptures(10, ['m']);
    expect(scene.lab.registry.gate.dropped).toBe(0);
    expectContinuous(media(scene, scene.take()));
  });
});

test('repairs take no more than half of the transport’s rate', () => {
  const scene = new NarrowScene();
  scene.target(full('h'));
  scene.pacedCaptures(80, RIDS);
  const sent = media(scene, scene.take());
  const framesPerCapture = 3;
  scene.narrow(framesPerCapture);
  const asked = [...sent, ...sent].map(({ index }) => index);
  for (const index of asked) {
    scene.nack(index);
    scene.lab.nowUs += 5_000;
    scene.lab.registry.gate.release(scene.lab.nowUs, scene.lab.path);
    scene.lab.path.flush();
  }
  const repairs = scene.take().reduce((sum, { bytes }) => sum + bytes.length + 44, 0);
  const couldBytes = ((asked.length * 5) / 33) * framesPerCapture * FRAME_BYTES;
  expect(repairs / couldBytes).toBeGreaterThan(0.3);
  expect(repairs / couldBytes).toBeLessThan(0.65);
});

describe('a packet that cannot be repaired', () => {
  /** vic loses the first packet of the frame `back` frames ago, and each of its repairs. */
  function lose(scene: NarrowScene, back: number): void {
    const frame = framesOf(media(scene, scene.take())).at(-1 - back);
    for (let i = 0; i <= MAX_RESENDS; i++) {
      scene.nack(frame?.lastIndex ?? 0);
      scene.lab.nowUs += 50_000;
    }
  }

  test('brings the last key frame again when little has followed it, and costs the publisher nothing', () => {
    const scene = new NarrowScene();
    scene.target(full('h'));
    scene.pacedCaptures(9, RIDS);
    lose(scene, 0);
    scene.pacedCaptures(1);
    const sent = framesOf(media(scene, scene.take()));
    expect(sent.length).toBeGreaterThanOrEqual(10);
    expect(sent[0]?.isKeyframe).toBe(true);
    expect(scene.asked('h')).toBe(0);
  });

  test('brings a new one when much has followed, once a second at most', () => {
    const scene = new NarrowScene();
    scene.target(full('h'));
    scene.pacedCaptures(41, RIDS);
    lose(scene, 0);
    expect(scene.asked('h')).toBe(1);
    scene.pacedCaptures(21);
    lose(scene, 0);
    expect(scene.asked('h')).toBe(1);
    scene.lab.nowUs += 1e6;
    scene.pacedCaptures(20);
    lose(scene, 0);
    expect(scene.asked('h')).toBe(2);
  });

  test('is nothing to worry about when no later picture builds on it, or a newer key frame has gone out', () => {
    const scene = new NarrowScene();
    scene.target(full('h'));
    scene.pacedCaptures(42, RIDS); // The last is of the highest temporal layer.
    lose(scene, 0);
    scene.pacedCaptures(3);
    const base = framesOf(media(scene, scene.take())).at(-1);
    scene.pacedCaptures(1, ['h']);
    scene.pacedCaptures(20);
    for (let i = 0; i <= MAX_RESENDS; i++) {
      scene.nack(base?.lastIndex ?? 0);
      scene.lab.nowUs += 50_000;
    }
    expect(base?.temporal).toBe(0);
    expect(scene.asked('h')).toBe(0);
  });

  test('is waited for while the publisher may still send it', () => {
    const scene = new NarrowScene();
    scene.target(full('h'));
    scene.pacedCaptures(40, RIDS);
    const [, lost] = scene.encoders.h.frame(scene.ms, false, 2);
    scene.tick();
    scene.pacedCaptures(2);
    const hole = (media(scene, scene.take()).at(-1)?.index ?? 0) - 4;
    for (let i = 0; i < 5; i++) scene.nack(hole - 1);
    expect(lost).toBeDefined();
    expect(scene.asked('h')).toBe(0);
  });
});
