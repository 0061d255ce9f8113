/** Long lists in pieces: in the order of their keys, so that a page begins where the last one ended, whatever came or went. */

const DEFAULT_SIZE = 100;
const MAX_SIZE = 1_000;

export interface PageRequest {
  /** 0: the default. */
  readonly pageSize: number;
  /** Of the page before; empty: the first. */
  readonly pageToken: string;
}

export interface Page<Item> {
  readonly items: Item[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

export function pageOf<Item>(
  all: Iterable<Item>,
  keyOf: (item: Item) => string,
  { pageSize, pageToken }: PageRequest,
): Page<Item> {
  const size = Math.min(pageSize || DEFAULT_SIZE, MAX_SIZE);
  const rest = [...all].filter((item) => keyOf(item) > pageToken);
  rest.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const items = rest.slice(0, size);
  const last = items.at(-1);
  return { items, nextPageToken: last === undefined || rest.length <= size ? '' : keyOf(last) };
}
