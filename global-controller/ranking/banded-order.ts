/**
 * Orders by several measures of which small differences do not count. "Nearly the same" is not transitive, so it cannot be
 * a comparison; instead the best value and all that are within its noise make a band, the next best beyond begins another
 * one, and within a band the next measure decides. The order depends on the values alone, not on how they came.
 */

export interface Measure<Item, Name extends string> {
  readonly name: Name;
  /** Less is better; undefined (not known) comes last, as a band of its own. */
  readonly value: (item: Item) => number | undefined;
  /** The largest value that is as good as `best`; not less than `best`, and growing with it. */
  readonly asGoodAs: (best: number) => number;
}

export interface Ordered<Item, Name extends string> {
  readonly item: Item;
  /** What put it before the next one; undefined: nothing (they are alike, and in the order in which they were given). */
  readonly by: Name | undefined;
}

export function bandedOrder<Item, Name extends string>(
  items: readonly Item[],
  measures: readonly Measure<Item, Name>[],
): Ordered<Item, Name>[] {
  const [measure, ...rest] = measures;
  if (measure === undefined) return items.map((item) => ({ item, by: undefined }));
  const bands = bandsOf(items, measure).map((band) => bandedOrder(band, rest));
  return bands.flatMap((band, index) => (index === bands.length - 1 ? band : withLast(band, measure.name)));
}

function bandsOf<Item, Name extends string>(
  items: readonly Item[],
  { value, asGoodAs }: Measure<Item, Name>,
): Item[][] {
  const known = items.flatMap((item) => {
    const of = value(item);
    return of === undefined ? [] : [{ item, of }];
  });
  known.sort((a, b) => a.of - b.of);
  const bands: Item[][] = [];
  let limit = Number.NEGATIVE_INFINITY;
  for (const { item, of } of known) {
    if (of > limit) {
      bands.push([]);
      limit = asGoodAs(of);
    }
    bands.at(-1)?.push(item);
  }
  const unknown = items.filter((item) => value(item) === undefined);
  return unknown.length === 0 ? bands : [...bands, unknown];
}

function withLast<Item, Name extends string>(band: readonly Ordered<Item, Name>[], by: Name): Ordered<Item, Name>[] {
  return band.map((each, index) => (index === band.length - 1 ? { ...each, by } : each));
}
