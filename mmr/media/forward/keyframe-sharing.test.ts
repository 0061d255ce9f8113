/** One viewer who asks for key frames of everybody all the time, and another one who needs one now and then. */
import { expect, test } from 'vitest';
import type { ParticipantId } from '../../../common/ids.ts';
import type { Slot } from '../egress/slot.ts';
import type { IngressStream } from '../ingress/ingress-stream.ts';
import { MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { rtpPacket, VP8_DELTA, VP8_KEY } from '../packet-path-test-rtp.ts';

const STEP_MS = 100;
const KEYFRAME_PACKETS = 25;

/** Sends a key frame of 25 kB when asked for one, else a small picture. */
class Publisher {
  readonly #lab: MediaWorkerLab;
  readonly #name: string;
  readonly #ssrc: number;
  #sequenceNumber = 0;
  #timestamp = 0;
  #answered = 0;

  constructor(lab: MediaWorkerLab, name: string, ssrc: number) {
    this.#lab = lab;
    this.#name = name;
    this.#ssrc = ssrc;
    lab.enter(name, labMedia({ ssrc, sources: ['camera'], audioSlots: 0, videoSlots: 0 }));
  }

  get stream(): IngressStream | undefined {
    return this.#lab.registry.participants.get(this.#name as ParticipantId)?.sources[0]?.encodings[0]?.stream;
  }

  /** Key-frame requests that reached him. */
  get asked(): number {
    return this.stream?.keyframeRequest.sent ?? 0;
  }

  send(): void {
    const isKeyframe = this.stream === undefined || this.#answered < this.asked;
    this.#answered = this.asked;
    this.#timestamp += STEP_MS * 90;
    for (let i = 0; i < (isKeyframe ? KEYFRAME_PACKETS : 1); i++) {
      const payload = new Array<number>(isKeyframe ? 1000 : 50).fill(0);
      payload.splice(0, 7, ...(i > 0 ? [0] : isKeyframe ? VP8_KEY : VP8_DELTA));
      const sequenceNumber = this.#sequenceNumber++ & 0xffff;
      this.#lab.receive(
        this.#name,
        rtpPacket({ ssrc: this.#ssrc + 1, sequenceNumber, timestamp: this.#timestamp, payload }),
      );
    }
  }
}

test('who asks for everybody’s key frames all the time leaves enough for the others', () => {
  const lab = new MediaWorkerLab({ remembers: false });
  const crowd = Array.from({ length: 40 }, (_, i) => new Publisher(lab, `p${i}`, 1000 + 10 * i));
  lab.enter('eve', labMedia({ ssrc: 90_000, sources: [], audioSlots: 0, videoSlots: crowd.length }));
  lab.enter('vic', labMedia({ ssrc: 91_000, sources: [], audioSlots: 0, videoSlots: 4 }));
  const watched = Array.from({ length: 4 }, (_, i) => new Publisher(lab, `q${i}`, 2000 + 10 * i));
  const slotsOf = (name: string): Slot[] =>
    (lab.registry.participants.get(name as ParticipantId)?.slots ?? []).map(({ slot }) => slot);
  const view = watched.map((_, i) => {
    const source = { participant: `q${i}`, kind: 'camera' } as const;
    return { mid: `v${i}`, source, maxHeight: undefined, maxFps: undefined };
  });
  lab.registry.setView('vic' as ParticipantId, view);
  const answered: boolean[] = [];
  // No longer: nobody consents to being sent to, as browsers do by STUN.
  for (let step = 0; step < 240; step++) {
    for (const publisher of [...crowd, ...watched]) publisher.send();
    lab.run();
    for (const slot of slotsOf('eve')) slot.handleKeyframeRequest(lab.nowUs);
    lab.advance(STEP_MS / 2);
    const turn = step > 50 && step % 5 === 0 ? (step / 5) % watched.length : -1;
    const before = watched[turn]?.asked;
    slotsOf('vic')[turn]?.handleKeyframeRequest(lab.nowUs);
    lab.advance(STEP_MS / 2);
    lab.rtp.length = 0;
    if (before !== undefined) answered.push(watched[turn]?.asked === before + 1);
  }
  expect(answered).toEqual(new Array<boolean>(37).fill(true));
});
