/**
 * The results of `work` for each item, in the items' order. So many items beyond the one that is taken are worked on
 * meanwhile, and none any more when this ends, however that is.
 */
export async function* ahead<Item, Result>(
  items: readonly Item[],
  count: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<{ item: Item; result: Result; isLast: boolean }> {
  const begun: Promise<Result>[] = [];
  const beginTo = (end: number) => {
    for (const item of items.slice(begun.length, end)) {
      const result = work(item);
      // It is awaited later, or never where an earlier one fails: without a handler its rejection would end the process.
      result.catch(() => undefined);
      begun.push(result);
    }
  };
  try {
    for (const [index, item] of items.entries()) {
      beginTo(index + 1 + count);
      const result = await (begun[index] as Promise<Result>);
      yield { item, result, isLast: index === items.length - 1 };
    }
  } finally {
    await Promise.allSettled(begun);
  }
}
