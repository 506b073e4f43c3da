/** What the contract declares and no test of the suite has seen yet. The list only gets shorter. */
export const NOT_SEEN: readonly string[] = [];
