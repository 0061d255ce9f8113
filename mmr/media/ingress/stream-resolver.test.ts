import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExtensionIds, NegotiatedMedia, NegotiatedSource } from '../negotiated.ts';
import { parseRtpHeader, RtpHeader } from '../rtp/rtp-header.ts';
import { SsrcTable } from '../transport/ssrc-table.ts';
import type { IngressStream } from './ingress-stream.ts';
import { type IngressTable, MAX_STREAMS_PER_ENCODING, StreamResolver } from './stream-resolver.ts';

const EXTENSIONS: ExtensionIds = {
  mid: 3,
  rid: 5,
  repairedRid: 6,
  audioLevel: 1,
  transportSequenceNumber: 2,
  videoOrientation: 0,
  dependencyDescriptor: 0,
};
const source = (mid: string, kind: NegotiatedSource['kind'], payloadType: number, ssrc?: number): NegotiatedSource => ({
  mid,
  kind,
  ssrc,
  rids: [],
  muted: false,
  codecs: [{ name: 'VP8', payloadType, clockRateHz: 90_000, key: 'VP8' }],
});
const media = (sources: NegotiatedSource[], mid = EXTENSIONS.mid): NegotiatedMedia => ({
  sources,
  slots: [],
  extensions: { ...EXTENSIONS, mid },
  cname: 'c',
});

class Table implements IngressTable {
  readonly streams: SsrcTable<IngressStream>;
  constructor(capacity = 64) {
    this.streams = new SsrcTable(capacity);
  }
  ingressStream(ssrc: number): IngressStream | undefined {
    return this.streams.get(ssrc);
  }
  addIngressStream(stream: IngressStream): boolean {
    return this.streams.add(stream);
  }
  removeIngressStream(ssrc: number): void {
    this.streams.remove(ssrc);
  }
}

function packet(ssrc: number, payloadType: number, mid?: string, rid?: string, repairedRid?: string): Uint8Array {
  const head = [0x80, payloadType, 0, 1, 0, 0, 0, 0, ssrc >>> 24, (ssrc >>> 16) & 255, (ssrc >>> 8) & 255, ssrc & 255];
  const texts: [number, string | undefined][] = [
    [EXTENSIONS.mid, mid],
    [EXTENSIONS.rid, rid],
    [EXTENSIONS.repairedRid, repairedRid],
  ];
  const element = texts.flatMap(([id, text]) =>
    text === undefined ? [] : [(id << 4) | (text.length - 1), ...new TextEncoder().encode(text)],
  );
  if (element.length === 0) return Uint8Array.from([...head, 1, 2, 3]);
  while (element.length % 4 !== 0) element.push(0);
  return Uint8Array.from([0x90, ...head.slice(1), 0xbe, 0xde, 0, element.length / 4, ...element, 1, 2, 3]);
}

function resolve(resolver: StreamResolver, bytes: Uint8Array): IngressStream | undefined {
  const header = new RtpHeader();
  expect(parseRtpHeader(bytes, 0, bytes.length, header)).toBe(true);
  return resolver.resolve(bytes, header);
}

const SOURCES = [source('0', 'microphone', 111), source('1', 'camera', 96, 500), source('22', 'screen', 96)];

