/** Runs in the page: two media connections by tunnels, back to back. */

import type { MediaConnectionState, MediaOptions } from '../../../client/sdk/media-connection.ts';
import { Legs } from '../../../client/tunnel/leg.ts';
import { TunnelMediaConnection } from '../../../client/tunnel/tunnel-media-connection.ts';
import {
  type FlashingSource,
  makeFlashingSource,
  type SeenPicture,
  watchPictures,
  watchTone,
} from './flashing-source.ts';
import { LoopbackCarrier } from './loopback-carrier.ts';
import { LoopbackEnd } from './loopback-router.ts';

export interface Call {
  readonly ann: TunnelMediaConnection;
  readonly ben: TunnelMediaConnection;
  /** Of ann's. */
  readonly source: FlashingSource;
  readonly annEnd: LoopbackEnd;
  readonly benEnd: LoopbackEnd;
  /** What ben sees of ann, and when he hears her tones. */
  readonly pictures: SeenPicture[];
  readonly tones: number[];
  readonly states: MediaConnectionState[];
  readonly stats: (
    who: 'ann' | 'ben',
    type: string,
    kind: string,
  ) => Promise<Record<string, number | string | boolean>[]>;
}

const BEN = { audio: '3', video: '4' };

/** @param simulcast Whether ann sends her camera in several sizes. */
export async function call(simulcast: boolean): Promise<Call> {
  const context = new AudioContext();
  const source = makeFlashingSource(context, simulcast ? 90 : 40);
  const states: MediaConnectionState[] = [];
  const options = (track: MediaOptions['track']): MediaOptions => ({
    publish: { codec: 'vp8', simulcast, scalability: undefined },
    audioSlots: 1,
    videoSlots: 2,
    track,
    onState: (state) => states.push(state),
  });
  const [annEnd, benEnd] = [new LoopbackEnd(new LoopbackCarrier()), new LoopbackEnd(new LoopbackCarrier())];
  annEnd.other = benEnd;
  benEnd.other = annEnd;
  const ann = new TunnelMediaConnection(
    new Legs(annEnd.carrier).take(),
    options((kind) => (kind === 'camera' ? source.camera : kind === 'microphone' ? source.microphone : undefined)),
  );
  const ben = new TunnelMediaConnection(
    new Legs(benEnd.carrier).take(),
    options(() => undefined),
  );
  for (const [connection, end] of [
    [ann, annEnd],
    [ben, benEnd],
  ] as const) {
    const { offer } = await connection.offer();
    await connection.accept(end.answer(offer));
    if (!(await connection.connected(1_000))) throw new Error('not connected');
  }
  ben.contents.reset([
    { mid: BEN.audio, participant: 'ann', kind: 'microphone' },
    { mid: BEN.video, participant: 'ann', kind: 'camera' },
  ]);
  const pictures: SeenPicture[] = [];
  const tones: number[] = [];
  const slots = ben.slots();
  const [sound, picture] = [slots.get(BEN.audio)?.track, slots.get(BEN.video)?.track];
  if (sound === undefined || picture === undefined) throw new Error('no slots');
  watchPictures(picture, (seen) => pictures.push(seen));
  watchTone(context, sound, (beganMs) => tones.push(beganMs));
  const stats: Call['stats'] = async (who, type, kind) => {
    const all = [...(await { ann, ben }[who].statistics())].map(([, each]) => each as Record<string, number | string>);
    return all.filter((each) => each.type === type && (each.kind ?? kind) === kind);
  };
  return { ann, ben, source, annEnd, benEnd, pictures, tones, states, stats };
}
