/** Finds the ids in a `text/event-stream`, in whatever pieces it comes. An id counts once its block is whole. */
export class IdReader {
  private readonly decoder = new TextDecoder();
  private left = '';

  constructor(private readonly note: (id: string) => void) {}

  take(bytes: Uint8Array): void {
    const text = this.left + this.decoder.decode(bytes, { stream: true });
    const end = text.lastIndexOf('\n\n');
    this.left = text.slice(end + 1);
    if (end < 0) return;
    const last = [...text.slice(0, end).matchAll(/^id: (.*)$/gm)].at(-1)?.[1];
    if (last !== undefined) this.note(last);
  }
}
