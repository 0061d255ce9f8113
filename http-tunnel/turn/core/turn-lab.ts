/** A TURN server without sockets, and clients who write requests by hand. For tests. */
import { createHash } from 'node:crypto';
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';
import { readUint16, writeUint16 } from '../../../mmr/media/rtp/bytes.ts';
import { verifyIntegrity, verifyIntegritySha256 } from '../../../mmr/media/stun/stun-integrity.ts';
import { parseStun, StunAttribute, type StunMessage } from '../../../mmr/media/stun/stun-message.ts';
import { StunWriter } from '../../../mmr/media/stun/stun-writer.ts';
import type { Family, FiveTuple, Relay } from './allocation.ts';
import type { TurnLimits } from './allocations.ts';
import { AllowedPeers } from './allowed-peers.ts';
import { Credentials, turnPassword } from './credentials.ts';
import { transportAddress } from './ip-address.ts';
import type { TurnOut } from './turn-out.ts';
import { attributeValue, TurnAttribute, TurnMethod, textOf } from './turn-protocol.ts';
import { TurnServer, type TurnServerOptions } from './turn-server.ts';

export const REALM = 'zone.example';
export const SECRET = 'a secret of the zone';
export const ROUTER = '198.51.100.7';
export const ROUTER_IPV6 = '2001:db8::7';
export const ROUTER_PORT = 8801;
/** Unix seconds at the start of a test. */
export const START_SECONDS = 1_800_000_000;
export const USERNAME = `${START_SECONDS + 3600}:ann`;

export const LAB_LIMITS: TurnLimits = {
  allocations: 20,
  allocationsPerUser: 3,
  allocationsPerAddress: 10,
  peers: 8,
  channels: 8,
  bytesPerSecond: Number.POSITIVE_INFINITY,
};

export type LabClient = FiveTuple;
export type LabRelay = Relay<LabClient>;

export interface SentToPeer {
  readonly relay: LabRelay;
  readonly bytes: Uint8Array;
  readonly address: string;
  readonly port: number;
}

export class TurnLab implements TurnOut<LabClient> {
  readonly peers = new AllowedPeers();
  readonly credentials = new Credentials(REALM, () => this.unixSeconds);
  readonly server: TurnServer<LabClient>;
  unixSeconds = START_SECONDS;
  nowMs = 5000;
  readonly answers: { readonly client: LabClient; readonly bytes: Uint8Array }[] = [];
  readonly toClients: { readonly client: LabClient; readonly channel: number; readonly bytes: Uint8Array }[] = [];
  readonly indications: { readonly client: LabClient; readonly bytes: Uint8Array }[] = [];
  readonly toPeers: SentToPeer[] = [];
  readonly opening: { readonly relay: LabRelay; readonly evenPort: boolean }[] = [];
  readonly closed: LabRelay[] = [];
  #random = 0;
  #ports = 50_000;

