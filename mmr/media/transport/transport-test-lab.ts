/**
 * A transport on virtual time for tests: its peer's STUN, a scripted DTLS endpoint, and everything it asks for or
 * sends.
 */
import type { ParticipantId } from '../../../common/ids.ts';
import { EgressGate } from '../egress/egress-gate.ts';
import { EGRESS_WORDS, EgressPlan } from '../egress/egress-plan.ts';
import { writePadding } from '../egress/padding-writer.ts';
import { RtxStream } from '../egress/rtx-stream.ts';
import { IngressStream } from '../ingress/ingress-stream.ts';
import type { NegotiatedSource, NegotiatedTransport } from '../negotiated.ts';
import type { RemoteAddress } from '../remote-address.ts';
import { parseStun, STUN_HEADER_BYTES, StunAttribute, type StunMessage } from '../stun/stun-message.ts';
import { BINDING_REQUEST, StunWriter } from '../stun/stun-writer.ts';
import { AddressTable } from './address-table.ts';
import type { DtlsSession, DtlsState, SrtpKeys } from './dtls-session.ts';
import type { EgressStream } from './egress-stream.ts';
import { IceLite } from './ice-lite.ts';
import { addressKey } from './remote-addresses.ts';
import { Transport } from './transport.ts';
import type { TransportShell } from './transport-shell.ts';

export const START_US = 1_000_000_000;

export const NEGOTIATED: NegotiatedTransport = {
  localUfrag: 'ours',
  localPassword: 'a-password-of-24-letters',
  remoteUfrag: 'peer',
  remoteFingerprints: [{ algorithm: 'sha-256', value: new Uint8Array(32).fill(7) }],
  reducedSizeRtcp: true,
};

export const CAMERA: NegotiatedSource = {
  mid: 'c',
  kind: 'camera',
  codecs: [{ name: 'VP8', payloadType: 96, clockRateHz: 90_000, key: 'VP8' }],
  ssrc: 0x1001,
  rids: [],
  muted: false,
};

export const MICROPHONE: NegotiatedSource = {
  mid: 'm',
  kind: 'microphone',
  codecs: [{ name: 'opus', payloadType: 111, clockRateHz: 48_000, key: 'opus' }],
  ssrc: 0x1000,
  rids: [],
  muted: false,
};

/** `v4('192.0.2.1', 5000)`. */
export function v4(address: string, port: number): RemoteAddress {
  return { family: 4, port, bytes: Uint8Array.from(address.split('.'), Number) };
}

export const HOME = v4('192.0.2.1', 5000);

export const KEYS: SrtpKeys = {
  profile: 'AEAD_AES_128_GCM',
  ingressKey: new Uint8Array(16).fill(1),
  ingressSalt: new Uint8Array(12).fill(2),
  egressKey: new Uint8Array(16).fill(3),
  egressSalt: new Uint8Array(12).fill(4),
};

/**
 * Answers `hello` with `flight` and connects on `finished`; `fatal` and `goodbye` end it; everything else is ignored.
 */
export class ScriptedDtls implements DtlsSession {
  state: DtlsState = 'handshaking';
  certificate: Uint8Array | undefined = new Uint8Array(32).fill(7);
  keys: SrtpKeys | undefined = KEYS;
  retransmissionUs: number | undefined;
  closed = false;
  readonly received: string[] = [];
  readonly #outgoing: Uint8Array[] = [];

  handle(datagram: Uint8Array): void {
    const text = new TextDecoder().decode(datagram);
    this.received.push(text);
    if (text === 'hello') this.#flight('flight');
    if (text === 'finished') {
      this.state = 'connected';
      this.retransmissionUs = undefined;
      this.#outgoing.push(encode('done'));
    }
    if (text === 'fatal') this.state = 'failed';
    if (text === 'goodbye') this.state = 'closed';
  }
  takeOutgoing(): Uint8Array | undefined {
    return this.#outgoing.shift();
  }
  handleTimeout(): void {
    this.#flight('flight');
  }
  timeoutUs(): number | undefined {
    return this.retransmissionUs;
  }
  fingerprint(algorithm: string): Uint8Array | undefined {
    return algorithm === 'sha-256' ? this.certificate : undefined;
  }
  srtpKeys(): SrtpKeys | undefined {
    return this.keys;
  }
  close(): void {
    this.closed = true;
    this.#outgoing.push(encode('close_notify'));
  }
  #flight(text: string): void {
    this.#outgoing.push(encode(text));
    this.retransmissionUs = 1_000_000;
  }
}

export interface Sent {
  readonly kind: 'rtp' | 'rtcp' | 'dtls' | 'stun';
  readonly bytes: Uint8Array;
  /** Of STUN: where it goes. */
  readonly to: string | undefined;
}

