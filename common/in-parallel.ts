/** Does something with each of many, so many at a time. Rejects with what the first one throws; no other is begun then. */
export async function inParallel<Item>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let isOver = false;
  const run = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done && !isOver; next = iterator.next()) {
      try {
        await work(next.value);
      } catch (error) {
        isOver = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, run));
}
