/** 2025-01-01; each commit is a minute later than the last. */
const BEGINNING = 1_735_689_600;

/** Writes the input of `git fast-import`, commit by commit. */
export class FastImport {
  private readonly parts: string[] = [];
  private marks = 0;

  /** Gives the commit's mark. `from` begins a branch at another commit. */
  commit(ref: string, message: string, files: ReadonlyMap<string, string>, from?: string): string {
    this.marks += 1;
    const mark = `:${this.marks}`;
    this.parts.push(`commit ${ref}\nmark ${mark}\ncommitter ${this.signature()}\n${data(`${message}\n`)}`);
    if (from !== undefined) this.parts.push(`from ${from}\n`);
    for (const [path, content] of files) this.parts.push(`M 100644 inline ${path}\n${data(content)}`);
    return mark;
  }

  tag(name: string, commit: string): void {
    this.parts.push(`tag ${name}\nfrom ${commit}\ntagger ${this.signature()}\n${data(`${name}\n`)}`);
  }

  finish(): string {
    return `${this.parts.join('')}done\n`;
  }

  private signature(): string {
    return `Alice Example <alice@example.com> ${BEGINNING + this.marks * 60} +0000`;
  }
}

/** All content is ASCII, so that its length is its bytes. */
const data = (content: string): string => `data ${content.length}\n${content}\n`;