export class Lab implements TransportShell {
  readonly addresses: AddressTable;
  readonly out: EgressPlan;
  readonly transport: Transport;
  readonly gate = new EgressGate();
  readonly session = new ScriptedDtls();
  /** What the transport asked of the shell, in order. */
  readonly log: string[] = [];
  /** Engine's view: addresses whose datagrams are reported under this transport. */
  readonly remotes = new Set<string>();
  destination: string | undefined;
  keys: SrtpKeys | undefined;
  nowUs = START_US;
  /** Earliest time that `wake` or `nextTimeoutUs` named. */
  timeoutUs: number;
  onConnected: (() => void) | undefined;

  constructor(
    negotiated: NegotiatedTransport = NEGOTIATED,
    addresses = new AddressTable(),
    handle = 1,
    out = new EgressPlan(),
  ) {
    this.addresses = addresses;
    // A plan is a megabyte and a half: tests with many labs share one.
    this.out = out;
    out.clear();
    this.transport = new Transport(handle, 'p' as ParticipantId, negotiated, 'cname', this, this.gate, this.nowUs);
    this.timeoutUs = this.transport.nextTimeoutUs();
  }

  /** The transport's agent, which is the answering one. */
  get ice(): IceLite {
    const { ice } = this.transport;
    if (!(ice instanceof IceLite)) throw new Error('the transport sends checks itself');
    return ice;
  }
  addRemote(_handle: number, address: RemoteAddress): void {
    this.remotes.add(addressKey(address));
  }
  removeRemote(address: RemoteAddress): void {
    this.remotes.delete(addressKey(address));
  }
  setDestination(_handle: number, address: RemoteAddress): void {
    this.destination = addressKey(address);
    this.log.push(`to ${this.destination}`);
  }
  setSrtpKeys(_handle: number, keys: SrtpKeys): void {
    this.keys = keys;
    this.log.push('keys');
  }
  openDtls(): DtlsSession {
    this.log.push('open dtls');
    return this.session;
  }
  wake(_transport: Transport, atUs: number): void {
    this.timeoutUs = Math.min(this.timeoutUs, atUs);
  }
  connected(): void {
    this.log.push('connected');
    this.onConnected?.();
  }
  closed(_transport: Transport, reason: string): void {
    this.log.push(`closed ${reason}`);
  }

  /** Lets `ms` pass, calling `handleTimeout` exactly when it is due. */
  advance(ms: number): void {
    const untilUs = this.nowUs + ms * 1000;
    let calls = 0;
    while (this.timeoutUs <= untilUs) {
      if (++calls > 10_000) throw new Error('the transport asks for time-outs without end');
      this.nowUs = Math.max(this.nowUs, this.timeoutUs);
      this.transport.handleTimeout(this.nowUs, this.out);
      this.timeoutUs = this.transport.nextTimeoutUs();
    }
    this.nowUs = untilUs;
  }

  check(address: RemoteAddress = HOME, options: CheckOptions = {}): boolean {
    return this.stun(bindingRequest(options), address);
  }
  stun(bytes: Uint8Array, address: RemoteAddress = HOME): boolean {
    return this.transport.handleStun(this.nowUs, bytes, 0, bytes.length, address, this.out);
  }
  dtls(text: string, address: RemoteAddress = HOME): boolean {
    // Within a larger array, as datagrams lie in the packet store.
    const bytes = encode(`??${text}??`);
    return this.transport.handleDtls(this.nowUs, bytes, 2, bytes.length - 4, address, this.out);
  }
  rtcp(bytes: Uint8Array): boolean {
    return this.transport.handleRtcp(this.nowUs, bytes, 0, bytes.length, this.out);
  }
  /** ICE and DTLS done, and what was sent for it forgotten. */
  connect(): this {
    this.check(HOME, { useCandidate: true });
    this.dtls('hello');
    this.dtls('finished');
    this.out.clear();
    return this;
  }
  publish(source: NegotiatedSource = CAMERA): IngressStream {
    const stream = new IngressStream(source.ssrc ?? 0, source);
    this.transport.addIngressStream(stream);
    return stream;
  }

  /** What was sent since the last call. */
  sent(): Sent[] {
    const { words, side } = this.out;
    const list: Sent[] = [];
    for (let i = 0; i < this.out.count; i++) {
      const at = i * EGRESS_WORDS;
      const kind = words[at] as number;
      const offset = words[at + 9] as number;
      const bytes = side.slice(offset, offset + (words[at + 10] as number));
      list.push({ kind: KINDS[kind - 1] ?? 'rtp', bytes, to: kind === 4 ? destinationOf(words, at) : undefined });
    }
    this.out.clear();
    return list;
  }
  sentTexts(): string[] {
    return this.sent().map(({ bytes }) => new TextDecoder().decode(bytes));
  }
  sentRtcp(): Uint8Array[] {
    return this.sent().flatMap(({ kind, bytes }) => (kind === EGRESS_RTCP ? [bytes] : []));
  }
  sentStun(): { message: StunMessage; to: string }[] {
    return this.sent().flatMap(({ kind, bytes, to }) => {
      const message = kind === 'stun' ? parseStun(bytes, 0, bytes.length) : undefined;
      return message === undefined || to === undefined ? [] : [{ message, to }];
    });
  }
}

