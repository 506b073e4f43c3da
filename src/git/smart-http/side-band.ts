import type { Packet } from './pkt-line.js';
import { printable, remoteError } from './pkt-line.js';
import { GitError } from '../port.js';

const [DATA, PROGRESS, FATAL] = [1, 2, 3];
const MAX_REMARKS = 16 * 1024;

/** Collects what the remote tells its user on band 2 (hooks write there), the last 16 KB of it. */
export class Remarks {
  #text = '';

  add(data: Buffer): void {
    this.#text = (this.#text + data.toString('utf8')).slice(-MAX_REMARKS);
  }

  get raw(): string {
    return this.#text;
  }

  get text(): string {
    return printable(this.#text);
  }
}

/** Takes the bands apart: yields the data of band 1, keeps band 2 as remarks, throws what comes on band 3. */
export async function* demultiplex(packets: AsyncIterable<Packet>, remarks: Remarks): AsyncGenerator<Buffer> {
  for await (const packet of packets) {
    if (packet.kind !== 'data') continue;
    const band = packet.data[0];
    const data = packet.data.subarray(1);
    if (band === DATA) yield data;
    else if (band === PROGRESS) remarks.add(data);
    else if (band === FATAL) throw remoteError(data.toString('utf8'));
    else throw new GitError('protocol', 'The remote sent a packet on a band that does not exist.');
  }
}
