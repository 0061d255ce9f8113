/**
 * Tells which negotiated stream a packet belongs to: by SSRC when it is known (from an earlier packet or from the
 * offer's `a=ssrc` and `a=ssrc-group:FID`), else by the header extensions mid and rid, or mid and repaired-rid for RTX
 * (RFC 9143 section 9.2, RFC 8852), and in each case only under a payload type negotiated for that source. What was
 * never negotiated leaves no trace but a count.
 */
import type { NegotiatedMedia, NegotiatedSource } from '../negotiated.ts';
import { ByteRange, findExtension } from '../rtp/header-extensions.ts';
import type { RtpHeader } from '../rtp/rtp-header.ts';
import { IngressStream } from './ingress-stream.ts';

/**
 * SSRCs that one encoding may use one after another before the oldest is forgotten, and as many for its RTX. With three
 * sources of up to four encodings a transport stays within the streams it has room for.
 */
export const MAX_STREAMS_PER_ENCODING = 3;

/** The streams of one transport by SSRC. The transport implements it. */
export interface IngressTable {
  ingressStream(ssrc: number): IngressStream | undefined;
  /** False when the table is full. */
  addIngressStream(stream: IngressStream): boolean;
  removeIngressStream(ssrc: number): void;
}

/** Streams of one encoding, oldest first. */
interface EncodingStreams {
  readonly rid: string;
  readonly media: IngressStream[];
  readonly rtx: IngressStream[];
}

interface Binding {
  source: NegotiatedSource;
  encodings: readonly EncodingStreams[];
}

export class StreamResolver {
  /** Packets whose SSRC, mid, rid or payload type was never negotiated, and RTX of streams that have sent nothing. */
  unresolved = 0;
  /** Streams forgotten because their encoding came to use more than MAX_STREAMS_PER_ENCODING. */
  evicted = 0;
  readonly #table: IngressTable;
  readonly #bindings: Binding[] = [];
  readonly #mid = new ByteRange();
  readonly #rid = new ByteRange();
  #midExtension = 0;
  #ridExtension = 0;
  #repairedRidExtension = 0;

  constructor(table: IngressTable, media: NegotiatedMedia) {
    this.#table = table;
    this.update(media);
  }

  /** A further negotiation: sources are recognised by mid; those that are there already keep their streams. */
  update(media: NegotiatedMedia): void {
    this.#midExtension = media.extensions.mid;
    this.#ridExtension = media.extensions.rid;
    this.#repairedRidExtension = media.extensions.repairedRid;
    for (const source of media.sources) {
      const binding = this.#bindings.find((known) => known.source.mid === source.mid);
      if (binding !== undefined) {
        binding.source = source;
        continue;
      }
      const rids = source.rids.length === 0 ? [''] : source.rids;
      this.#bindings.push({ source, encodings: rids.map((rid) => ({ rid, media: [], rtx: [] })) });
    }
  }

  /**
   * The stream of the packet that `header` describes; undefined when it was not negotiated. No allocation when known.
   */
  resolve(bytes: Uint8Array, header: RtpHeader): IngressStream | undefined {
    const known = this.#table.ingressStream(header.ssrc);
    if (known !== undefined && known.codec(header.payloadType) !== undefined) return known;
    const stream = known === undefined ? this.#recognise(bytes, header) : undefined;
    if (stream === undefined) this.unresolved++;
    return stream;
  }