const EGRESS_RTCP = 'rtcp';
const KINDS = ['rtp', EGRESS_RTCP, 'dtls', 'stun'] as const;

function destinationOf(words: Uint32Array, at: number): string {
  const head = words[at + 2] as number;
  const bytes = new Uint8Array(words.buffer, (at + 12) * 4, head >>> 16 === 6 ? 16 : 4);
  return addressKey({ family: head >>> 16 === 6 ? 6 : 4, port: head & 0xffff, bytes });
}

export interface CheckOptions {
  readonly username?: string;
  readonly password?: string | undefined;
  readonly useCandidate?: boolean;
  readonly role?: 'controlling' | 'controlled' | 'none';
  readonly unknownAttribute?: number;
  readonly fingerprint?: boolean;
  readonly type?: number;
  /** Type preference; default that of a peer-reflexive candidate over UDP. */
  readonly preference?: number;
}

let transaction = 0;

/**
 * A connectivity check as a browser sends it, unless `options` spoil it. `password: undefined` leaves integrity out.
 */
export function bindingRequest(options: CheckOptions = {}): Uint8Array {
  const bytes = new Uint8Array(512);
  const id = new Uint8Array(12);
  new DataView(id.buffer).setUint32(8, ++transaction);
  const writer = new StunWriter();
  writer.begin(bytes, 0, options.type ?? BINDING_REQUEST, id);
  writer.attribute(StunAttribute.username, encode(options.username ?? 'ours:peer'));
  writer.attribute(StunAttribute.priority, new Uint8Array([options.preference ?? 110, 0, 1, 255]));
  const role = options.role ?? 'controlling';
  if (role === 'controlling') writer.attribute(StunAttribute.iceControlling, new Uint8Array(8));
  if (role === 'controlled') writer.attribute(StunAttribute.iceControlled, new Uint8Array(8));
  if (options.useCandidate === true) writer.attribute(StunAttribute.useCandidate, new Uint8Array(0));
  if (options.unknownAttribute !== undefined) writer.attribute(options.unknownAttribute, new Uint8Array(4));
  const password = 'password' in options ? options.password : NEGOTIATED.localPassword;
  if (password !== undefined) writer.messageIntegrity(password);
  if (options.fingerprint !== false) writer.fingerprint();
  return bytes.slice(0, Math.max(STUN_HEADER_BYTES, writer.end()));
}

/** A slot as RTCP sees it. `send` makes packets of 100 bytes; the RTP clock follows virtual time from 5000 on. */
export class FakeEgressStream implements EgressStream {
  readonly ssrc: number;
  readonly rtxSsrc: number | undefined;
  readonly clockRateHz = 90_000;
  shedRank = 0;
  packetsSent = 0;
  payloadBytesSent = 0;
  readonly calls: string[] = [];
  readonly #rtx: RtxStream | undefined;

  constructor(ssrc: number, rtxSsrc?: number) {
    this.ssrc = ssrc;
    this.rtxSsrc = rtxSsrc;
    this.#rtx = rtxSsrc === undefined ? undefined : new RtxStream(rtxSsrc);
  }
  handlePacerDrop(): void {
    this.calls.push('pacer drop');
  }
  writePadding(nowUs: number, out: EgressPlan): number {
    if (this.#rtx === undefined) return 0;
    return writePadding(out, 1, this.#rtx, 97, this.timestampAt(nowUs) ?? 0, 3);
  }
  send(packets: number): void {
    this.packetsSent += packets;
    this.payloadBytesSent += packets * 100;
  }
  timestampAt(nowUs: number): number | undefined {
    if (this.packetsSent === 0) return undefined;
    return (5000 + ((nowUs - START_US) * 90) / 1000) >>> 0;
  }
  handleNack(_nowUs: number, packetId: number, bitmask: number): void {
    this.calls.push(`nack ${packetId} ${bitmask}`);
  }
  handleKeyframeRequest(): void {
    this.calls.push('keyframe');
  }
  handleReceiverReport(_nowUs: number, fractionLost: number, cumulativeLost: number, jitter: number): void {
    this.calls.push(`report ${fractionLost} ${cumulativeLost} ${jitter}`);
  }
}

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
