/**
 * The packet engine's typed facade: one UDP socket, the packet store, SRTP and the egress plan of one worker thread.
 * First and last station of every packet's way. It decides nothing: TypeScript says what is unprotected, and what
 * leaves from which stored packet to whom.
 */
import { DROP_REASON_COUNT } from '../media/drop-reason.ts';
import { EgressPlan } from '../media/egress/egress-plan.ts';
import { INGRESS_CAPACITY, IngressBatch, SLOT_BYTES } from '../media/ingress-batch.ts';
import type { RemoteAddress } from '../media/remote-address.ts';
import { asEngineError, EngineError } from './engine-error.ts';
import { type NativeEngine, native } from './native-addon.ts';
import { SRTP_PROFILES, type SrtpKeys } from './srtp-keys.ts';

export interface PacketEngineOptions {
  /**
   * IP literal to bind; '::' takes both families (only IPv4 where the kernel has no IPv6). Bound to all addresses, the
   * engine answers from the one that the peer's datagram came to.
   */
  readonly address: string;
  /** UDP port, 0 for any free one. */
  readonly port: number;
  /** Slots of the packet store, SLOT_BYTES each: 2 × INGRESS_CAPACITY to 2^22. */
  readonly storeSlots: number;
  /**
   * Called on this thread's own event loop with 1 to INGRESS_CAPACITY records in `ingress`, which are valid until it
   * returns. What it throws is an uncaught exception of the thread.
   */
  readonly onBatch: (count: number, nowUs: number) => void;
  /** Wished size of the socket's buffers; the kernel may grant less. Default 4 MiB. */
  readonly receiveBufferBytes?: number;
  readonly sendBufferBytes?: number;
}

const DEFAULT_SOCKET_BUFFER_BYTES = 4 << 20;
/** A batch must not overwrite the slots of the one that is being worked on. */
const MIN_STORE_SLOTS = 2 * INGRESS_CAPACITY;
/** 8 GiB. */
const MAX_STORE_SLOTS = 1 << 22;
/** SSRCs that a participant may use, for RTP and for RTCP each. */
const MAX_PARTICIPANT_STREAMS = 64;

export class PacketEngine {
  /** UDP port that is bound. */
  readonly port: number;
  /** storeSlots × SLOT_BYTES bytes: a ring that received datagrams fill, oldest first. */
  readonly store: Uint8Array;
  readonly ingress = new IngressBatch();
  readonly plan = new EgressPlan();
  /** Packets that the engine itself dropped, by DropReason, since it was opened. */
  readonly drops = new Float64Array(DROP_REASON_COUNT);
  readonly #generations: Uint32Array;
  readonly #engine: NativeEngine;

  /** Throws EngineError: an errno name such as EADDRINUSE, or ENGINE_ARGUMENT. */
  constructor(options: PacketEngineOptions) {
    const { storeSlots } = options;
    if (!Number.isInteger(storeSlots) || storeSlots < MIN_STORE_SLOTS || storeSlots > MAX_STORE_SLOTS) {
      throw new EngineError('ENGINE_ARGUMENT', `storeSlots is ${MIN_STORE_SLOTS} to ${MAX_STORE_SLOTS}`);
    }
    const store = new ArrayBuffer(storeSlots * SLOT_BYTES);
    this.store = new Uint8Array(store);
    this.#generations = new Uint32Array(storeSlots);
    this.#engine = asEngineError(() =>
      native.engineOpen({
        address: options.address,
        port: options.port,
        receiveBufferBytes: options.receiveBufferBytes ?? DEFAULT_SOCKET_BUFFER_BYTES,
        sendBufferBytes: options.sendBufferBytes ?? DEFAULT_SOCKET_BUFFER_BYTES,
        store,
        generations: this.#generations.buffer as ArrayBuffer, // made above, never shared
        ingress: this.ingress.words.buffer as ArrayBuffer, // IngressBatch made it from an ArrayBuffer
        planWords: this.plan.words.buffer as ArrayBuffer, // EgressPlan made both from an ArrayBuffer
        planSide: this.plan.side.buffer as ArrayBuffer,
        drops: this.drops.buffer as ArrayBuffer, // made above, never shared
        onBatch: options.onBatch,
      }),
    );
    this.port = native.enginePort(this.#engine);
  }

  /** Microseconds of CLOCK_MONOTONIC: the clock of every time in the media core. */
  nowUs(): number {
    return native.nowUs();
  }

  /** Generation of a store slot now; a reference to a stored packet is stale once it has changed. */
  generation(slot: number): number {
    return this.#generations[slot] as number;
  }

  /**
   * Carries out the unprotect requests (word 12) of ingress records 0 to count − 1: authenticates and decrypts in
   * place in the store, then writes words 13 to 15. A packet that fails leaves no trace in the SRTP state.
   */
  unprotect(count: number): void {
    native.engineUnprotect(this.#engine, count);
  }

  /**
   * Carries out and clears the plan; records of one destination leave in their order. Returns the number of packets
   * handed to the kernel; the others are counted in `drops`. Throws ENGINE_PLAN before anything was sent when a record
   * points outside its memory.
   */
  flush(): number {
    const plan = this.plan;
    const count = plan.count;
    plan.clear();
    return count === 0 ? 0 : native.engineFlush(this.#engine, count);
  }

  /** A new transport: a handle ≥ 1, small and dense, not given again before the next `flush` after its close. */
  openTransport(): number {
    return asEngineError(() => native.engineOpenTransport(this.#engine));
  }

  /** Forgets keys, destination and remotes; records that still name the handle are dropped as transportNotReady. */
  closeTransport(handle: number): void {
    asEngineError(() => native.engineCloseTransport(this.#engine, handle));
  }

  /** Datagrams from `address` are reported under `handle` from now on; an earlier owner of the address loses it. */
  addRemote(handle: number, address: RemoteAddress): void {
    asEngineError(() => native.engineAddRemote(this.#engine, handle, address.bytes, address.port));
  }

  removeRemote(address: RemoteAddress): void {
    asEngineError(() => native.engineRemoveRemote(this.#engine, address.bytes, address.port));
  }

  /** Where the transport's packets go (the selected pair's remote address). */
  setDestination(handle: number, address: RemoteAddress): void {
    asEngineError(() => native.engineSetDestination(this.#engine, handle, address.bytes, address.port));
  }

  /**
   * Sets or replaces the SRTP keys; ingress streams and their windows start anew. Packets of more than `maxStreams` SSRCs
   * (at most 16384) are dropped as srtpStreamCap, for RTP and for RTCP each.
   */
  setSrtpKeys(handle: number, keys: SrtpKeys, maxStreams = MAX_PARTICIPANT_STREAMS): void {
    const profile = SRTP_PROFILES.indexOf(keys.profile);
    asEngineError(() =>
      native.engineSetSrtpKeys(
        this.#engine,
        handle,
        profile,
        keys.ingressKey,
        keys.ingressSalt,
        keys.egressKey,
        keys.egressSalt,
        maxStreams,
      ),
    );
  }

  /** The peer does not use the SSRC any more: its place is free, and whatever comes of it is a new stream. */
  forgetStream(handle: number, ssrc: number): void {
    asEngineError(() => native.engineForgetStream(this.#engine, handle, ssrc));
  }

  /** Closes the socket; `onBatch` is not called again. May be called twice, and from within `onBatch`. */
  close(): void {
    native.engineClose(this.#engine);
  }
}
