/** Compound RTCP: `readRtcp` and everything it reports. */
import { type RtcpVisitor, readRtcp } from '../../../mmr/media/rtp/rtcp/rtcp-reader.ts';
import { type FuzzTarget, hold, isUint } from '../fuzz-target.ts';
import type { Random } from '../random.ts';

export const rtcpTarget: FuzzTarget = {
  name: 'rtcp',
  runs: 60_000,
  maxSize: 2048,
  // Each byte once for its value; headers, padding and counts again in the check before.
  readsPerByte: 5,
  run(bytes, offset, size) {
    const reports = new Reports();
    const understood = readRtcp(bytes, offset, size, reports);
    hold(understood || reports.calls.length === 0, 'a refused packet reports nothing');
    hold(reports.calls.length <= size / 4, 'no more reports than words');
    for (const [start, length] of reports.feedbacks) {
      hold(start >= offset && length >= 22 && start + length <= offset + size, 'feedback range');
    }
    return [understood, reports.calls, reports.feedbacks.map(([start, length]) => [start - offset, length])];
  },
  repair: repairLengths,
};

/** Makes packet lengths add up to the datagram: cut to a multiple of 4, the last packet takes what is left. */
function repairLengths(input: Uint8Array, random: Random): void {
  for (let at = 0; at + 4 <= input.length; ) {
    input[at] = 0x80 | ((input[at] as number) & 0x3f);
    const left = Math.floor((input.length - at) / 4) - 1;
    let words = ((input[at + 2] as number) << 8) | (input[at + 3] as number);
    if (words > left || random.chance(16)) words = left;
    input[at + 2] = words >>> 8;
    input[at + 3] = words;
    at += 4 * (words + 1);
  }
}

class Reports implements RtcpVisitor {
  readonly calls: unknown[] = [];
  readonly feedbacks: (readonly [number, number])[] = [];

  senderReport(...words: number[]): void {
    this.#words('senderReport', words);
  }
  reportBlock(
    reporterSsrc: number,
    ssrc: number,
    fractionLost: number,
    cumulativeLost: number,
    ...words: number[]
  ): void {
    hold(isUint(fractionLost, 8), 'fraction lost');
    hold(isUint(cumulativeLost + 2 ** 23, 24), 'cumulative loss');
    this.#words('reportBlock', [reporterSsrc, ssrc, ...words]);
  }
  bye(ssrc: number): void {
    this.#words('bye', [ssrc]);
  }
  nack(senderSsrc: number, mediaSsrc: number, packetId: number, bitmask: number): void {
    hold(isUint(packetId, 16) && isUint(bitmask, 16), 'NACK entry');
    this.#words('nack', [senderSsrc, mediaSsrc, packetId, bitmask]);
  }
  pictureLossIndication(mediaSsrc: number): void {
    this.#words('pictureLossIndication', [mediaSsrc]);
  }
  fullIntraRequest(ssrc: number, commandSequence: number): void {
    hold(isUint(commandSequence, 8), 'command sequence');
    this.#words('fullIntraRequest', [ssrc, commandSequence]);
  }
  remb(bitrateBps: number): void {
    hold(bitrateBps >= 0 && bitrateBps < 2 ** 81, 'REMB bitrate');
    this.calls.push(['remb', bitrateBps]);
  }
  transportFeedback(offset: number, size: number): void {
    this.calls.push('transportFeedback');
    this.feedbacks.push([offset, size]);
  }

  #words(name: string, words: readonly number[]): void {
    hold(
      words.every((word) => isUint(word, 32)),
      `${name}: 32-bit words`,
    );
    this.calls.push([name, ...words]);
  }
}
