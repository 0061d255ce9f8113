/**
 * A whole media worker on virtual time for tests: registry and packet path over an engine of plain arrays, and the people
 * who join it.
 */
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { INGRESS_CAPACITY } from './ingress-batch.ts';
import { type LeaveCause, MeetingRegistry, type Refusal } from './meeting-registry.ts';
import type {
  ConnectionQuality,
  EncodingDemand,
  NegotiatedMedia,
  NegotiatedTransport,
  SlotAssignment,
  SourceKind,
} from './negotiated.ts';
import { PacketPath } from './packet-path.ts';
import { type SentRtp, TestEngine, type TestEngineOptions } from './packet-path-test-engine.ts';
import type { RemoteAddress } from './remote-address.ts';
import { TICK_US } from './timer-wheel.ts';
import { bindingRequest, NEGOTIATED, v4 } from './transport/transport-test-lab.ts';
import { TrunkEnd } from './trunk/trunk-end.ts';
import type { TrunkId, TrunkMessage } from './trunk/trunk-messages.ts';
import type { TrunkReport } from './trunk/trunk-report.ts';

export const LAB_START_US = 1_000_000_000;

interface Datagram {
  readonly address: RemoteAddress;
  readonly bytes: Uint8Array;
}

export interface MediaWorkerLabOptions extends Omit<TestEngineOptions, 'isTrunk'> {
  readonly maxParticipants?: number;
}

export class MediaWorkerLab {
  readonly engine: TestEngine;
  readonly registry: MeetingRegistry;
  readonly path: PacketPath;
  /** What the worker reported, in order. */
  readonly events: string[] = [];
  /** Current slots by participant and mid, as reported. */
  readonly slots = new Map<string, string>();
  /** Slots of these that are suspended. */
  readonly suspended = new Set<string>();
  /** By participant/kind of the source: which of its encodings are wanted, as reported last. */
  readonly demands = new Map<string, readonly EncodingDemand[]>();
  readonly qualities = new Map<string, ConnectionQuality>();
  /** What is to be carried to other workers, oldest first. */
  readonly trunkMessages: { readonly trunk: TrunkId; readonly message: TrunkMessage }[] = [];
  readonly trunkReports = new Map<TrunkId, TrunkReport>();
  /** What was sent, oldest first. */
  readonly rtp: TestEngine['rtp'];
  readonly rtcp: TestEngine['rtcp'];
  nowUs = LAB_START_US;
  readonly #queue: Datagram[] = [];
  readonly #addresses = new Map<string, RemoteAddress>();

  constructor(options: MediaWorkerLabOptions = {}) {
    const isTrunk = (handle: number): boolean => this.registry.byHandle[handle] instanceof TrunkEnd;
    this.engine = new TestEngine({ ...options, isTrunk });
    this.rtp = this.engine.rtp;
    this.rtcp = this.engine.rtcp;
    this.registry = new MeetingRegistry(
      this.engine,
      {
        connected: (_meeting, participant) => this.events.push(`connected ${participant}`),
        left: (_meeting, participant, cause: LeaveCause) => this.events.push(`left ${participant} ${cause}`),
        connectionChanged: (_meeting, participant, ufrag, slots) => {
          this.events.push(`by ${ufrag} ${participant}`);
          this.#slotsChanged(participant, slots);
        },
        slotsChanged: (_meeting, participant, slots) => this.#slotsChanged(participant, slots),
        speakersChanged: (_meeting, speakers) => this.events.push(`speakers ${speakers.join(' ')}`),
        encodingsChanged: (_meeting, participant, source, encodings) =>
          this.demands.set(`${participant}/${source}`, encodings),
        qualityChanged: (_meeting, qualities) => {
          for (const quality of qualities) this.qualities.set(quality.participant, quality);
        },
        trunkMessage: (trunk, message) => this.trunkMessages.push({ trunk, message }),
        trunkReported: (trunk, report) => this.trunkReports.set(trunk, report),
      },
      options.maxParticipants ?? 1000,
    );
    this.path = new PacketPath(this.engine, this.registry);
  }

  join(
    name: string,
    media: NegotiatedMedia,
    meeting = 'm',
    transport: Partial<NegotiatedTransport> = {},
  ): Refusal | undefined {
    // Names stand for the ids that a zone-controller makes.
    const refusal = this.registry.join(
      this.nowUs,
      meeting as MeetingId,
      name as ParticipantId,
      { ...NEGOTIATED, localUfrag: `ufrag-${name}`, ...transport },
      media,
    );
    const member = this.registry.participants.get(name as ParticipantId);
    if (refusal === undefined && member !== undefined) this.engine.names.set(member.transport.handle, name);
    return refusal;
  }

