/** Where packets go, for all who send media: the plan, the gate in front of it, and the store. */
import type { EgressGate } from '../egress/egress-gate.ts';
import type { EgressPlan } from '../egress/egress-plan.ts';
import type { StoredPackets } from '../egress/stored-packets.ts';

/** The packet path implements it. */
export interface PlanRoom {
  readonly plan: EgressPlan;
  readonly gate: EgressGate;
  readonly stored: StoredPackets;
  /** Time of the present call. */
  readonly nowUs: number;
  /** Afterwards `records` more records with `sideBytes` more side bytes fit. */
  makeRoom(records: number, sideBytes: number): void;
}
