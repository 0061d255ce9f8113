import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIp } from '../turn/core/ip-address.ts';
import { MAX_PROXY_HEADER_BYTES, readProxyHeader } from './proxy-header.ts';

const SEED = 20_26;
const v1 = (text: string) => Buffer.from(`${text}\r\n`, 'latin1');
const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/** A version 2 header by hand. */
function v2(versionAndCommand: number, family: number, block: Buffer, length = block.length): Buffer {
  const fixed = Buffer.from([versionAndCommand, family, length >> 8, length & 0xff]);
  return Buffer.concat([SIGNATURE, fixed, block]);
}

const IPV4_BLOCK = Buffer.from([192, 0, 2, 1, 198, 51, 100, 2, 0x30, 0x39, 0x01, 0xbb]);
const IPV6_BLOCK = Buffer.from(`20010db8${'00'.repeat(11)}01${'20010db8'}${'00'.repeat(11)}02303901bb`, 'hex');

describe('version 1', () => {
  test.each([
    ['PROXY TCP4 192.0.2.1 198.51.100.2 12345 443', { address: '192.0.2.1', port: 12_345 }],
    ['PROXY TCP6 2001:DB8::1 2001:db8::2 65535 0', { address: '2001:db8::1', port: 65_535 }],
    ['PROXY UNKNOWN', undefined],
    ['PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535', undefined],
  ])('%s', (line, source) => {
    const bytes = v1(line);
    expect(readProxyHeader(bytes)).toEqual({ type: 'header', sizeBytes: bytes.length, ...(source && { source }) });
  });

  test.each([
    'PROXY TCP4 192.0.2.1 198.51.100.2 12345',
    'PROXY TCP4 192.0.2.1 198.51.100.2 12345 443 ',
    'PROXY TCP4  192.0.2.1 198.51.100.2 12345 443',
    'PROXY TCP4 192.0.2.1 198.51.100.2 12345 65536',
    'PROXY TCP4 192.0.2.1 198.51.100.2 012345 443',
    'PROXY TCP4 192.0.2.1 198.51.100.2 -1 443',
    'PROXY TCP4 192.0.2.256 198.51.100.2 12345 443',
    'PROXY TCP4 192.0.2.01 198.51.100.2 12345 443',
    'PROXY TCP4 2001:db8::1 2001:db8::2 12345 443',
    'PROXY TCP6 192.0.2.1 198.51.100.2 12345 443',
    'PROXY TCP6 fe80::1%eth0 fe80::2 12345 443',
    'PROXY UDP4 192.0.2.1 198.51.100.2 12345 443',
    'PROXY UNKNOWNS',
    'PROXY ',
    'proxy TCP4 192.0.2.1 198.51.100.2 12345 443',
    'GET / HTTP/1.1',
    `PROXY UNKNOWN ${'x'.repeat(100)}`,
  ])('%j is wrong', (line) => {
    expect(readProxyHeader(v1(line))).toEqual({ type: 'wrong' });
  });

  test('the line ends with CR and LF, nothing less', () => {
    const line = 'PROXY TCP4 192.0.2.1 198.51.100.2 12345 443';
    expect(readProxyHeader(Buffer.from(`${line}\n`))).toEqual({ type: 'incomplete' });
    expect(readProxyHeader(Buffer.from(`${line}\n\r\n`)).type).toBe('wrong');
  });
});

