/** Names of trunks. A trunk joins two workers; within a zone the end that sorts first begins everything. Pure. */
import type { TrunkId } from '../../media/trunk/trunk-messages.ts';
import type { Seat } from './meeting-places.ts';

/** Within a zone the same at both ends. */
export function trunkIdOf(one: Seat, other: Seat): TrunkId {
  const [first, second] = isFirst(one, other) ? [one, other] : [other, one];
  return `${first.router}/${first.worker}-${second.router}/${second.worker}` as TrunkId; // made nowhere else
}

export function isFirst(one: Seat, other: Seat): boolean {
  return one.router === other.router ? one.worker < other.worker : one.router < other.router;
}