  #recognise(bytes: Uint8Array, header: RtpHeader): IngressStream | undefined {
    for (const binding of this.#bindings) {
      const { source } = binding;
      if (source.ssrc === header.ssrc && carries(source, header.payloadType)) {
        return this.#bindMedia(binding.source, binding.encodings[0], header.ssrc);
      }
      if (source.rtxSsrc === header.ssrc && repeats(source, header.payloadType)) {
        return this.#bindRepair(binding, header.ssrc, source.ssrc);
      }
    }
    return this.#recogniseByExtensions(bytes, header);
  }

  #recogniseByExtensions(bytes: Uint8Array, header: RtpHeader): IngressStream | undefined {
    if (!findExtension(bytes, header, this.#midExtension, this.#mid)) return undefined;
    const binding = this.#bindings.find(({ source }) => equals(bytes, this.#mid, source.mid));
    if (binding === undefined) return undefined;
    const { source } = binding;
    if (carries(source, header.payloadType)) {
      const encoding = this.#encodingOf(binding, bytes, header, this.#ridExtension);
      return this.#bindMedia(source, encoding, header.ssrc);
    }
    if (!repeats(source, header.payloadType)) return undefined;
    const encoding = this.#encodingOf(binding, bytes, header, this.#repairedRidExtension);
    return this.#bindRtx(source, encoding, header.ssrc, encoding?.media.at(-1));
  }

  /** Without simulcast there is one encoding, whatever rid a packet has; with it a packet must name its own. */
  #encodingOf(binding: Binding, bytes: Uint8Array, header: RtpHeader, extension: number): EncodingStreams | undefined {
    if (binding.source.rids.length === 0) return binding.encodings[0];
    if (!findExtension(bytes, header, extension, this.#rid)) return undefined;
    return binding.encodings.find(({ rid }) => equals(bytes, this.#rid, rid));
  }

  #bindMedia(source: NegotiatedSource, to: EncodingStreams | undefined, ssrc: number): IngressStream | undefined {
    if (to === undefined) return undefined;
    const oldest = to.media.length === MAX_STREAMS_PER_ENCODING ? to.media.shift() : undefined;
    if (oldest !== undefined) {
      this.#evict(oldest);
      for (const stream of to.rtx.filter(({ repairs }) => repairs === oldest)) {
        to.rtx.splice(to.rtx.indexOf(stream), 1);
        this.#evict(stream);
      }
    }
    return this.#add(new IngressStream(ssrc, source, to.rid), to.media);
  }

  /** An FID group names both. Browsers send padding on the RTX stream of a camera that is still off. */
  #bindRepair({ source, encodings }: Binding, ssrc: number, repaired: number | undefined): IngressStream | undefined {
    const [to] = encodings;
    if (to === undefined || repaired === undefined) return undefined;
    const media = to.media.find((stream) => stream.ssrc === repaired) ?? this.#bindMedia(source, to, repaired);
    return this.#bindRtx(source, to, ssrc, media);
  }

  #bindRtx(
    source: NegotiatedSource,
    to: EncodingStreams | undefined,
    ssrc: number,
    repairs: IngressStream | undefined,
  ): IngressStream | undefined {
    if (to === undefined || repairs === undefined) return undefined;
    const oldest = to.rtx.length === MAX_STREAMS_PER_ENCODING ? to.rtx.shift() : undefined;
    if (oldest !== undefined) this.#evict(oldest);
    return this.#add(new IngressStream(ssrc, source, to.rid, repairs), to.rtx);
  }

  #add(stream: IngressStream, to: IngressStream[]): IngressStream | undefined {
    if (!this.#table.addIngressStream(stream)) return undefined;
    to.push(stream);
    return stream;
  }

  #evict(stream: IngressStream): void {
    this.#table.removeIngressStream(stream.ssrc);
    this.evicted++;
  }
}

/** Whether the source may send media under the payload type, as it is or within RED. */
function carries(source: NegotiatedSource, payloadType: number): boolean {
  for (const codec of source.codecs) {
    if (codec.payloadType === payloadType || codec.redPayloadType === payloadType) return true;
  }
  return false;
}

/** Whether the source may send packets again under the payload type. */
function repeats(source: NegotiatedSource, payloadType: number): boolean {
  for (const codec of source.codecs) {
    if (codec.rtxPayloadType === payloadType) return true;
  }
  return false;
}

/** Whether the bytes of `range` spell `text` (mids and rids are ASCII tokens, RFC 5888 section 4, RFC 8852). */
function equals(bytes: Uint8Array, range: ByteRange, text: string): boolean {
  if (range.size !== text.length) return false;
  for (let i = 0; i < range.size; i++) {
    if (bytes[range.offset + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
