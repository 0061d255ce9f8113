/**
 * Tells which negotiated source a packet belongs to: by SSRC when it is known (from an earlier packet or from the
 * offer's `a=ssrc`), else by the mid header extension, and in each case only under a payload type negotiated for that
 * source (RFC 9143 section 9.2). What was never negotiated leaves no trace but a count.
 */
import type { NegotiatedMedia, NegotiatedSource } from '../negotiated.ts';
import { ByteRange, findExtension } from '../rtp/header-extensions.ts';
import type { RtpHeader } from '../rtp/rtp-header.ts';
import { IngressStream } from './ingress-stream.ts';

/** SSRCs that one source may use one after another before the oldest is forgotten. */
export const MAX_STREAMS_PER_SOURCE = 4;

/** The streams of one transport by SSRC. The transport implements it. */
export interface IngressTable {
  ingressStream(ssrc: number): IngressStream | undefined;
  /** False when the table is full. */
  addIngressStream(stream: IngressStream): boolean;
  removeIngressStream(ssrc: number): void;
}

interface Binding {
  source: NegotiatedSource;
  /** Oldest first. */
  readonly streams: IngressStream[];
}

export class StreamResolver {
  /** Packets whose SSRC, mid or payload type was never negotiated. */
  unresolved = 0;
  /** Streams forgotten because their source came to use more than MAX_STREAMS_PER_SOURCE. */
  evicted = 0;
  readonly #table: IngressTable;
  readonly #bindings: Binding[] = [];
  readonly #range = new ByteRange();
  #midExtension = 0;

  constructor(table: IngressTable, media: NegotiatedMedia) {
    this.#table = table;
    this.update(media);
  }

  /** A further negotiation: sources are recognised by mid; those that are there already keep their streams. */
  update(media: NegotiatedMedia): void {
    this.#midExtension = media.extensions.mid;
    for (const source of media.sources) {
      const binding = this.#bindings.find((known) => known.source.mid === source.mid);
      if (binding === undefined) this.#bindings.push({ source, streams: [] });
      else binding.source = source;
    }
  }

  /**
   * The stream of the packet that `header` describes; undefined when it was not negotiated. No allocation when known.
   */
  resolve(bytes: Uint8Array, header: RtpHeader): IngressStream | undefined {
    const known = this.#table.ingressStream(header.ssrc);
    if (known !== undefined && known.codec(header.payloadType) !== undefined) return known;
    const binding = known === undefined ? this.#recognise(bytes, header) : undefined;
    if (binding === undefined) {
      this.unresolved++;
      return undefined;
    }
    return this.#bind(binding, header.ssrc);
  }

  #recognise(bytes: Uint8Array, header: RtpHeader): Binding | undefined {
    const hasMid = this.#midExtension !== 0 && findExtension(bytes, header, this.#midExtension, this.#range);
    let byMid: Binding | undefined;
    for (const binding of this.#bindings) {
      if (!allows(binding.source, header.payloadType)) continue;
      if (binding.source.ssrc === header.ssrc) return binding;
      if (hasMid && equals(bytes, this.#range, binding.source.mid)) byMid = binding;
    }
    return byMid;
  }

  #bind(binding: Binding, ssrc: number): IngressStream | undefined {
    const oldest = binding.streams.length === MAX_STREAMS_PER_SOURCE ? binding.streams.shift() : undefined;
    if (oldest !== undefined) {
      this.#table.removeIngressStream(oldest.ssrc);
      this.evicted++;
    }
    const stream = new IngressStream(ssrc, binding.source);
    if (!this.#table.addIngressStream(stream)) return undefined;
    binding.streams.push(stream);
    return stream;
  }
}

function allows(source: NegotiatedSource, payloadType: number): boolean {
  for (const codec of source.codecs) {
    if (codec.payloadType === payloadType) return true;
  }
  return false;
}

/** Whether the bytes of `range` spell `text` (mids are ASCII tokens, RFC 5888 section 4). */
function equals(bytes: Uint8Array, range: ByteRange, text: string): boolean {
  if (range.size !== text.length) return false;
  for (let i = 0; i < range.size; i++) {
    if (bytes[range.offset + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
