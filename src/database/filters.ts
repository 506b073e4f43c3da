/**
 * The filters of a list, each declared once: its name, the type of its value, and the condition that it makes. A query's
 * schema has exactly these (`listQuery`), and whatever is tried with every filter takes them from here.
 */
export type Filters<Condition> = Record<string, (value: never, seen: never) => Condition>;

/** What a caller may give: `FilterOf<typeof FILTERS>`. */
export type FilterOf<Table extends Filters<unknown>> = {
  [Name in keyof Table]?: Parameters<Table[Name]>[0] | undefined;
};

/**
 * The conditions of the filters that were given. A name that the table does not have is a fault, never passed over. `seen`:
 * what the caller may see, for a filter that looks at other rows than those of the list.
 */
export function conditionsOf<Condition>(filters: Filters<Condition>, given: object, seen?: unknown): Condition[] {
  return Object.entries(given).flatMap(([name, value]: [string, unknown]) => {
    const condition = filters[name];
    if (!condition) throw new Error(`The list has no filter "${name}"`);
    return value === undefined ? [] : [condition(value as never, seen as never)];
  });
}
