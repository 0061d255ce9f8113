/** The whole media worker in the simulated world: packets come from wires and leave on them, its timer ticks on virtual time. */

import type { NegotiatedMedia } from '../../../mmr/media/negotiated.ts';
import { LAB_START_US, MediaWorkerLab } from '../../../mmr/media/packet-path-test-lab.ts';
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';
import { TICK_US } from '../../../mmr/media/timer-wheel.ts';
import { LabDtls } from '../../../mmr/media/trunk/trunk-test-dtls.ts';
import { IP_UDP_BYTES } from '../network/link-conditions.ts';
import type { World } from '../world.ts';
import type { FromRouter } from './participant.ts';

/** Authentication tags of AES-GCM; SRTCP has its index too (RFC 7714 section 9). */
export const SRTP_BYTES = 16;
export const SRTCP_BYTES = 20;

/** What goes over a trunk: to the other router's address, or said to it. */
export interface TrunkPort {
  sendPacket(to: RemoteAddress, bytes: Uint8Array, kind: number): void;
  sendMessage(trunk: string, message: unknown): void;
}

/** Who is in its meeting, and how packets get to him. */
export interface Admitted {
  readonly name: string;
  readonly media: NegotiatedMedia;
  readonly down: { send(packet: FromRouter, sizeBytes: number): void };
}

export class SimRouter {
  readonly lab: MediaWorkerLab;
  /** Undefined while it has no trunk. */
  trunkPort: TrunkPort | undefined;
  readonly #world: World;
  readonly #participants = new Map<string, Admitted>();

  constructor(world: World, options: { readonly participants: number; readonly storeSlots?: number }) {
    this.#world = world;
    this.lab = new MediaWorkerLab({
      maxParticipants: options.participants,
      storeSlots: options.storeSlots ?? 4096,
      remembers: false,
      openDtls: (role) => new LabDtls(role),
      onTrunkPacket: (to, bytes, kind) => this.trunkPort?.sendPacket(to, bytes, kind),
    });
    world.every(TICK_US, TICK_US, () => this.#tick());
  }

  /** Joins, with ICE and DTLS done in no time. */
  admit(participant: Admitted): void {
    this.#participants.set(participant.name, participant);
    this.#follow();
    const refusal = this.lab.join(participant.name, participant.media, 'm', { transportFeedback: true });
    if (refusal !== undefined) throw new Error(refusal);
    this.lab.connect(participant.name);
    this.#drain();
  }

  /** A datagram has arrived from `name`. */
  receive(name: string, bytes: Uint8Array): void {
    this.#follow();
    this.lab.receive(name, bytes);
    this.lab.run();
    this.#drain();
  }

  /** A datagram has arrived from another router. */
  receiveTrunk(from: RemoteAddress, bytes: Uint8Array): void {
    this.#follow();
    this.lab.receiveFrom(from, bytes);
    this.lab.run();
    this.#drain();
  }

  /** Something is done to its trunks. */
  command(action: (lab: MediaWorkerLab) => void): void {
    this.#follow();
    action(this.lab);
    this.lab.path.flush();
    this.lab.registry.settle(this.lab.nowUs);
    this.#drain();
  }

  #follow(): void {
    this.lab.nowUs = LAB_START_US + this.#world.nowUs;
  }

  #tick(): void {
    this.lab.nowUs = LAB_START_US + this.#world.nowUs - TICK_US;
    this.lab.advance(TICK_US / 1000);
    this.#drain();
  }

  #drain(): void {
    const { rtp, rtcp } = this.lab;
    const sentUs = this.#world.nowUs;
    for (const { to, bytes, header } of rtp) {
      this.#participants.get(to)?.down.send({ header, bytes, sentUs }, bytes.length + SRTP_BYTES + IP_UDP_BYTES);
    }
    for (const { to, bytes } of rtcp) {
      const packet = { header: undefined, bytes, sentUs };
      this.#participants.get(to)?.down.send(packet, bytes.length + SRTCP_BYTES + IP_UDP_BYTES);
    }
    rtp.length = 0;
    rtcp.length = 0;
    for (const { trunk, message } of this.lab.trunkMessages.splice(0)) this.trunkPort?.sendMessage(trunk, message);
  }
}
