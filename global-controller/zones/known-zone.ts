/** What is known of a zone at a moment. */
import type { ZoneId } from '../../common/ids.ts';
import type { ZoneRecord } from './zone-record.ts';
import type { ToldStatus, ZoneStatus } from './zone-status.ts';

/**
 * - `new`: recorded, and has not had the time to speak yet.
 * - `well`: speaks.
 * - `silent`: has not spoken for 2 s. What is there goes on; nothing new goes there if it can go elsewhere.
 * - `lost`: has not spoken for 3 s, another zone says the same, and none says otherwise. Its people go elsewhere.
 */
export type ZoneStanding = 'new' | 'well' | 'silent' | 'lost';

/** A zone as every other zone knows it. */
export interface ZoneView {
  readonly zone: ZoneId;
  readonly record: ZoneRecord;
  readonly standing: ZoneStanding;
  /** Its last one, however old; undefined: it has never spoken. */
  readonly status: ToldStatus | undefined;
  /** Since it has spoken (or been recorded, if it never has). */
  readonly silentMs: number;
  /** Nobody new is to go there: an operator or the zone itself wants so. */
  readonly drained: boolean;
}

/** A zone as the directory of a global controller knows it. */
export interface KnownZone extends ZoneView {
  readonly status: ZoneStatus | undefined;
}
