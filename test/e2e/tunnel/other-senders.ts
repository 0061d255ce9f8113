/** What browsers that are not behind a tunnel send into a slot: VP9 and AV1, encoded here, and cut into packets as simply as can be. */
import { VideoSlot } from '../../../client/tunnel/browser/video-slot.ts';
import { concatenate } from '../../../client/tunnel/concatenate.ts';
import { AV1 } from '../../../client/tunnel/payload/av1.ts';
import { VP9 } from '../../../client/tunnel/payload/vp9.ts';

const PAYLOAD_BYTES = 150;
const FRAMES = 40;

/** RFC 9628 section 4.2: I, P, B and E, and seven bits of picture id. */
function packetizeVp9(frame: Uint8Array, isKey: boolean, index: number): Uint8Array[] {
  const count = Math.ceil(frame.length / PAYLOAD_BYTES);
  return Array.from({ length: count }, (_, i) => {
    const flags = 0x80 | (isKey ? 0 : 0x40) | (i === 0 ? 0x08 : 0) | (i === count - 1 ? 0x04 : 0);
    const part = frame.subarray(i * PAYLOAD_BYTES, (i + 1) * PAYLOAD_BYTES);
    return concatenate([Uint8Array.of(flags, index & 0x7f), part]);
  });
}

/** One OBU a packet, or a part of one (RTP Payload Format For AV1 1.0, section 4): W = 1, with Z, Y and N. */
function packetizeAv1(frame: Uint8Array, isKey: boolean): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < frame.length; ) {
    const header = frame[at] ?? 0;
    const headBytes = (header & 0x04) === 0 ? 1 : 2;
    let size = 0;
    let sizeBytes = 0;
    for (let byte = 0x80; byte >= 0x80; sizeBytes++) {
      byte = frame[at + headBytes + sizeBytes] ?? 0;
      size += (byte & 0x7f) * 2 ** (7 * sizeBytes);
    }
    const head = frame.slice(at, at + headBytes);
    head[0] = header & ~0x02;
    const body = at + headBytes + sizeBytes;
    const obu = concatenate([head, frame.subarray(body, body + size)]);
    at = body + size;
    // Temporal delimiters are not sent.
    if (((header >>> 3) & 0x0f) === 2) continue;
    for (let from = 0; from < obu.length; from += PAYLOAD_BYTES) {
      const isLast = from + PAYLOAD_BYTES >= obu.length;
      const flags = (from > 0 ? 0x80 : 0) | (isLast ? 0 : 0x40) | 0x10 | (isKey && packets.length === 0 ? 0x08 : 0);
      packets.push(concatenate([Uint8Array.of(flags), obu.subarray(from, from + PAYLOAD_BYTES)]));
    }
  }
  return packets;
}

/** Sends pictures of a codec into a slot. @returns how many of them were decoded, of how many, in how many packets */
export async function decodeInSlot(codec: 'VP9' | 'AV1'): Promise<{ decoded: number; sent: number; packets: number }> {
  const slot = new VideoSlot('4');
  let sequenceNumber = 65_500;
  let packets = 0;
  let sent = 0;
  const encoder = new VideoEncoder({
    output: (chunk) => {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      const isKey = chunk.type === 'key';
      const payloads = codec === 'VP9' ? packetizeVp9(data, isKey, sent) : packetizeAv1(data, isKey);
      sent++;
      for (const [i, payload] of payloads.entries()) {
        packets++;
        sequenceNumber = (sequenceNumber + 1) & 0xffff;
        const timestamp = Math.round(chunk.timestamp * 0.09);
        const header = { payloadType: 98, ssrc: 7, timestamp, sequenceNumber, marker: i === payloads.length - 1 };
        const packet = { ...header, extensions: new Map(), payload };
        slot.handlePacket(performance.now(), packet, payload.length, codec === 'VP9' ? VP9 : AV1);
      }
    },
    error: (error) => {
      throw error;
    },
  });
  const name = codec === 'VP9' ? 'vp09.00.31.08' : 'av01.0.04M.08';
  encoder.configure({ codec: name, width: 320, height: 180, bitrate: 400_000, latencyMode: 'realtime' });
  const canvas = new OffscreenCanvas(320, 180);
  const pen = canvas.getContext('2d');
  for (let i = 0; i < FRAMES && pen !== null; i++) {
    pen.fillStyle = `hsl(${i * 9} 60% 50%)`;
    pen.fillRect(0, 0, 320, 180);
    pen.fillStyle = '#fff';
    pen.fillRect(i * 7, i * 4, 40, 40);
    const frame = new VideoFrame(canvas, { timestamp: i * 33_333 });
    encoder.encode(frame);
    frame.close();
    await new Promise((resolve) => setTimeout(resolve, 33));
  }
  await encoder.flush();
  encoder.close();
  for (let ms = 0; ms < 5_000 && slot.framesDecoded < sent; ms += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { framesDecoded: decoded } = slot;
  slot.close();
  return { decoded, sent, packets };
}
