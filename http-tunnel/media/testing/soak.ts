/** Test support: people by all carriers on networks that stall, break and let less through, for as long as one likes. */
import { setTimeout as pause } from 'node:timers/promises';
import { CARRIER_KINDS, type CarrierKind } from '../../../client/tunnel/carriers/session-carrier.ts';
import { HostileNetwork } from '../../../client/tunnel/carriers/testing/hostile-network.ts';
import { TunnelSession } from '../../../client/tunnel/carriers/tunnel-session.ts';
import { TunnelSocket } from '../../../client/tunnel/carriers/tunnel-socket.ts';
import { Legs } from '../../../client/tunnel/leg.ts';
import { CARRIER_SILENCE_MS, SESSION_OUTLIVES_MS, TUNNEL_PAYLOAD_TYPES, TunnelChannel } from '../../../proto/tunnel.ts';
import { Random } from '../../../test/fuzz/random.ts';
import { liveBytes } from '../../testing/live-bytes.ts';
import type { SessionEnd } from '../media-counters.ts';
import { TunnelLab } from './tunnel-lab.ts';

export interface SoakOptions {
  readonly sessions: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface SoakReport {
  /** What happened how often. */
  readonly acts: Record<string, number>;
  readonly texts: number;
  readonly packets: number;
  readonly packetsDropped: number;
  readonly carriers: Record<CarrierKind, number>;
  readonly sessionsOpened: number;
  readonly sessionEnds: Readonly<Record<SessionEnd, number>>;
  /** Texts that came twice, not, or out of order; sessions that ended though nobody wanted it. */
  readonly faults: readonly string[];
  /** Of the process, after garbage was collected: a third of the time in, and at the end. */
  readonly heapBytes: { readonly early: number; readonly late: number };
  readonly mostQueuedBytes: number;
  /** When everybody has gone. */
  readonly left: { readonly sessions: number; readonly connections: number; readonly signalling: number };
}

const TICK_MS = 100;
const MEDIA_MS = 100;
/** Shorter than a session outlives its carrier, with room for a busy machine. */
const MOST_STALLED_MS = 2_500;
/** For a network to be whole again, so that a session is there for the next mishap. */
const RECOVERY_MS = 6_000;

/** One participant after the other at the same place. */
class Place {
  texts = 0;
  packets = 0;
  readonly acts: Record<string, number> = {};
  readonly faults: string[] = [];
  readonly #name: string;
  readonly #origin: string;
  readonly #random: Random;
  #network: HostileNetwork | undefined;
  #session: TunnelSession | undefined;
  #socket: TunnelSocket | undefined;
  #generation = 0;
  #said = 0;
  #heard = 0;
  #busyUntilMs = 0;

  constructor(name: string, origin: string, random: Random) {
    this.#name = name;
    this.#origin = origin;
    this.#random = random;
  }

