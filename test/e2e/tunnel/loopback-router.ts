/**
 * A router of the simplest kind, within the page: what the one sends by microphone and camera comes in the other's first slots. It numbers
 * nothing anew but what is its own and passes reports and requests on.
 */
import { viewOf } from '../../../client/tunnel/rtp/byte-writer.ts';
import { readRtcp } from '../../../client/tunnel/rtp/rtcp-reader.ts';
import { writePictureLoss } from '../../../client/tunnel/rtp/rtcp-writer.ts';
import { isRtcp, readRtp, writeRtp } from '../../../client/tunnel/rtp/rtp-packet.ts';
import { ExtensionId } from '../../../client/tunnel/sdp/offer.ts';
import type { LoopbackCarrier } from './loopback-carrier.ts';

export class LoopbackEnd {
  readonly carrier: LoopbackCarrier;
  other: LoopbackEnd | undefined;
  /** Of a camera with several encodings, the one that is passed on. */
  rid: string | undefined;
  /** Packets of video that are lost on the way from here. */
  loseVideo = 0;
  keyFrameRequests = 0;
  /** Packets by encoding, as they came. */
  readonly packets = new Map<string, number>();
  /** SSRC in the other's slot by source: '0' the microphone, '1' the camera. */
  readonly #slots = new Map<string, number>();
  readonly #sourceOf = new Map<number, number>();
  #number = 0;

  constructor(carrier: LoopbackCarrier) {
    this.carrier = carrier;
    carrier.onPacket = (packet) => this.#handle(packet);
  }

  /** The answer to an offer; every slot gets an SSRC. */
  answer(offer: string): string {
    const [, ...lines] = offer.split(/\r\n(?=m=)/);
    const slots: Record<string, number> = {};
    const sections = lines.map((line, index) => {
      const isSlot = /^a=recvonly$/m.test(line);
      const ssrc = 1000 + index;
      if (isSlot) slots[/^m=(\w+)/.exec(line)?.[1] ?? ''] ??= ssrc;
      const kept = line
        .split('\r\n')
        .filter((each) => !/^a=(ice|fingerprint|setup|ssrc|rid|simulcast|sendonly|recvonly)/.test(each));
      const rids = /^a=simulcast:send (\S+)/m.exec(line)?.[1];
      const more = [isSlot ? 'a=sendonly' : 'a=recvonly'];
      if (isSlot) more.push(`a=ssrc:${ssrc} cname:router`);
      if (rids !== undefined) more.push(`a=simulcast:recv ${rids}`);
      return [...kept.filter(Boolean), ...more].join('\r\n');
    });
    // Slots are of the other's sources.
    this.#slots.set('0', slots.audio ?? 0).set('1', slots.video ?? 0);
    const transport = [
      'a=ice-lite',
      'a=ice-ufrag:rout',
      'a=ice-pwd:router/router/router/rout',
      'a=fingerprint:sha-256 11:22',
    ];
    const head = [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      ...transport,
      'a=candidate:1 1 udp 1 192.0.2.1 9 typ host',
    ];
    return `${[...head, ...sections].join('\r\n')}\r\n`;
  }

  #handle(packet: Uint8Array): void {
    if (isRtcp(packet)) this.#handleRtcp(packet);
    else this.#handleMedia(packet);
  }

  #handleMedia(bytes: Uint8Array): void {
    const packet = readRtp(bytes);
    const text = (id: number) => new TextDecoder().decode(packet?.extensions.get(id));
    if (packet === undefined) throw new Error('what was sent is no RTP');
    const [mid, rid] = [text(ExtensionId.mid), text(ExtensionId.rid)];
    this.packets.set(mid + rid, (this.packets.get(mid + rid) ?? 0) + 1);
    const ssrc = this.other?.slotFor(mid);
    if (ssrc === undefined || (rid !== '' && rid !== this.rid)) return;
    this.#sourceOf.set(ssrc, packet.ssrc);
    if (mid === '1' && this.loseVideo > 0) {
      this.loseVideo--;
      return;
    }
    this.other?.forward({ ...packet, ssrc }, packet.payload);
  }

  slotFor(mid: string): number | undefined {
    return this.#slots.get(mid);
  }

  /** To this end's client. */
  forward(header: Parameters<typeof writeRtp>[0], payload: Uint8Array): void {
    this.#number = (this.#number + 1) & 0xffff;
    const number = Uint8Array.of(this.#number >>> 8, this.#number & 0xff);
    this.carrier.deliver(
      writeRtp({ ...header, extensions: new Map([[ExtensionId.transportNumber, number]]) }, payload),
    );
  }

  #handleRtcp(bytes: Uint8Array): void {
    for (const message of readRtcp(bytes) ?? []) {
      if (message.type === 'keyFrame') {
        this.keyFrameRequests++;
        const source = this.other?.sourceOf(message.ssrc);
        if (source !== undefined) this.other?.carrier.deliver(writePictureLoss(1, source));
      } else if (message.type === 'senderReport') {
        const slot = [...this.#sourceOf].find(([, source]) => source === message.ssrc)?.[0];
        if (slot === undefined) continue;
        const report = bytes.slice(0, 28);
        report.set([0x80, 200, 0, 6]);
        viewOf(report).setUint32(4, slot);
        this.other?.carrier.deliver(report);
      }
    }
  }

  sourceOf(ssrc: number): number | undefined {
    return this.#sourceOf.get(ssrc);
  }
}
