/**
 * One source of a participant: its encodings, and which of them each slot that carries the source is to get. Packets
 * are the encodings' affair; here is what changes when somebody comes, goes or wants another layer, and when the
 * publisher starts or stops sending an encoding.
 */
import type { ParticipantId } from '../../../common/ids.ts';
import { DropReason } from '../drop-reason.ts';
import type { Slot } from '../egress/slot.ts';
import type { IngressStream } from '../ingress/ingress-stream.ts';
import type { ExtensionIds, NegotiatedCodec, NegotiatedSource, SourceKind } from '../negotiated.ts';
import { Encoding } from './encoding.ts';
import type { IncomingPacket } from './incoming-packet.ts';
import type { KeyframeBudget } from './keyframe-budget.ts';
import { ALL_LAYERS, type Layer } from './layers/layer.ts';
import type { PlanRoom } from './plan-room.ts';
import { mayReplay } from './replay.ts';

/** How often slots are looked at that get an encoding which may have stopped. */
const REVIEW_US = 100_000;
/**
 * An encoding that has been silent for so long while another one sent has stopped: publishers who run short of bandwidth
 * leave out the highest one. Less than what makes a picture freeze visibly, more than pauses between frames of 10 fps.
 */
const SILENT_US = 250_000;
/** And at least so many pictures of each of the others have come since: at a low frame rate, time alone says nothing. */
const SILENT_PICTURES = 4;

export class Source {
  readonly participant: ParticipantId;
  readonly mid: string;
  readonly kind: SourceKind;
  readonly isAudio: boolean;
  readonly clockRateHz: number;
  /** The publisher's extension ids. */
  readonly extensions: ExtensionIds;
  readonly codecs: readonly NegotiatedCodec[];
  readonly isRelayed: boolean;
  muted: boolean;
  /** From the lowest picture to the highest: by height where known, else in the order of the offer. */
  encodings: readonly Encoding[];
  /** The meeting's; undefined: key frames cost nothing. */
  keyframeBudget: KeyframeBudget | undefined;
  readonly #slots = new Set<Slot>();
  #reviewUs = 0;

  constructor(
    participant: ParticipantId,
    negotiated: NegotiatedSource,
    extensions: ExtensionIds,
    keyframeBudget?: KeyframeBudget,
  ) {
    this.participant = participant;
    this.mid = negotiated.mid;
    this.kind = negotiated.kind;
    this.isAudio = negotiated.kind === 'microphone';
    this.clockRateHz = negotiated.codecs[0]?.clockRateHz ?? (this.isAudio ? 48_000 : 90_000);
    this.extensions = extensions;
    this.codecs = negotiated.codecs;
    this.isRelayed = negotiated.isRelayed === true;
    this.muted = negotiated.muted;
    this.keyframeBudget = keyframeBudget;
    const rids = negotiated.rids.length === 0 ? [''] : negotiated.rids;
    this.encodings = rids.map((rid) => new Encoding(this, rid));
  }

  /** Of the lowest encoding that sends: for statistics. */
  get codec(): NegotiatedCodec | undefined {
    return this.encodings.find(({ codec }) => codec !== undefined)?.codec;
  }

  /** Whoever is to see it now need not wait for a key frame: there has been one. */
  get hasPicture(): boolean {
    return this.encodings.some(({ cache }) => cache.keyframeBytes !== undefined);
  }

  /** Slots that carry the source, suspended ones included. */
  get attached(): number {
    return this.#slots.size;
  }