describe('a packet finds its source', () => {
  test.each([
    ['by the SSRC of the offer', packet(500, 96), 'camera'],
    ['by mid', packet(9, 111, '0'), 'microphone'],
    ['by a mid of two letters', packet(9, 96, '22'), 'screen'],
    ['by mid under a new SSRC where the offer named another', packet(501, 96, '1'), 'camera'],
    ['by the SSRC of the offer before a mid that contradicts it', packet(500, 96, '22'), 'camera'],
  ])('%s', (_, bytes, kind) => {
    const resolver = new StreamResolver(new Table(), media(SOURCES));
    expect(resolve(resolver, bytes)?.kind).toBe(kind);
    expect(resolver.unresolved).toBe(0);
  });

  test('later packets do without mid and give the same stream', () => {
    const resolver = new StreamResolver(new Table(), media(SOURCES));
    const stream = resolve(resolver, packet(9, 96, '22'));
    expect(stream).toBeDefined();
    expect(resolve(resolver, packet(9, 96))).toBe(stream);
    expect(resolve(resolver, packet(9, 96, '1'))).toBe(stream);
  });

  test('one payload type for two codecs (no offer may, RFC 9143): each stream has the codec of its own m-line', () => {
    const vp9 = { name: 'VP9', payloadType: 96, clockRateHz: 90_000, key: 'VP9/0' } as const;
    const screen = { ...source('22', 'screen', 96), codecs: [vp9] };
    const resolver = new StreamResolver(new Table(), media([source('1', 'camera', 96), screen]));
    expect(resolve(resolver, packet(9, 96, '22'))?.codec(96)?.name).toBe('VP9');
    expect(resolve(resolver, packet(8, 96, '1'))?.codec(96)?.name).toBe('VP8');
  });

  test.each([
    ['unknown SSRC without mid', packet(9, 96)],
    ['unknown mid', packet(9, 96, '7')],
    ['a prefix of a mid', packet(9, 96, '2')],
    ['a mid that begins like one', packet(9, 96, '222')],
    ['right mid, payload type of nobody', packet(9, 97, '1')],
    ['right mid, payload type of another source', packet(9, 111, '1')],
    ['right SSRC, payload type of another source', packet(500, 111)],
  ])('never negotiated: %s', (_, bytes) => {
    const table = new Table();
    const resolver = new StreamResolver(table, media(SOURCES));
    expect(resolve(resolver, bytes)).toBeUndefined();
    expect(resolver.unresolved).toBe(1);
    expect(table.streams.size).toBe(0);
  });

  test('a known stream is not heard under a payload type that was not negotiated, nor moved to another source', () => {
    const table = new Table();
    const resolver = new StreamResolver(table, media(SOURCES));
    resolve(resolver, packet(9, 96, '1'));
    expect(resolve(resolver, packet(9, 111, '0'))).toBeUndefined();
    expect(resolve(resolver, packet(9, 96, '1'))?.kind).toBe('camera');
    expect(table.streams.size).toBe(1);
  });

  test('redundant audio is of the microphone’s stream', () => {
    const opus = { name: 'opus', payloadType: 111, clockRateHz: 48_000, key: 'opus', redPayloadType: 63 } as const;
    const resolver = new StreamResolver(new Table(), media([{ ...source('0', 'microphone', 111, 7), codecs: [opus] }]));
    const stream = resolve(resolver, packet(7, 63));
    expect(stream?.codec(63)?.key).toBe('opus');
    expect(resolve(resolver, packet(7, 111))).toBe(stream);
  });

  test('mid extension not negotiated: only SSRCs of the offer', () => {
    const resolver = new StreamResolver(new Table(), media(SOURCES, 0));
    expect(resolve(resolver, packet(9, 96, '1'))).toBeUndefined();
    expect(resolve(resolver, packet(500, 96))?.kind).toBe('camera');
  });
});

describe('simulcast and RTX', () => {
  const VP8 = { name: 'VP8', payloadType: 96, clockRateHz: 90_000, key: 'VP8', rtxPayloadType: 97 } as const;
  const camera: NegotiatedSource = { ...source('1', 'camera', 96), codecs: [VP8], rids: ['l', 'h'] };
  const screen: NegotiatedSource = { ...source('2', 'screen', 96, 700), codecs: [VP8], rtxSsrc: 701 };
  const start = (table = new Table()) => new StreamResolver(table, media([camera, screen]));

  test('each rid has a stream of its own; later packets do without', () => {
    const resolver = start();
    const low = resolve(resolver, packet(10, 96, '1', 'l'));
    const high = resolve(resolver, packet(11, 96, '1', 'h'));
    expect([low?.rid, high?.rid]).toEqual(['l', 'h']);
    expect(low).not.toBe(high);
    expect(resolve(resolver, packet(11, 96))).toBe(high);
  });

  test.each([
    ['no rid', packet(10, 96, '1')],
    ['a rid that was not negotiated', packet(10, 96, '1', 'm')],
    ['a rid and no mid', packet(10, 96, undefined, 'l')],
    ['repaired-rid instead of rid', packet(10, 96, '1', undefined, 'l')],
    ['RTX of a rid that has sent nothing', packet(10, 97, '1', undefined, 'l')],
    ['RTX without repaired-rid', packet(10, 97, '1')],
  ])('%s: not negotiated', (_, bytes) => {
    const table = new Table();
    expect(resolve(start(table), bytes)).toBeUndefined();
    expect(table.streams.size).toBe(0);
  });

  test('RTX by repaired-rid belongs to the newest stream of that rid', () => {
    const resolver = start();
    resolve(resolver, packet(10, 96, '1', 'l'));
    const newer = resolve(resolver, packet(12, 96, '1', 'l'));
    const rtx = resolve(resolver, packet(13, 97, '1', undefined, 'l'));
    expect(rtx?.repairs).toBe(newer);
    expect(rtx?.rid).toBe('l');
    expect(rtx?.codec(97)?.key).toBe('VP8');
    expect(rtx?.codec(96)).toBeUndefined();
    expect(resolve(resolver, packet(13, 97))).toBe(rtx);
  });

  test('a stream does not change between media and RTX', () => {
    const resolver = start();
    resolve(resolver, packet(10, 96, '1', 'l'));
    resolve(resolver, packet(13, 97, '1', undefined, 'l'));
    expect(resolve(resolver, packet(10, 97, '1', undefined, 'l'))).toBeUndefined();
    expect(resolve(resolver, packet(13, 96, '1', 'l'))).toBeUndefined();
  });

  test('RTX by the FID group, also before the stream that it repeats', () => {
    const table = new Table();
    const resolver = start(table);
    const rtx = resolve(resolver, packet(701, 97));
    expect(rtx?.repairs?.ssrc).toBe(700);
    expect(resolve(resolver, packet(700, 96))).toBe(rtx?.repairs);
    expect(table.streams.size).toBe(2);
  });

  test('RTX by mid where there is no simulcast', () => {
    const resolver = start();
    const stream = resolve(resolver, packet(20, 96, '2'));
    expect(resolve(resolver, packet(21, 97, '2'))?.repairs).toBe(stream);
  });

  test('a forgotten stream takes its RTX along', () => {
    const table = new Table();
    const resolver = start(table);
    resolve(resolver, packet(10, 96, '1', 'l'));
    resolve(resolver, packet(11, 97, '1', undefined, 'l'));
    for (let i = 0; i < MAX_STREAMS_PER_ENCODING; i++) resolve(resolver, packet(20 + i, 96, '1', 'l'));
    expect([...table.streams.values()].map(({ ssrc }) => ssrc)).toEqual([20, 21, 22]);
    expect(resolver.evicted).toBe(2);
  });

  test('10 000 SSRCs of everything: bounded by encoding, and within what a transport holds', () => {
    const table = new Table();
    const resolver = start(table);
    for (let i = 0; i < 10_000; i++) {
      const rid = i % 2 === 0 ? 'l' : 'h';
      resolve(resolver, packet(10_000 + 2 * i, 96, '1', rid));
      resolve(resolver, packet(10_001 + 2 * i, 97, '1', undefined, rid));
      resolve(resolver, packet(40_000 + 2 * i, 96, '2'));
      resolve(resolver, packet(40_001 + 2 * i, 97, '2'));
    }
    expect(table.streams.size).toBe(3 * 2 * MAX_STREAMS_PER_ENCODING);
    expect(table.streams.refused).toBe(0);
    // Three sources: one of audio, two of four encodings each.
    expect((1 + 4 + 4) * 2 * MAX_STREAMS_PER_ENCODING).toBeLessThanOrEqual(64);
  });
});

