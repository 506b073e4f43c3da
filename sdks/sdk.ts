/** A program that must be on the machine. It is there if it runs with these arguments. */
export interface Tool {
  name: string;
  args: readonly string[];
}

export const GO: Tool = { name: 'go', args: ['version'] };
export const JAVA: Tool = { name: 'java', args: ['-version'] };
export const JAVAC: Tool = { name: 'javac', args: ['-version'] };
export const MAVEN: Tool = { name: 'mvn', args: ['--version'] };
/** Some systems package these two modules apart from Python. */
export const PYTHON: Tool = { name: 'python3', args: ['-c', 'import ensurepip, venv'] };

/** A client that a generator makes from the contract. Each step works in `folder`, and throws if it fails. */
export interface Sdk {
  /** The generator and, where it knows several, the language: lower-case letters and hyphens. */
  name: string;
  /** Of the generator. */
  version: string;
  tools: readonly Tool[];
  generate(folder: string): Promise<unknown>;
  /** Has the language's own compiler accept all of the client, and the walk that uses it. */
  compile(folder: string): Promise<unknown>;
  /** Runs the walk against the service that `environment` names. */
  walk(folder: string, environment: Record<string, string>): Promise<unknown>;
}