  /** Slots that wait for a point of entry and get nothing yet. */
  get waiting(): number {
    let waiting = 0;
    for (const slot of this.#slots) if (slot.rendition === undefined && slot.waitsFor !== undefined) waiting++;
    return waiting;
  }

  /** Slots that are being sent to. */
  get live(): number {
    let live = 0;
    for (const { live: ofEncoding } of this.encodings) live += ofEncoding;
    return live;
  }

  /** Nothing is sent while muted, and nothing of before is shown afterwards. False when nothing changed. */
  setMuted(nowUs: number, muted: boolean): boolean {
    if (this.muted === muted) return false;
    this.muted = muted;
    for (const encoding of this.encodings) {
      if (muted) encoding.interrupt(nowUs);
      else encoding.entrance.requestKeyframe(nowUs);
    }
    return true;
  }

  /** The slot is to carry this source from its next point of entry on. */
  attach(nowUs: number, slot: Slot): void {
    this.#slots.add(slot);
    this.retarget(nowUs, slot);
  }

  detach(slot: Slot): void {
    this.#slots.delete(slot);
    slot.waitsFor?.entrance.remove(slot);
    slot.leave(false);
  }

  /** The slot's target has changed. */
  retarget(nowUs: number, slot: Slot): void {
    if (!this.#slots.has(slot)) return;
    if (slot.target !== undefined) {
      this.#route(nowUs, slot, true);
      return;
    }
    slot.waitsFor?.entrance.remove(slot);
    slot.leave(false);
  }

  /** What slots are to get of an encoding may have changed with the encoding. */
  retargetAll(nowUs: number): void {
    for (const slot of this.#slots) this.retarget(nowUs, slot);
  }

  /** What the slot's receiver gets next must not build on anything that he had. */
  reenter(nowUs: number, slot: Slot): void {
    if (!this.#slots.has(slot)) return;
    slot.leave(false);
    if (slot.target !== undefined) this.#route(nowUs, slot, false);
  }

  /** The slot's receiver lacks something for good: he begins with the last key frame if little has followed, else with a new one. */
  renew(nowUs: number, slot: Slot): void {
    const encoding = this.#feeding(slot);
    // Who waits for another encoding gets a key frame of that.
    if (encoding === undefined || (slot.waitsFor !== undefined && slot.waitsFor !== encoding)) return;
    if (!mayReplay(slot, encoding.cache)) {
      this.#requestFor(nowUs, slot, encoding);
      return;
    }
    slot.leave(false);
    this.#route(nowUs, slot, true);
  }

  /** The slot's receiver needs a key frame of what he gets, or waits for. */
  requestKeyframe(nowUs: number, slot: Slot): void {
    const encoding = this.#feeding(slot) ?? slot.waitsFor;
    if (encoding !== undefined) this.#requestFor(nowUs, slot, encoding);
  }

  /** The encoding that `stream` feeds now; undefined when another SSRC of the same encoding is still heard. Hot. */
  encodingOf(stream: IngressStream, nowUs: number): Encoding | undefined {
    const { encodings } = this;
    for (let i = 0; i < encodings.length; i++) {
      const encoding = encodings[i] as Encoding;
      if (encoding.stream === stream) return encoding;
    }
    const encoding = encodings.find(({ rid }) => rid === stream.rid);
    return encoding?.changeStream(stream, nowUs) ? encoding : undefined;
  }

  /** One packet of `encoding`, after SRTP and policing. */
  handlePacket(packet: IncomingPacket, encoding: Encoding, out: PlanRoom): DropReason {
    // Before the numbers are looked at: slots take what a rendition has advanced by for what they have sent.
    if (this.muted) return DropReason.noReceiver;
    const drop = encoding.handlePacket(packet, out);
    if (this.encodings.length > 1 && packet.arrivalUs >= this.#reviewUs) this.#review(packet.arrivalUs);
    return drop;
  }

  /** A picture of `encoding` begins. Hot. */
  handlePicture(encoding: Encoding): void {
    const { encodings } = this;
    for (let i = 0; i < encodings.length; i++) (encodings[i] as Encoding).missedPictures++;
    encoding.missedPictures = 0;
  }

  /** A key frame begins: pictures may have another size, and slots that get the best there is a better one. */
  handleKeyframe(nowUs: number, encoding: Encoding): void {
    if (this.encodings.length === 1) return;
    this.#sort();
    for (const slot of this.#slots) {
      if (slot.target === 'best' && slot.waitsFor !== encoding) this.#route(nowUs, slot, true);
    }
  }

  /** Slots of an encoding that has stopped get another one; those of a better one that has come back get that. */
  #review(nowUs: number): void {
    this.#reviewUs = nowUs + REVIEW_US;
    for (const slot of this.#slots) if (slot.target !== undefined) this.#route(nowUs, slot, true);
  }

  /** Who asks for what has been asked for already costs the others nothing; else within his share of the meeting's budget. */
  #requestFor(nowUs: number, { keyframeShare }: Slot, encoding: Encoding): void {
    const request = encoding.stream?.keyframeRequest;
    if (request === undefined) return;
    const mayAsk =
      request.dueUs < Number.POSITIVE_INFINITY ||
      keyframeShare === undefined ||
      keyframeShare.take(nowUs, request.priceBytes);
    if (mayAsk) encoding.requestKeyframe(nowUs);
  }

  #feeding(slot: Slot): Encoding | undefined {
    const run = slot.rendition?.run;
    return run === undefined ? undefined : this.encodings.find((encoding) => encoding.run === run);
  }

  #route(nowUs: number, slot: Slot, mayReplay: boolean): void {
    const { target } = slot;
    if (target === undefined) return;
    const encoding = this.#encodingFor(nowUs, slot, target === 'best' ? undefined : target.rid);
    const layer: Layer = target === 'best' || encoding.rid !== target.rid ? ALL_LAYERS : target;
    if (
      slot.waitsFor === encoding &&
      slot.wanted.spatial === layer.spatial &&
      slot.wanted.temporal === layer.temporal
    ) {
      return;
    }
    encoding.want(nowUs, slot, layer, mayReplay);
    const present = this.#feeding(slot);
    if (
      present !== undefined &&
      slot.waitsFor === encoding &&
      this.encodings.indexOf(encoding) < this.encodings.indexOf(present)
    ) {
      present.entrance.thin(slot);
    }
  }

  /** The encoding of that name if it is sent or no other will do, else the next lower one, else the next higher one that is. */
  #encodingFor(nowUs: number, { isExact }: Slot, rid: string | undefined): Encoding {
    const { encodings } = this;
    const named = rid === undefined ? encodings.length - 1 : encodings.findIndex((encoding) => encoding.rid === rid);
    const wished = named < 0 ? 0 : named;
    if (isExact) return encodings[wished] as Encoding;
    for (let i = wished; i >= 0; i--)
      if (this.#isSent(nowUs, encodings[i] as Encoding)) return encodings[i] as Encoding;
    for (let i = wished + 1; i < encodings.length; i++) {
      if (this.#isSent(nowUs, encodings[i] as Encoding)) return encodings[i] as Encoding;
    }
    return encodings[wished] as Encoding;
  }

  /** Silent while another one is heard is stopped; silent when all are, is only quiet. */
  #isSent(nowUs: number, encoding: Encoding): boolean {
    if (encoding.run === undefined) return false;
    if (encoding.missedPictures < SILENT_PICTURES * (this.encodings.length - 1)) return true;
    let heardUs = Number.NEGATIVE_INFINITY;
    for (const other of this.encodings) heardUs = Math.max(heardUs, other.highestArrivalUs);
    return Math.min(nowUs, heardUs) - encoding.highestArrivalUs < SILENT_US;
  }

  /** By the tallest picture, once all are known. */
  #sort(): void {
    const heights = this.encodings.map((encoding) => encoding.height(encoding.spatialLayers - 1));
    if (heights.some((height) => height === undefined)) return;
    const order = this.encodings.map((encoding, i) => ({ encoding, height: heights[i] ?? 0 }));
    const isSorted = order.every(({ height }, i) => i === 0 || height >= (order[i - 1]?.height ?? 0));
    if (!isSorted) this.encodings = order.toSorted((a, b) => a.height - b.height).map(({ encoding }) => encoding);
    this.encodings.forEach(({ run }, rank) => {
      if (run !== undefined) run.rank = rank;
    });
  }
}
