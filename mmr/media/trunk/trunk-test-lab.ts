/**
 * Several media workers on virtual time with trunks between them: their packets take `delayMs`, their messages too, and
 * either can be cut. Each worker has its own participants, who publish and watch as in `AllocationLab`.
 */
import type { MeetingId, ParticipantId } from '../../../common/ids.ts';
import { AllocationLab, FRAME_MS } from '../allocation/meeting-allocation-test-lab.ts';
import type { MeetingParticipant } from '../meeting-participant.ts';
import { LAB_START_US, MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import { rtpPacket } from '../packet-path-test-rtp.ts';
import type { RemoteAddress } from '../remote-address.ts';
import { TICK_US } from '../timer-wheel.ts';
import { addressKey } from '../transport/remote-addresses.ts';
import { bindingRequest, v4 } from '../transport/transport-test-lab.ts';
import type { MeetingCascade } from './meeting-cascade.ts';
import type { TrunkEnd } from './trunk-end.ts';
import type { TrunkId, TrunkMessage } from './trunk-messages.ts';
import { LabDtls } from './trunk-test-dtls.ts';
import { type LabWire, LabWires } from './trunk-test-wires.ts';

export const MEETING = 'm' as MeetingId;
const CONSENT_US = 2_500_000;

/** One worker: its core, and those who are there. */
export class LabWorker extends AllocationLab {
  readonly name: string;
  readonly address: RemoteAddress;

  constructor(name: string, address: RemoteAddress, lab: MediaWorkerLab) {
    super(lab, 0);
    this.name = name;
    this.address = address;
  }

  get cascade(): MeetingCascade {
    const cascade = this.lab.registry.meetings.get(MEETING)?.cascade;
    if (cascade === undefined) throw new Error(`${this.name} has no links`);
    return cascade;
  }

  trunk(id: string): TrunkEnd {
    const trunk = this.lab.registry.trunks.trunks.get(id as TrunkId);
    if (trunk === undefined) throw new Error(`${this.name} has no trunk ${id}`);
    return trunk;
  }

  /** What `name` sees and hears, slot by slot. */
  slots(name: string): string {
    return this.participant(name)
      .slots.map(({ current }) => (current === undefined ? '-' : `${current.participant}/${current.kind}`))
      .join(' ');
  }
}

export class TrunkLab {
  readonly workers = new Map<string, LabWorker>();
  readonly wires = new LabWires();
  /** All messages so far, as `from → to type participant/kind`. */
  readonly messages: string[] = [];
  /** Streams of messages that are broken, by trunk id: what is said meanwhile is lost. */
  readonly brokenStreams = new Set<string>();
  /** Who sends audio at which level (−dBov), by worker and name. */
  readonly voices = new Map<string, number>();
  readonly #microphones = new Map<string, number>();
  nowUs = LAB_START_US;
  #ticks = 0;
  #audio = 0;
  #openings = 0;
  readonly #ends = new Map<string, { readonly opener: string; readonly other: string }>();

  worker(name: string): LabWorker {
    let worker = this.workers.get(name);
    if (worker === undefined) {
      const address = v4(`10.0.0.${this.workers.size + 1}`, 8801);
      const lab: MediaWorkerLab = new MediaWorkerLab({
        storeSlots: 16_384,
        remembers: true,
        openDtls: (role) => new LabDtls(role),
        onTrunkPacket: (to, bytes, kind) => this.#send(name, to, bytes, kind),
      });
      lab.nowUs = this.nowUs;
      worker = new LabWorker(name, address, lab);
      this.workers.set(name, worker);
    }
    return worker;
  }

  /** Opens a trunk between two workers, `opener` sending the checks; its id is `opener-other`. Time passes until it is up. */
  open(opener: string, other: string, delayMs = 5): string {
    const id = `${opener}-${other}`;
    this.#ends.set(id, { opener, other });
    for (const name of [opener, other]) this.worker(name);
    this.wires.lay(opener, other, delayMs);
    this.reopen(id);
    this.advance(500);
    return id;
  }

  /** Both ends anew, with their control stream. */
  reopen(id: string): void {
    const { opener, other } = this.#endsOf(id);
    const opening = `${id} ${++this.#openings}`;
    const fingerprint = [{ algorithm: 'sha-256' as const, value: new Uint8Array(32).fill(7) }];
    const password = `a password of ${opening} that is long`;
    const trunk = id as TrunkId;
    const { registry: otherRegistry, path: otherPath } = this.worker(other).lab;
    otherRegistry.trunks.open(
      this.nowUs,
      trunk,
      {
        localUfrag: `${opening}-other`,
        localPassword: password,
        remoteUfrag: `${opening}-opener`,
        remoteFingerprints: fingerprint,
      },
      otherPath,
    );
    const { registry, path } = this.worker(opener).lab;
    registry.trunks.open(
      this.nowUs,
      trunk,
      {
        localUfrag: `${opening}-opener`,
        localPassword: `${password} opener`,
        remoteUfrag: `${opening}-other`,
        remoteFingerprints: fingerprint,
        initiation: { remotePassword: password, addresses: [v4('10.9.9.9', 1), this.worker(other).address] },
      },
      path,
    );
    for (const name of [opener, other]) this.#settle(this.worker(name).lab);
    for (const name of [opener, other]) this.worker(name).lab.registry.trunks.setStream(trunk, true);
  }

  breakStream(id: string): void {
    this.brokenStreams.add(id);
    for (const name of Object.values(this.#endsOf(id)))
      this.worker(name).lab.registry.trunks.setStream(id as TrunkId, false);
  }

  restoreStream(id: string): void {
    this.brokenStreams.delete(id);
    for (const name of Object.values(this.#endsOf(id)))
      this.worker(name).lab.registry.trunks.setStream(id as TrunkId, true);
  }

  /** The meeting uses the trunk; `parent` is nearer to the root. */
  link(id: string, parent: string): void {
    for (const name of Object.values(this.#endsOf(id))) {
      const relation = name === parent ? 'child' : 'parent';
      this.worker(name).lab.registry.trunks.link(MEETING, id as TrunkId, relation);
    }
  }

  wire(from: string, to: string): LabWire {
    return this.wires.get(from, to);
  }

  cut(a: string, b: string, isCut = true): void {
    for (const wire of [this.wire(a, b), this.wire(b, a)]) wire.cut = isCut;
  }

  subscriber(worker: string, name: string, videoSlots = 1): MeetingParticipant {
    return this.worker(worker).subscriber(name, videoSlots);
  }

  publisher(worker: string, name: string): void {
    this.worker(worker).publisher(name);
  }

  /** With a microphone, a camera without simulcast, and slots; SSRCs from `ssrc` on. */
  person(worker: string, name: string, ssrc: number, slots = { audioSlots: 2, videoSlots: 2 }): void {
    this.worker(worker).lab.enter(name, labMedia({ ssrc, rtx: true, ...slots }), 'm', 0);
  }

  /** Whoever of the workers' participants sends: a frame of each camera each 40 ms, audio of `voices` each 20 ms. */
  advance(ms: number): void {
    const endUs = this.nowUs + ms * 1000;
    while (this.nowUs < endUs) {
      for (const worker of this.workers.values()) {
        if (this.#ticks % ((FRAME_MS * 1000) / TICK_US) === 0) worker.publish();
      }
      if (this.#ticks % (20_000 / TICK_US) === 0) this.#speak();
      if (this.#ticks % (CONSENT_US / TICK_US) === 0) this.#consent();
      this.#ticks++;
      this.nowUs += TICK_US;
      for (const { lab } of this.workers.values()) {
        lab.advance(TICK_US / 1000);
      }
      this.#carryMessages();
      this.wires.deliver(this.nowUs);
      for (const worker of this.workers.values()) worker.collect();
    }
  }

  /** Participants go on checking. */
  #consent(): void {
    for (const { lab } of this.workers.values()) {
      for (const name of lab.registry.participants.keys()) {
        lab.receive(name, bindingRequest({ username: `ufrag-${name}:peer`, useCandidate: true }));
      }
      lab.run();
    }
  }

  #speak(): void {
    this.#audio++;
    for (const [who, level] of this.voices) {
      const [worker = '', name = ''] = who.split('/');
      const { lab } = this.worker(worker);
      const source = lab.registry.participants.get(name as ParticipantId)?.sources.find(({ isAudio }) => isAudio);
      const ssrc = source?.encodings[0]?.stream?.ssrc ?? this.#microphones.get(who);
      if (source === undefined || ssrc === undefined) continue;
      // A voice has gaps between its words.
      const spoken = this.#audio % 25 === 0 ? 127 : level;
      const extensions = [{ id: 1, bytes: [0x80 | spoken] }];
      const sequenceNumber = this.#audio & 0xffff;
      const fields = { payloadType: 111, sequenceNumber, timestamp: this.#audio * 960, extensions, payload: [1, 2, 3] };
      lab.receive(name, rtpPacket({ ssrc, ...fields }));
      lab.run();
    }
  }

  /** `who` is `worker/name`, `ssrc` that of the microphone; `level` in −dBov. */
  voice(who: string, ssrc: number, level: number): void {
    this.#microphones.set(who, ssrc);
    this.voices.set(who, level);
  }

  #carryMessages(): void {
    for (const worker of this.workers.values()) {
      for (const { trunk, message } of worker.lab.trunkMessages.splice(0)) this.#carry(worker.name, trunk, message);
    }
  }

  #carry(from: string, trunk: TrunkId, message: TrunkMessage): void {
    const { opener, other } = this.#endsOf(trunk);
    const to = from === opener ? other : opener;
    const about = 'participant' in message ? ` ${message.participant}/${message.kind}` : '';
    this.messages.push(`${from} → ${to} ${message.type}${about}`);
    const copy: unknown = structuredClone(message);
    this.wires.later(this.nowUs, this.wire(from, to), () => {
      if (this.brokenStreams.has(trunk)) return;
      const { lab } = this.worker(to);
      lab.registry.trunks.handleMessage(lab.nowUs, trunk, copy, lab.path);
      this.#settle(lab);
    });
  }

  #send(from: string, to: RemoteAddress, bytes: Uint8Array, kind: number): void {
    const target = [...this.workers.values()].find(({ address }) => addressKey(address) === addressKey(to));
    if (target === undefined) return;
    const source = this.worker(from).address;
    this.wires.sendPacket(this.nowUs, this.wire(from, target.name), bytes, kind, () => {
      target.lab.receiveFrom(source, bytes);
      target.lab.run();
    });
  }

  #settle(lab: MediaWorkerLab): void {
    lab.path.flush();
    lab.registry.settle(lab.nowUs);
  }

  #endsOf(id: string): { readonly opener: string; readonly other: string } {
    const ends = this.#ends.get(id);
    if (ends === undefined) throw new Error(`no trunk ${id}`);
    return ends;
  }
}
