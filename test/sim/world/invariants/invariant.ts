/** What all that is watched looks like. */
import type { StoredValue } from '../../../../bus/transport.ts';
import type { Policies } from '../../../../global-controller/policies/policies.ts';
import type { WorldSimulation } from '../world-simulation.ts';

export interface Invariant {
  /** Whatever the servers of the bus take. `value`: undefined when it is a deletion. */
  written?(bucket: string, key: string, value: unknown, stored: StoredValue): void;
  /** A daemon decides something by these policies. */
  decided?(daemon: string, policies: Policies): void;
  /** Several times a second. */
  check?(world: WorldSimulation): void;
  /** Faults have been over for CONVERGE_MS. */
  converged?(world: WorldSimulation): void;
}
