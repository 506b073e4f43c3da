/** Values that were asked for lately, up to a weight: those that were not asked for the longest go first. */
export class Recent<Value> {
  private readonly known = new Map<string, { value: Value; weight: number }>();
  private weight = 0;

  constructor(private readonly most: number) {}

  get(key: string): Value | undefined {
    const found = this.known.get(key);
    if (found === undefined) return undefined;
    this.known.delete(key);
    this.known.set(key, found);
    return found.value;
  }

  set(key: string, value: Value, weight: number): void {
    this.delete(key);
    this.known.set(key, { value, weight });
    this.weight += weight;
    for (const oldest of this.known.keys()) {
      if (this.weight <= this.most) break;
      this.delete(oldest);
    }
  }

  private delete(key: string): void {
    this.weight -= this.known.get(key)?.weight ?? 0;
    this.known.delete(key);
  }
}
