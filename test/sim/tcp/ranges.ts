/** Ranges of bytes that have arrived ahead of their turn, in order and apart from each other. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** `ranges` and `added` together. */
export function addRange(ranges: readonly Range[], added: Range): Range[] {
  const apart = ranges.filter(({ start, end }) => end < added.start || start > added.end);
  const touching = ranges.filter((range) => !apart.includes(range));
  const start = Math.min(added.start, ...touching.map((range) => range.start));
  const end = Math.max(added.end, ...touching.map((range) => range.end));
  return [...apart, { start, end }].sort((a, b) => a.start - b.start);
}
