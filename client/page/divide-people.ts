/** How people are divided among breakout rooms. Pure. */

/** Deals them out in turn, so that rooms differ by one person at most. For each room, who is to be in it. */
export function divideEvenly(people: readonly string[], rooms: number): string[][] {
  const divided: string[][] = Array.from({ length: rooms }, () => []);
  people.forEach((person, index) => {
    divided[index % rooms]?.push(person);
  });
  return divided;
}

/** In an order that says nothing. Fisher and Yates; `random` gives 0 to below 1. */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as Item, result[last] as Item]; // both are below its length
  }
  return result;
}
