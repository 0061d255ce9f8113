/** What makes a zone one of several. */
import type { KeyObject } from 'node:crypto';
import type { Transport } from '../../bus/transport.ts';
import type { GeoTable } from '../../global-controller/geo/geo-table.ts';

export interface WorldOptions {
  /** The zone's: what it says is signed with it. Ed25519; the same for all its controllers. */
  readonly privateKey: KeyObject;
  /** Of the global controllers, whose directory says which other keys hold. */
  readonly worldKey: KeyObject;
  /** Opens the way to the bus; called when the controller starts. */
  readonly transport: () => Transport;
  /** Where addresses are. */
  readonly geo?: GeoTable;
}
