/** Who is in the list of people, and in which order. Pure. */
import type { RosterEntry } from '../../proto/signalling.ts';
import type { MeetingRecord } from '../sdk/meeting-record.ts';

export interface ListedPeople {
  readonly people: readonly RosterEntry[];
  /** How many more match than are listed. */
  readonly more: number;
}

/** Rows past this are found by searching. */
const MOST_LISTED = 200;
const RANKS = { host: 0, cohost: 1, participant: 2 } as const;

/**
 * Raised hands first, in the order in which they were raised; then oneself, the host, co-hosts, and the others in the order
 * of their arrival.
 *
 * @param everybody Oneself too, in the order of arrival.
 * @param search Part of a name, whatever its case and accents; '' for all.
 */
export function listPeople(
  everybody: readonly RosterEntry[],
  record: MeetingRecord,
  self: string,
  search: string,
): ListedPeople {
  const wanted = plain(search.trim());
  const found = wanted === '' ? everybody : everybody.filter(({ name }) => plain(name).includes(wanted));
  const key = ({ participant }: RosterEntry): [number, number, number] => {
    const person = record.people.get(participant);
    const rank = participant === self ? -1 : RANKS[person?.role ?? 'participant'];
    return [person?.hand === undefined ? 1 : 0, person?.hand ?? 0, rank];
  };
  const keyed = found.map((entry) => ({ entry, key: key(entry) }));
  keyed.sort(({ key: a }, { key: b }) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  return {
    people: keyed.slice(0, MOST_LISTED).map(({ entry }) => entry),
    more: Math.max(0, keyed.length - MOST_LISTED),
  };
}

/** UAX 15: letters apart from their accents. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}
