/** The load generator and its sinks (c/load.c) as the harness sees them. */
import { LineProgram } from './lines.ts';
import type { Place } from './place.ts';
import { raisePriority } from './threads.ts';
import type { Features, Traffic } from './workloads.ts';

/** What one measured interval gave. */
export interface LoadResult {
  /** CPU time of the watched thread. */
  readonly cpuUs: number;
  /** Packets that the publishers sent, frames that the kernel did not take, and packets that the sinks decrypted. */
  readonly sent: number;
  readonly notSent: number;
  readonly received: number;
  /** Missing sequence numbers, over all slots. */
  readonly gaps: number;
  readonly reordered: number;
  /** Packets that the sinks' own sockets threw away so far: the load, not the router, was too slow. */
  readonly sinkOverflows: number;
  /** Packets that did not decrypt or were never negotiated. */
  readonly refused: number;
  readonly rtcp: number;
  /** RTCP packets that participants with feedback sent, since they are there. */
  readonly rtcpSent: number;
  /** Packets that sinks asked for again, RTX packets that brought one, and RTX packets of padding. */
  readonly asked: number;
  readonly repaired: number;
  readonly padding: number;
  readonly wallMs: number;
  readonly loadCpuMs: number;
  readonly latencyUs: Percentiles;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface WatchedThread {
  readonly process: number;
  readonly thread: number;
}

/** The same sizes in every round and every run. */
const SEED = 20_260_101;

export class Load {
  readonly #program: LineProgram;
  readonly #connectedMs = new Map<number, number>();
  readonly #pictureMs = new Map<number, number>();
  #failed = 0;

  private constructor(program: LineProgram) {
    this.#program = program;
    program.onMessage((message) => this.#note(message));
  }

  /** Starts the program. `fingerprint`: SHA-256 of the certificate that all its participants use. */
  static async start(binary: string, place: Place): Promise<{ load: Load; fingerprint: Uint8Array }> {
    const program = new LineProgram(place.loadCommand([binary]));
    const ready = await program.next('its start', (message) => message.event === 'ready');
    raisePriority(program.pid, place.realtime);
    return { load: new Load(program), fingerprint: Buffer.from(String(ready.fingerprint), 'hex') };
  }

  /** Its participants will send to `port` on the router's side of `place`. Before the first join. */
  target(place: Place, port: number): void {
    this.#program.send(`target ${place.routerAddress} ${port} ${place.loadAddress}`);
  }

  /** What participants do that are added from now on. */
  features({ encodings, lossPerMille, feedbackMs }: Features): void {
    this.#program.send(`features ${encodings} ${lossPerMille} ${feedbackMs}`);
  }

  /** Wall-clock milliseconds at which each participant's handshake was done, and its first whole key frame there. */
  get connectedMs(): ReadonlyMap<number, number> {
    return this.#connectedMs;
  }
  get pictureMs(): ReadonlyMap<number, number> {
    return this.#pictureMs;
  }
  get failed(): number {
    return this.#failed;
  }

  join(participant: number, publishes: boolean, slots: number, username: string, password: string): void {
    this.#program.send(`join ${participant} ${publishes ? 1 : 0} ${slots} ${username} ${password}`);
  }

  /** A participant of a floor. */
  preset(participant: number, publishes: boolean, slots: number): void {
    this.#program.send(`preset ${participant} ${publishes ? 1 : 0} ${slots}`);
  }

  leave(participant: number): void {
    this.#program.send(`leave ${participant}`);
  }

  /** Resolves when `participants` of them have done their handshakes. */
  async connected(participants: number): Promise<void> {
    if (this.#connectedMs.size < participants) {
      await this.#program.next(
        `the handshake of ${participants} participants`,
        () => this.#connectedMs.size >= participants,
      );
    }
  }

  /** Starts the publishers. */
  traffic(traffic: Traffic, streams = 0): void {
    const { framesPerSecond, packetsPerFrame, minSizeBytes, maxSizeBytes } = traffic;
    this.#program.send(
      `traffic ${framesPerSecond} ${packetsPerFrame} ${minSizeBytes} ${maxSizeBytes} ${streams} ${SEED}`,
    );
  }

  /** Starts the publishers; resolves when `streams` slots have carried a packet. */
  async flowing(traffic: Traffic, streams: number): Promise<void> {
    const flowing = this.#program.next(`traffic on ${streams} slots`, (message) => message.event === 'flowing');
    this.traffic(traffic, streams);
    await flowing;
  }

  pause(): void {
    this.#program.send('pause');
  }

  /**
   * Quiet, then `seconds` of measured traffic, then quiet until each packet has reached its `receivers`, 3 s at most;
   * the publishers stand still after.
   */
  async measure(seconds: number, watched: WatchedThread, receivers: number): Promise<LoadResult> {
    const result = this.#program.next('the result', (message) => message.event === 'result', seconds * 1000 + 20_000);
    this.#program.send(`measure ${seconds} ${watched.process} ${watched.thread} ${receivers}`);
    return (await result) as unknown as LoadResult; // printed by report() in c/load.c with exactly these keys
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }

  #note(message: Record<string, unknown>): void {
    const participant = Number(message.participant);
    if (message.event === 'connected') {
      this.#connectedMs.set(participant, Number(message.atMs));
    } else if (message.event === 'picture') {
      this.#pictureMs.set(participant, Number(message.atMs));
    } else if (message.event === 'failed') {
      this.#failed++;
    }
  }
}
