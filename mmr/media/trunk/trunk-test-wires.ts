/** What is between the workers of a lab: packets and messages that take their time, and do not all arrive. */
import { EgressKind } from '../egress/egress-plan.ts';
import { readUint32 } from '../rtp/bytes.ts';
import { PADDING_SSRC } from './trunk-padding.ts';

/** One direction between two workers. */
export interface LabWire {
  readonly from: string;
  readonly to: string;
  delayMs: number;
  /** Nothing passes. */
  cut: boolean;
  /** Whether a packet of RTP is lost. */
  loses: (bytes: Uint8Array) => boolean;
  /** RTP packets that were sent, lost ones too but without padding; and their bytes. */
  packets: number;
  bytes: number;
}

interface Pending {
  readonly atUs: number;
  readonly deliver: () => void;
}

export class LabWires {
  readonly all: LabWire[] = [];
  #pending: Pending[] = [];

  /** Both directions. */
  lay(a: string, b: string, delayMs: number): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      this.all.push({ from, to, delayMs, cut: false, loses: () => false, packets: 0, bytes: 0 });
    }
  }

  get(from: string, to: string): LabWire {
    const wire = this.all.find((each) => each.from === from && each.to === to);
    if (wire === undefined) throw new Error(`no wire from ${from} to ${to}`);
    return wire;
  }

  /** `deliver` runs when the packet arrives, if it does; `kind` as the egress plan says it. */
  sendPacket(nowUs: number, wire: LabWire, bytes: Uint8Array, kind: number, deliver: () => void): void {
    if (kind === EgressKind.rtp && readUint32(bytes, 8) !== PADDING_SSRC) {
      wire.packets++;
      wire.bytes += bytes.length;
    }
    if (wire.cut || (kind === EgressKind.rtp && wire.loses(bytes))) return;
    this.later(nowUs, wire, deliver);
  }

  /** As long later as the wire takes, whether it is cut or not. */
  later(nowUs: number, { delayMs }: LabWire, deliver: () => void): void {
    this.#pending.push({ atUs: nowUs + delayMs * 1000, deliver });
  }

  /** Hands over what has arrived by now. */
  deliver(nowUs: number): void {
    const due = this.#pending.filter(({ atUs }) => atUs <= nowUs);
    this.#pending = this.#pending.filter(({ atUs }) => atUs > nowUs);
    for (const { deliver } of due) deliver();
  }
}