  /** A second connection of somebody, that `by` stands for: sent from its address, as `ufrag-${by}`. */
  openConnection(name: string, by: string, media: NegotiatedMedia): Refusal | undefined {
    const id = name as ParticipantId;
    const transport = { ...NEGOTIATED, localUfrag: `ufrag-${by}` };
    const refusal = this.registry.openConnection(this.nowUs, id, transport, media, this.path);
    const member = this.registry.participants.get(id);
    if (refusal === undefined && member !== undefined) this.engine.names.set(member.transport.handle, by);
    return refusal;
  }

  settleConnection(name: string, isGivenUp = false): void {
    this.registry.settleConnection(name as ParticipantId, isGivenUp, this.path);
    this.path.flush();
    this.registry.settle(this.nowUs);
  }

  /** ICE and DTLS, through the packet path. `by`: what the newest connection of `name` is called. */
  connect(name: string, by = name): void {
    this.receive(by, bindingRequest({ username: `ufrag-${by}:peer`, useCandidate: true }));
    this.run();
    this.dtls(name, 'hello', by);
    this.dtls(name, 'finished', by);
    this.run();
  }

  /** Joins, connects, and lets the meeting assign slots for `settleMs`. */
  enter(name: string, media: NegotiatedMedia, meeting = 'm', settleMs = 50): void {
    const refusal = this.join(name, media, meeting);
    if (refusal !== undefined) throw new Error(refusal);
    this.connect(name);
    this.advance(settleMs);
  }

  leave(name: string): void {
    this.registry.leave(name as ParticipantId, this.path);
    this.path.flush();
    this.registry.settle(this.nowUs);
  }

  mute(name: string, kind: SourceKind, muted: boolean): void {
    this.registry.setMuted(this.nowUs, name as ParticipantId, kind, muted);
  }

  /** The DTLS of the lab is text, which the demultiplexer would not take for DTLS; so it goes to the transport. */
  dtls(name: string, text: string, by = name): void {
    const transport = (this.registry.byUfrag(`ufrag-${by}`) ?? this.registry.participants.get(name as ParticipantId))
      ?.transport;
    const bytes = new TextEncoder().encode(text);
    transport?.handleDtls(this.nowUs, bytes, 0, bytes.length, this.addressOf(by), this.engine.plan);
    this.path.flush();
    this.registry.settle(this.nowUs);
  }

  addressOf(name: string): RemoteAddress {
    let address = this.#addresses.get(name);
    if (address === undefined) {
      address = v4('192.0.2.1', 5000 + this.#addresses.size);
      this.#addresses.set(name, address);
    }
    return address;
  }

  /** Queues one datagram; `run` hands the queue over, in batches. */
  receive(name: string, bytes: Uint8Array): void {
    this.#queue.push({ address: this.addressOf(name), bytes });
  }

  /** The same from an address that no name stands for: another worker's. */
  receiveFrom(address: RemoteAddress, bytes: Uint8Array): void {
    this.#queue.push({ address, bytes });
  }

  run(): void {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, INGRESS_CAPACITY);
      for (const [i, { address, bytes }] of batch.entries()) this.engine.fillRecord(i, address, bytes, this.nowUs);
      this.path.handleBatch(batch.length, this.nowUs);
      this.registry.settle(this.nowUs);
    }
  }

  advance(ms: number): void {
    const endUs = this.nowUs + ms * 1000;
    while (this.nowUs < endUs) {
      this.nowUs = Math.min(endUs, this.nowUs + TICK_US);
      this.registry.handleTimeout(this.nowUs, this.path);
      this.path.flush();
      this.registry.settle(this.nowUs);
    }
  }

  /** RTP that went to `name`, oldest first, and forgets it. */
  takeRtp(name: string): SentRtp[] {
    const taken = this.rtp.filter(({ to }) => to === name);
    const rest = this.rtp.filter(({ to }) => to !== name);
    this.rtp.splice(0, this.rtp.length, ...rest);
    return taken;
  }

  /** Sum of the ways in which a packet that came in can end. */
  get accountedFor(): number {
    return this.path.consumed + this.path.forwarded + this.path.drops.reduce((sum, drops) => sum + drops, 0);
  }

  #slotsChanged(participant: string, slots: readonly SlotAssignment[]): void {
    for (const { mid, participant: source, kind, suspended } of slots) {
      this.slots.set(`${participant}/${mid}`, source === undefined ? '' : `${source}/${kind}`);
      if (suspended) this.suspended.add(`${participant}/${mid}`);
      else this.suspended.delete(`${participant}/${mid}`);
    }
  }
}
