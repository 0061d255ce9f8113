import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import type { Slot } from '../egress/slot.ts';
import type { NegotiatedMedia } from '../negotiated.ts';
import type { SentRtp } from '../packet-path-test-engine.ts';
import { MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { rtpPacket } from '../packet-path-test-rtp.ts';

const FRAME_TICKS = 960;
const OPUS = 111;
const RED = 63;

/** ann speaks; vic hears with RED under 64 and Opus under 109, wim with Opus only. */
class Scene {
  readonly lab = new MediaWorkerLab({ storeSlots: 512 });
  #sequence = 65_530;

  constructor() {
    this.lab.enter('vic', withRed(labMedia({ sources: [], audioSlots: 1, videoSlots: 0 }), 109, 64));
    this.lab.enter('wim', labMedia({ sources: [], audioSlots: 1, videoSlots: 0 }));
    this.lab.enter(
      'ann',
      withRed(labMedia({ sources: ['microphone'], ssrc: 100, audioSlots: 0, videoSlots: 0 }), OPUS, RED),
    );
  }
  slot(name: string): Slot {
    const slot = this.lab.registry.participants.get(name as ParticipantId)?.slots[0]?.slot;
    if (slot === undefined) throw new Error(`${name} has no slot`);
    return slot;
  }
  /** `skip`: packets that get lost before. */
  send(payloadType: number, payload: readonly number[], skip = 0): void {
    this.#sequence += 1 + skip;
    const sequenceNumber = this.#sequence & 0xffff;
    const timestamp = this.#sequence * FRAME_TICKS;
    this.lab.receive('ann', rtpPacket({ ssrc: 100, payloadType, sequenceNumber, timestamp, payload }));
    this.lab.nowUs += 20_000;
    this.lab.run();
  }
  take(
    name: string,
  ): { readonly payloadType: number; readonly payload: readonly number[]; readonly packet: SentRtp }[] {
    return this.lab
      .takeRtp(name)
      .map((packet) => ({ payloadType: packet.header.payloadType, payload: [...packet.payload], packet }));
  }
  /** Eighths of a percent do not matter: `fraction` is rounded to 1/256. */
  report(name: string, fraction: number, times = 1): void {
    for (let i = 0; i < times; i++) this.slot(name).handleReceiverReport(this.lab.nowUs, Math.round(fraction * 256));
  }
}

function withRed(media: NegotiatedMedia, payloadType: number, redPayloadType: number): NegotiatedMedia {
  const change = <T extends NegotiatedMedia['slots'][number] | NegotiatedMedia['sources'][number]>(line: T): T => ({
    ...line,
    codecs: line.codecs.map((codec) => ({ ...codec, payloadType, redPayloadType })),
  });
  return { ...media, sources: media.sources.map(change), slots: media.slots.map(change) };
}

/** One redundant block, 20 ms old, and the primary one. */
function red(redundant: readonly number[], primary: readonly number[]): number[] {
  const age = FRAME_TICKS << 2;
  return [
    0x80 | OPUS,
    age >> 8,
    (age & 0xff) | (redundant.length >> 8),
    redundant.length,
    OPUS,
    ...redundant,
    ...primary,
  ];
}

describe('a publisher who sends RED', () => {
  test('reaches who negotiated it with all blocks, under his payload types', () => {
    const scene = new Scene();
    scene.send(RED, red([1, 2], [3, 4, 5]));
    const [sent] = scene.take('vic');
    expect(sent?.payloadType).toBe(64);
    expect(sent?.payload).toEqual([0x80 | 109, ...red([1, 2], [3, 4, 5]).slice(1, 4), 109, 1, 2, 3, 4, 5]);
  });

  test('reaches the others without', () => {
    const scene = new Scene();
    scene.send(RED, red([1, 2], [3, 4, 5]));
    expect(scene.take('wim')).toMatchObject([{ payloadType: OPUS, payload: [3, 4, 5] }]);
    expect(scene.slot('wim').payloadBytesSent).toBe(3);
  });

  test('may change to plain and back: no number is missing', () => {
    const scene = new Scene();
    for (const isRed of [true, false, true, true, false]) {
      if (isRed) scene.send(RED, red([1], [2, 3]));
      else scene.send(OPUS, [2, 3]);
    }
    for (const name of ['vic', 'wim']) {
      const indices = scene.take(name).map(({ packet }) => packet.index);
      expect(indices).toEqual([0, 1, 2, 3, 4].map((i) => (indices[0] ?? 0) + i));
    }
  });

  test('and alternates has nobody change for each packet; after five seconds without RED it is plain again', () => {
    const scene = new Scene();
    for (let i = 0; i < 20; i++) {
      if (i % 2 === 0) scene.send(RED, red([1], [2, 3]));
      else scene.send(OPUS, [2, 3]);
    }
    expect(new Set(scene.take('vic').map(({ payloadType }) => payloadType))).toEqual(new Set([64]));
    for (let i = 0; i < 250; i++) scene.send(OPUS, [2, 3]);
    expect(scene.take('vic').at(-1)?.payloadType).toBe(109);
  });

  test.each([
    ['a header that is cut', [0x80 | OPUS, 0, 0]],
    ['a block that overruns the packet', [0x80 | OPUS, 15, 3, 255, OPUS, 1]],
    ['blocks of another payload type', [0x80 | 50, 15, 0, 1, OPUS, 1, 2]],
  ])('and lies (%s) is not heard', (_, payload) => {
    const scene = new Scene();
    scene.send(RED, payload);
    expect([...scene.take('vic'), ...scene.take('wim')]).toEqual([]);
    expect(scene.lab.accountedFor).toBe(scene.lab.path.received);
  });
});

describe('a receiver on a narrow link', () => {
  test('gets plain packets, whatever is published and lost, until there is room', () => {
    const scene = new Scene();
    scene.report('vic', 0.05);
    scene.slot('vic').setRedundancyRoom(scene.lab.nowUs, false);
    scene.send(RED, red([1, 2], [3, 4, 5]));
    scene.send(RED, red([3, 4, 5], [6]));
    scene.slot('vic').setRedundancyRoom(scene.lab.nowUs, true);
    scene.send(RED, red([6], [7, 8]));
    const sent = scene.take('vic');
    expect(sent.map(({ payloadType }) => payloadType)).toEqual([109, 109, 64]);
    expect(sent.map(({ payload }) => payload.length)).toEqual([3, 1, 5 + 3]);
    const first = sent[0]?.packet.index ?? 0;
    expect(sent.map(({ packet }) => packet.index)).toEqual([first, first + 1, first + 2]);
  });
});

describe('a receiver who loses packets', () => {
  test('gets each payload a second time with the next packet, if he negotiated RED', () => {
    const scene = new Scene();
    scene.send(OPUS, [1]);
    for (const name of ['vic', 'wim']) scene.report(name, 0.05);
    for (const byte of [2, 3]) scene.send(OPUS, [byte, byte]);
    const age = FRAME_TICKS << 2;
    expect(scene.take('vic')).toMatchObject([
      { payloadType: 109, payload: [1] },
      { payloadType: 64, payload: [109, 2, 2] },
      { payloadType: 64, payload: [0x80 | 109, age >> 8, age & 0xff, 2, 109, 2, 2, 3, 3] },
    ]);
    expect(scene.take('wim').map(({ payloadType }) => payloadType)).toEqual([OPUS, OPUS, OPUS]);
  });

  test('gets no second copy of what did not directly go before', () => {
    const scene = new Scene();
    scene.report('vic', 0.05);
    scene.send(OPUS, [1]);
    scene.send(OPUS, [2]);
    scene.send(OPUS, [3], 1);
    expect(scene.take('vic').at(-1)?.payload).toEqual([109, 3]);
  });

  test('gets it until his link has been good for a while', () => {
    const scene = new Scene();
    const format = () => {
      scene.send(OPUS, [1]);
      return scene.take('vic').at(-1)?.payloadType;
    };
    scene.report('vic', 0.01);
    expect(format()).toBe(109);
    scene.report('vic', 0.03);
    expect(format()).toBe(64);
    scene.report('vic', 0, 9);
    expect(format()).toBe(64);
    scene.report('vic', 0);
    expect(format()).toBe(109);
  });
});