  /** Something happens, or nothing. */
  async act(nowMs: number): Promise<void> {
    const [session, network, random] = [this.#session, this.#network, this.#random];
    if (session === undefined || network === undefined) return this.enter();
    if (session.state === 'closed') {
      this.faults.push(`${this.#name}: the session ended: ${session.reason}`);
      return this.#leave(network);
    }
    if (this.#socket?.readyState === WebSocket.OPEN) this.#say(random.chance(50) ? 100_000 : random.below(3_000));
    if (nowMs < this.#busyUntilMs || !random.chance(20)) return;
    this.#busyUntilMs = nowMs + RECOVERY_MS;
    const act = random.pick(['stall', 'stall', 'cut', 'change', 'change', 'leave', 'die'] as const);
    this.acts[act] = (this.acts[act] ?? 0) + 1;
    switch (act) {
      case 'stall':
        network.stall();
        setTimeout(() => network.proceed(), random.below(MOST_STALLED_MS));
        break;
      case 'cut':
        network.cut();
        break;
      case 'change':
        network.blocked = [session.kind];
        network.cut();
        break;
      case 'leave':
        session.close();
        // What says that it leaves is on its way.
        setTimeout(() => network.stop(), 1_000);
        this.#session = undefined;
        break;
      case 'die':
        this.#leave(network);
        break;
    }
  }

  async enter(): Promise<void> {
    const generation = ++this.#generation;
    [this.#said, this.#heard] = [0, -1];
    this.#network = await HostileNetwork.before(this.#origin);
    const first = this.#random.below(CARRIER_KINDS.length);
    const carriers = CARRIER_KINDS.map((_, i) => CARRIER_KINDS[(first + i) % CARRIER_KINDS.length] as CarrierKind);
    const ticket = `ticket-${this.#name}-${generation}`;
    const session = new TunnelSession({ url: this.#network.origin, ticket, carriers });
    const legs = new Legs(session);
    legs.take().onPacket = () => this.packets++;
    const socket = new TunnelSocket(session, legs);
    socket.addEventListener('message', (event) => this.#hear((event as MessageEvent<string>).data));
    [this.#session, this.#socket] = [session, socket];
  }

  /** Whether all that was said has been heard. */
  get isSettled(): boolean {
    return this.#session === undefined || this.#heard === this.#said;
  }

  get state(): string {
    return `${this.#name}: ${this.#session?.state} ${this.#session?.kind}, said ${this.#said}, heard ${this.#heard}`;
  }

  end(): void {
    this.#session?.close();
    const network = this.#network;
    setTimeout(() => network?.stop(), 1_000);
  }

  #leave(network: HostileNetwork): void {
    network.stop();
    this.#session?.close();
    this.#session = undefined;
  }

  #say(size: number): void {
    this.texts++;
    this.#socket?.send(`${++this.#said} ${'x'.repeat(size)}`);
  }

  /** The greeting is the first, then `echo 1 …`, `echo 2 …`. */
  #hear(text: string): void {
    const number = text.startsWith('for ') ? 0 : Number(/^echo (\d+) x*$/.exec(text)?.[1]);
    this.#heard++;
    if (number !== this.#heard) this.faults.push(`${this.#name}: ${number} in the place of ${this.#heard}`);
  }
}

/** Sound and a picture of 1.2 KB to everybody, each time. */
class Sender {
  #number = 0;

  send(lab: TunnelLab): void {
    this.#number++;
    const packets = [
      packet(TUNNEL_PAYLOAD_TYPES.opus, this.#number, 100),
      packet(TUNNEL_PAYLOAD_TYPES.VP8, this.#number, 1_200),
    ];
    for (const session of lab.media.sessions) {
      for (const each of packets) session.handlePacket(TunnelChannel.media, each, false);
    }
  }
}

/** Every picture is a key frame: what was dropped is not waited for. */
function packet(payloadType: number, number: number, payloadBytes: number): Buffer {
  const bytes = Buffer.alloc(12 + payloadBytes);
  bytes.writeUInt16BE(0x8000 | payloadType, 0);
  bytes.writeUInt16BE(number & 0xffff, 2);
  bytes.writeUInt32BE((number * 1_800) >>> 0, 4);
  bytes.writeUInt32BE(payloadType, 8);
  bytes[12] = 0x10;
  return bytes;
}

export async function soak({ sessions, seconds, seed }: SoakOptions): Promise<SoakReport> {
  let skippedMs = 0;
  const nowMs = () => performance.now() + skippedMs;
  const lab = await TunnelLab.start({ nowMs, limits: { sessionsPerAddress: 10 * sessions } });
  const random = new Random(seed);
  const places = Array.from(
    { length: sessions },
    (_, i) => new Place(`${i}`, lab.origin, new Random(random.below(2 ** 31))),
  );
  for (const place of places) await place.enter();
  const sender = new Sender();
  const media = setInterval(() => sender.send(lab), MEDIA_MS);
  let [early, mostQueuedBytes] = [0, 0];
  const startMs = performance.now();
  for (let passedMs = 0; passedMs < seconds * 1_000; passedMs = performance.now() - startMs) {
    if (early === 0 && passedMs > (seconds * 1_000) / 3) early = liveBytes();
    for (const place of places) await place.act(performance.now());
    mostQueuedBytes = Math.max(mostQueuedBytes, lab.media.load.queuedBytes);
    await pause(TICK_MS);
  }
  await settled(places);
  const late = liveBytes();
  clearInterval(media);
  for (const place of places) place.end();
  await pause(1_500);
  // Those who died without a word are given up in time.
  for (
    const endMs = skippedMs + CARRIER_SILENCE_MS + SESSION_OUTLIVES_MS + 5_000;
    skippedMs < endMs;
    skippedMs += 5_000
  ) {
    await pause(1_100);
  }
  const left = {
    sessions: lab.media.load.sessions,
    connections: await lab.connections(),
    signalling: lab.signallingSockets,
  };
  const { carriers, packetsDropped, sessionsOpened, sessionEnds } = lab.media.counters;
  await lab.stop();
  return {
    acts: sumOf(places.map(({ acts }) => acts)),
    texts: places.reduce((sum, { texts }) => sum + texts, 0),
    packets: places.reduce((sum, { packets }) => sum + packets, 0),
    packetsDropped: packetsDropped.audio + packetsDropped.video,
    carriers: { ...carriers },
    sessionsOpened,
    sessionEnds: { ...sessionEnds },
    faults: places.flatMap(({ faults }) => faults),
    heapBytes: { early, late },
    mostQueuedBytes,
    left,
  };
}

/** What was said while something was broken arrives as well. */
async function settled(places: readonly Place[]): Promise<void> {
  const endMs = performance.now() + SESSION_OUTLIVES_MS;
  while (!places.every(({ isSettled }) => isSettled)) {
    if (performance.now() > endMs) {
      for (const place of places) if (!place.isSettled) place.faults.push(`not settled: ${place.state}`);
      return;
    }
    await pause(TICK_MS);
  }
}

function sumOf(all: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const each of all) for (const [name, count] of Object.entries(each)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