describe('bounds', () => {
  test('10 000 new SSRCs without a negotiated mid leave nothing but a count', () => {
    const table = new Table();
    const resolver = new StreamResolver(table, media(SOURCES));
    for (let i = 0; i < 10_000; i++) expect(resolve(resolver, packet(10_000 + i, 96))).toBeUndefined();
    expect(table.streams.size).toBe(0);
    expect(resolver.unresolved).toBe(10_000);
  });

  test('10 000 new SSRCs of one negotiated source: the newest few are kept, other sources are unaffected', () => {
    const table = new Table();
    const resolver = new StreamResolver(table, media(SOURCES));
    const microphone = resolve(resolver, packet(5, 111, '0'));
    for (let i = 0; i < 10_000; i++) resolve(resolver, packet(10_000 + i, 96, '1'));
    expect(table.streams.size).toBe(MAX_STREAMS_PER_ENCODING + 1);
    expect(resolver.evicted).toBe(10_000 - MAX_STREAMS_PER_ENCODING);
    expect(table.streams.get(19_999)?.kind).toBe('camera');
    expect(resolve(resolver, packet(5, 111))).toBe(microphone);
  });

  test('a full table takes no more', () => {
    const table = new Table(1);
    const resolver = new StreamResolver(table, media(SOURCES));
    expect(resolve(resolver, packet(500, 96))).toBeDefined();
    expect(resolve(resolver, packet(9, 96, '22'))).toBeUndefined();
    expect(table.streams.refused).toBe(1);
  });

  test('the same SSRC at two participants is two streams', () => {
    const one = resolve(new StreamResolver(new Table(), media(SOURCES)), packet(500, 96));
    const other = resolve(new StreamResolver(new Table(), media(SOURCES)), packet(500, 96));
    expect(one).toBeDefined();
    expect(other).not.toBe(one);
  });
});

test('a further offer adds sources and keeps the streams of those that are there', () => {
  const resolver = new StreamResolver(new Table(), media(SOURCES.slice(0, 2)));
  const camera = resolve(resolver, packet(500, 96));
  expect(resolve(resolver, packet(9, 96, '22'))).toBeUndefined();
  resolver.update(media(SOURCES));
  expect(resolve(resolver, packet(9, 96, '22'))?.kind).toBe('screen');
  expect(resolve(resolver, packet(500, 96))).toBe(camera);
});

test('property: hostile packets never throw, and never give a stream under a payload type not its own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 80 }), (random) => {
      const bytes = Uint8Array.from(random);
      bytes[0] = 0x80 | ((bytes[0] as number) & 0x3f);
      const header = new RtpHeader();
      if (!parseRtpHeader(bytes, 0, bytes.length, header)) return;
      const stream = new StreamResolver(new Table(), media(SOURCES)).resolve(bytes, header);
      if (stream !== undefined) expect(stream.codec(header.payloadType)).toBeDefined();
    }),
    { seed: 5, numRuns: 500 },
  );
});