  constructor(changes: Partial<TurnServerOptions> = {}) {
    this.credentials.replaceSecrets([SECRET]);
    this.peers.replace([
      { address: ROUTER, port: ROUTER_PORT },
      { address: ROUTER, port: ROUTER_PORT + 1 },
      { address: ROUTER_IPV6, port: ROUTER_PORT },
    ]);
    const options: TurnServerOptions = {
      credentials: this.credentials,
      peers: this.peers,
      families: new Set<Family>([4, 6]),
      limits: LAB_LIMITS,
      requestsPerSecond: 1000,
      requestBurst: 1000,
      random: (size) => new Uint8Array(size).fill(++this.#random),
      ...changes,
    };
    this.server = new TurnServer(options, this);
  }

  answer(client: LabClient, bytes: Uint8Array): void {
    this.answers.push({ client, bytes });
  }

  dataIndication(client: LabClient, bytes: Uint8Array): void {
    this.indications.push({ client, bytes });
  }

  channelData(client: LabClient, channel: number, bytes: Uint8Array, offset: number, size: number): void {
    this.toClients.push({ client, channel, bytes: bytes.slice(offset, offset + size) });
  }

  toPeer(relay: LabRelay, bytes: Uint8Array, offset: number, size: number, address: string, port: number): void {
    this.toPeers.push({ relay, bytes: bytes.slice(offset, offset + size), address, port });
  }

  openRelay(relay: LabRelay, evenPort: boolean): void {
    this.opening.push({ relay, evenPort });
  }

  closeRelay(relay: LabRelay): void {
    this.closed.push(relay);
  }

  /** Sockets for all relays that are wanted; `fails` says which ones cannot be had. */
  openAll(fails: (relay: LabRelay) => boolean = () => false): void {
    for (const { relay } of this.opening.splice(0)) {
      if (fails(relay)) this.server.handleRelayFailed(this.nowMs, relay);
      else {
        const address = relay.family === 4 ? '203.0.113.1' : '2001:db8:1::1';
        this.server.handleRelayOpened(this.nowMs, relay, address, this.#ports++);
      }
    }
  }

  send(client: LabClient, bytes: Uint8Array): void {
    this.server.handleClient(this.nowMs, client, bytes, 0, bytes.length);
  }

  /** Data from the router to a relay. */
  fromPeer(relay: LabRelay, bytes: Uint8Array, port = ROUTER_PORT, address?: string): void {
    const from = address ?? (relay.family === 4 ? ROUTER : ROUTER_IPV6);
    this.server.handlePeer(this.nowMs, relay, from, port, bytes);
  }
}

let clients = 0;
export function labClient(changes: Partial<LabClient> = {}): LabClient {
  return { key: `client ${++clients}`, transport: 'udp', address: '192.0.2.33', port: 40_000, ...changes };
}

/** Attributes of a request, in the order that they are written in. */
export type Write = (writer: StunWriter) => void;

const UDP = Uint8Array.of(17, 0, 0, 0);
export const requestedTransport: Write = (writer) => writer.attribute(TurnAttribute.requestedTransport, UDP);

export function lifetime(seconds: number): Write {
  return (writer) => {
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, seconds);
    writer.attribute(TurnAttribute.lifetime, value);
  };
}

export function attribute(type: number, ...bytes: number[]): Write {
  return (writer) => writer.attribute(type, Uint8Array.from(bytes));
}

export function peer(address: string, port = ROUTER_PORT): Write {
  const found = transportAddress(address, port) as RemoteAddress;
  return peerBytes(found);
}

export function peerBytes(address: RemoteAddress): Write {
  return (writer) => writer.xorAddress(TurnAttribute.xorPeerAddress, address);
}

export function channelNumber(number: number): Write {
  return (writer) => writer.attribute(TurnAttribute.channelNumber, Uint8Array.of(number >>> 8, number & 255, 0, 0));
}

export function data(bytes: Uint8Array): Write {
  return (writer) => writer.attribute(TurnAttribute.data, bytes);
}

let transactions = 0;

/** A message that proves nothing. `type`: method and class bits. */
export function plainMessage(
  type: number,
  writes: readonly Write[] = [],
  transactionId = newTransactionId(),
): Uint8Array {
  const bytes = new Uint8Array(4096);
  const writer = new StunWriter();
  writer.begin(bytes, 0, type, transactionId);
  for (const write of writes) write(writer);
  return bytes.slice(0, writer.end());
}

export function newTransactionId(): Uint8Array {
  const id = new Uint8Array(12);
  new DataView(id.buffer).setUint32(0, ++transactions);
  return id;
}

export function channelDataOf(channel: number, bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + bytes.length);
  writeUint16(frame, 0, channel);
  writeUint16(frame, 2, bytes.length);
  frame.set(bytes, 4);
  return frame;
}

/** What a request proves itself by. */
export interface LabProof {
  readonly username: string;
  readonly nonce: string;
  readonly key: Uint8Array;
  readonly algorithm: 'md5' | 'sha256';
}

/** A message with the attributes of long-term credentials at its end. */
export function signedMessage(
  type: number,
  writes: readonly Write[],
  { username, nonce, key, algorithm }: LabProof,
  transactionId = newTransactionId(),
): Uint8Array {
  const text = (kind: number, value: string) => (writer: StunWriter) =>
    writer.attribute(kind, new TextEncoder().encode(value));
  const isSha256 = algorithm === 'sha256';
  const algorithms = [
    attribute(StunAttribute.passwordAlgorithms, 0, 2, 0, 0, 0, 1, 0, 0),
    attribute(StunAttribute.passwordAlgorithm, 0, 2, 0, 0),
  ];
  const proof: Write[] = [
    text(StunAttribute.username, username),
    text(StunAttribute.realm, REALM),
    text(StunAttribute.nonce, nonce),
    ...(isSha256 ? algorithms : []),
    (writer) => (isSha256 ? writer.messageIntegritySha256(key) : writer.messageIntegrity(key)),
  ];
  return plainMessage(type, [...writes, ...proof], transactionId);
}