describe('version 2', () => {
  test.each([
    ['IPv4', v2(0x21, 0x11, IPV4_BLOCK), { address: '192.0.2.1', port: 12_345 }],
    ['IPv6', v2(0x21, 0x21, IPV6_BLOCK), { address: '2001:db8::1', port: 12_345 }],
    [
      'TLVs after the addresses',
      v2(0x21, 0x11, Buffer.concat([IPV4_BLOCK, Buffer.from([4, 0, 2, 7, 7])])),
      { address: '192.0.2.1', port: 12_345 },
    ],
    ['LOCAL, whatever else it says', v2(0x20, 0x12, IPV4_BLOCK), undefined],
    ['LOCAL with nothing', v2(0x20, 0x00, Buffer.alloc(0)), undefined],
    ['no address', v2(0x21, 0x00, Buffer.alloc(0)), undefined],
    ['a socket of the Unix domain', v2(0x21, 0x31, Buffer.alloc(216)), undefined],
  ])('%s', (_, bytes, source) => {
    expect(readProxyHeader(bytes)).toEqual({ type: 'header', sizeBytes: bytes.length, ...(source && { source }) });
  });

  test.each([
    ['version 1', v2(0x11, 0x11, IPV4_BLOCK)],
    ['version 3', v2(0x31, 0x11, IPV4_BLOCK)],
    ['command 2', v2(0x22, 0x11, IPV4_BLOCK)],
    ['datagrams', v2(0x21, 0x12, IPV4_BLOCK)],
    ['a block too short for IPv4', v2(0x21, 0x11, IPV4_BLOCK.subarray(1))],
    ['a block too short for IPv6', v2(0x21, 0x21, IPV4_BLOCK)],
    ['more than anybody sends', v2(0x20, 0x00, Buffer.alloc(0), MAX_PROXY_HEADER_BYTES)],
    ['more than there are bytes for', v2(0x21, 0x11, IPV4_BLOCK, 0xffff)],
  ])('%s is wrong', (_, bytes) => {
    expect(readProxyHeader(bytes)).toEqual({ type: 'wrong' });
  });
});

describe('any header', () => {
  const port = fc.integer({ min: 0, max: 65_535 });
  const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
  const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).filter((bytes) => bytes[0] !== 0);
  const ends = fc.oneof(fc.tuple(ipv4, ipv4), fc.tuple(ipv6, ipv6));
  const header = fc
    .tuple(ends, port, port, fc.uint8Array({ maxLength: 300 }), fc.boolean())
    .map(([[from, to], source, destination, tlvs, isText]) => {
      const [is4, address] = [from.length === 4, formatIp(from)];
      const ports = Buffer.alloc(4);
      ports.writeUInt16BE(source, 0);
      ports.writeUInt16BE(destination, 2);
      const bytes = isText
        ? v1(`PROXY TCP${is4 ? 4 : 6} ${address} ${formatIp(to)} ${source} ${destination}`)
        : v2(0x21, is4 ? 0x11 : 0x21, Buffer.concat([from, to, ports, tlvs]));
      return { bytes, source: { address, port: source } };
    });

  test('is read back, also with the first bytes of TLS behind it, and is incomplete until its last byte', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 50 }), ({ bytes, source }, rest) => {
        const read = { type: 'header', sizeBytes: bytes.length, source };
        expect(readProxyHeader(Buffer.concat([bytes, rest]))).toEqual(read);
        for (let size = 0; size < bytes.length; size++) {
          expect(readProxyHeader(bytes.subarray(0, size))).toEqual({ type: 'incomplete' });
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  test('whatever comes: a verdict by the greatest size at the latest, and none that changes with more bytes', () => {
    const start = fc.constantFrom(Buffer.alloc(0), SIGNATURE, Buffer.from('PROXY '), Buffer.from('PROXY TCP4 '));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 3_000 }), (begin, more) => {
        const bytes = Buffer.concat([begin, more]);
        const verdict = readProxyHeader(bytes);
        if (bytes.length >= MAX_PROXY_HEADER_BYTES) expect(verdict.type).not.toBe('incomplete');
        if (verdict.type === 'incomplete') return;
        expect(readProxyHeader(Buffer.concat([bytes, Buffer.alloc(20)]))).toEqual(verdict);
        if (verdict.type === 'header') expect(verdict.sizeBytes).toBeLessThanOrEqual(bytes.length);
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });
});
