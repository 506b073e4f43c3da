export function atMostEvery(milliseconds: number, signal: AbortSignal, work: () => unknown): () => void;
