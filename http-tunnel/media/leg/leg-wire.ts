/** What the state machines of a leg want sent: the plan that `mmr/media` writes, carried out on the leg's own sockets. */
import { EGRESS_WORDS, EgressKind, EgressPlan } from '../../../mmr/media/egress/egress-plan.ts';
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';

export interface PlanTarget {
  /** To the address in use. */
  send(datagram: Uint8Array): void;
  sendTo(address: RemoteAddress, datagram: Uint8Array): void;
}

/** One plan for all legs of the process: it is flushed before the call that wrote it returns. */
export class LegWire {
  readonly plan = new EgressPlan();

  flush(target: PlanTarget): void {
    const { words, side, count } = this.plan;
    for (let at = 0; at < count * EGRESS_WORDS; at += EGRESS_WORDS) {
      const offset = words[at + 9] as number;
      // A copy: the socket may hold it longer than the plan.
      const datagram = side.slice(offset, offset + (words[at + 10] as number));
      if (words[at] === EgressKind.datagram) target.send(datagram);
      else if (words[at] === EgressKind.addressedDatagram) target.sendTo(readAddress(words, at), datagram);
    }
    this.plan.clear();
  }
}

function readAddress(words: Uint32Array, at: number): RemoteAddress {
  const word = words[at + 2] as number;
  const family = word >>> 16 === 4 ? 4 : 6;
  return { family, port: word & 0xffff, bytes: new Uint8Array(words.buffer, (at + 12) * 4, family === 4 ? 4 : 16) };
}
