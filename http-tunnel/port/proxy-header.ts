/**
 * The header that a TCP load balancer puts before a connection to say whose it is: the PROXY protocol, versions 1 (text)
 * and 2 (binary), of HAProxy's doc/proxy-protocol.txt. Pure.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalIp, formatIp } from '../turn/core/ip-address.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export type ProxyHeader =
  /** There may be a header; more bytes will tell. */
  | { readonly type: 'incomplete' }
  /** No header, or one that nobody may send. */
  | { readonly type: 'wrong' }
  /**
   * The first `sizeBytes` are the header. Without a source it says nothing of a client: the balancer speaks for itself
   * (LOCAL, a health check), or cannot say (UNKNOWN, a socket of the Unix domain).
   */
  | { readonly type: 'header'; readonly sizeBytes: number; readonly source?: Endpoint };

/** Section 2.1: the longest line, with CR and LF. */
const MAX_V1_BYTES = 107;
/** Section 2.2 wants room for 536 at least; with a client's TLS data in TLVs it may be more. */
const MAX_V2_BYTES = 2_048;
const V1_START = Buffer.from('PROXY ', 'latin1');
const V2_START = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_FIXED_BYTES = 16;
/** Of the addresses and ports in version 2, by the byte of family and protocol; others carry no address for us. */
const STREAM_OVER_IPV4 = 0x11;
const STREAM_OVER_IPV6 = 0x21;
const NO_ADDRESS = [0x00, 0x31];

/** The longest header that `readProxyHeader` takes. */
export const MAX_PROXY_HEADER_BYTES = MAX_V2_BYTES;

/** Of the first bytes of a connection. Never asks for more than MAX_PROXY_HEADER_BYTES. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (beginsLike(bytes, V1_START)) return readV1(bytes);
  if (beginsLike(bytes, V2_START)) return readV2(bytes);
  return { type: 'wrong' };
}

/** True also when there are too few bytes to say that they do not. */
function beginsLike(bytes: Buffer, start: Buffer): boolean {
  const size = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, size, 0, size) === 0;
}

function readV1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, MAX_V1_BYTES).indexOf('\r\n');
  if (end === -1) return { type: bytes.length < MAX_V1_BYTES ? 'incomplete' : 'wrong' };
  const line = bytes.toString('latin1', 0, end);
  const sizeBytes = end + 2;
  // "The receiver must ignore anything presented before the CRLF" of an unknown connection.
  if (/^PROXY UNKNOWN( |$)/.test(line)) return { type: 'header', sizeBytes };
  const [proxy, family, source = '', destination = '', sourcePort = '', destinationPort = '', ...rest] =
    line.split(' ');
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : () => false;
  const isWell =
    proxy === 'PROXY' &&
    [source, destination].every((text) => isAddress(text) && !text.includes('%')) &&
    [sourcePort, destinationPort].every((text) => /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) < 65_536) &&
    rest.length === 0;
  if (!isWell) return { type: 'wrong' };
  return { type: 'header', sizeBytes, source: { address: canonicalIp(source) ?? source, port: Number(sourcePort) } };
}

function readV2(bytes: Buffer): ProxyHeader {
  if (bytes.length < V2_FIXED_BYTES) return { type: 'incomplete' };
  const version = bytes.readUInt8(12) >> 4;
  const command = bytes.readUInt8(12) & 0x0f;
  const addressBytes = bytes.readUInt16BE(14);
  const sizeBytes = V2_FIXED_BYTES + addressBytes;
  if (version !== 2 || command > 1 || sizeBytes > MAX_V2_BYTES) return { type: 'wrong' };
  if (bytes.length < sizeBytes) return { type: 'incomplete' };
  const family = bytes.readUInt8(13);
  // LOCAL: "the receiver must … discard the protocol block including the family which is ignored".
  if (command === 0 || NO_ADDRESS.includes(family)) return { type: 'header', sizeBytes };
  const length = family === STREAM_OVER_IPV4 ? 4 : family === STREAM_OVER_IPV6 ? 16 : undefined;
  // Source, destination, and their ports; TLVs may follow, of which none matters here.
  if (length === undefined || addressBytes < 2 * length + 4) return { type: 'wrong' };
  const address = formatIp(bytes.subarray(V2_FIXED_BYTES, V2_FIXED_BYTES + length));
  return { type: 'header', sizeBytes, source: { address, port: bytes.readUInt16BE(V2_FIXED_BYTES + 2 * length) } };
}
