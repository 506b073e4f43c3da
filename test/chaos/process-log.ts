import type { PkgserverProcess } from '../support/process.js';

/** Lines of level error that faults of the network and of Postgres cause by design. */
const EXPECTED_ERRORS = [
  /ECONNRE(FUSED|SET)|EPIPE|socket hang up|Connection terminated|Client network socket disconnected/,
  /Can't reach database server|server closed the connection|Server has closed the connection|connection.*(closed|terminated|timed? ?out)/i,
  /[Tt]ransaction (already closed|has ended|not found|API error)|Unable to start a transaction|P2028|P1017|P1001/,
  /could not renew lock|Missing lock for job|stalled/,
];

/** Goes through what a process logs. */
export class ProcessLog {
  /** How much of its output has been looked at. */
  private read = 0;

  constructor(
    private readonly name: string,
    private readonly process: PkgserverProcess,
  ) {}

  /** The lines since the last call that no fault explains. */
  faults(): string[] {
    const output = this.process.output();
    const lines = output.slice(this.read).split('\n');
    // The last line may not be whole yet.
    this.read = output.length - (lines.pop() ?? '').length;
    return lines
      .filter((line) => {
        const grave = /"level":"(error|fatal)"/.test(line) || (line !== '' && !line.startsWith('{'));
        return grave && !EXPECTED_ERRORS.some((expected) => expected.test(line));
      })
      .map((line) => `${this.name}: ${line}`);
  }
}