/** What was answered: the message, and the values tests ask for. */
export interface Answer {
  readonly message: StunMessage;
  /** 0 for success. */
  readonly code: number;
}

/** A client that knows how to prove itself. */
export class LabTurnClient {
  readonly lab: TurnLab;
  readonly tuple: LabClient;
  username: string;
  password: string;
  algorithm: 'md5' | 'sha256' = 'md5';
  nonce = '';

  constructor(lab: TurnLab, tuple: LabClient = labClient(), username = USERNAME, secret = SECRET) {
    this.lab = lab;
    this.tuple = tuple;
    this.username = username;
    this.password = turnPassword(secret, username);
  }

  get key(): Uint8Array {
    return createHash(this.algorithm).update(`${this.username}:${REALM}:${this.password}`).digest();
  }

  /** Gets a nonce, as every client begins. */
  challenge(): Answer {
    const answer = this.ask(plainMessage(TurnMethod.allocate, [requestedTransport]));
    this.nonce = textOf(answer.message, StunAttribute.nonce) ?? '';
    return answer;
  }

  signed(type: number, writes: readonly Write[], transactionId = newTransactionId()): Uint8Array {
    return signedMessage(type, writes, this, transactionId);
  }

  /** Sends a request and reads the answer that came at once. */
  ask(bytes: Uint8Array): Answer {
    const before = this.lab.answers.length;
    this.lab.send(this.tuple, bytes);
    const [answer, ...more] = this.lab.answers.slice(before);
    if (answer === undefined || more.length > 0) throw new Error(`${more.length + (answer ? 1 : 0)} answers, not one`);
    return readAnswer(answer.bytes);
  }

  request(type: number, writes: readonly Write[] = []): Answer {
    return this.ask(this.signed(type, writes));
  }

  /** Challenge, Allocate, sockets. */
  allocate(writes: readonly Write[] = [requestedTransport], transactionId = newTransactionId()): Answer {
    if (this.nonce === '') this.challenge();
    const before = this.lab.answers.length;
    this.lab.send(this.tuple, this.signed(TurnMethod.allocate, writes, transactionId));
    this.lab.openAll();
    return readAnswer((this.lab.answers[before] as { bytes: Uint8Array }).bytes);
  }

  permit(address = ROUTER): Answer {
    return this.request(TurnMethod.createPermission, [peer(address)]);
  }

  bind(channel: number, address = ROUTER, port = ROUTER_PORT): Answer {
    return this.request(TurnMethod.channelBind, [channelNumber(channel), peer(address, port)]);
  }

  sendIndication(bytes: Uint8Array, address = ROUTER, port = ROUTER_PORT): void {
    this.lab.send(this.tuple, plainMessage(TurnMethod.send | 0x10, [peer(address, port), data(bytes)]));
  }

  sendChannelData(channel: number, bytes: Uint8Array): void {
    this.lab.send(this.tuple, channelDataOf(channel, bytes));
  }

  get relays(): readonly LabRelay[] {
    return this.lab.server.allocations.find(this.lab.nowMs, this.tuple.key)?.relays ?? [];
  }

  proves({ message }: Answer): boolean {
    return (this.algorithm === 'sha256' ? verifyIntegritySha256 : verifyIntegrity)(message, this.key);
  }
}

export function readAnswer(bytes: Uint8Array): Answer {
  const message = parseStun(bytes, 0, bytes.length);
  if (message === undefined) throw new Error('the answer cannot be read');
  if (message.class !== 'success' && message.class !== 'error') throw new Error(`${message.class} is no answer`);
  return { message, code: message.errorCode ?? 0 };
}

export function lifetimeSeconds({ message }: Answer): number | undefined {
  const value = attributeValue(message, TurnAttribute.lifetime);
  return value === undefined ? undefined : readUint16(value, 2) + readUint16(value, 0) * 65536;
}
