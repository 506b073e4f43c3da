import { type Packet, packetText } from './pkt-line.js';
import { GitError } from '../port.js';

/** What a service says of itself before any request: protocol 0, 1 (both with refs) or 2 (without). */
export interface Advertisement {
  version: 0 | 1 | 2;
  refs: Map<string, string>;
  /** Name → values: `agent` has one, `atomic` none; `symref` may come several times. */
  capabilities: Map<string, string[]>;
}

const LISTED_REF = /^([0-9a-f]{40}) ([^ ]+)/;
const MAX_REFS_BYTES = 256 * 1024 * 1024;

/** Reads the answer to `info/refs`. */
export async function readAdvertisement(packets: AsyncIterable<readonly Packet[]>): Promise<Advertisement> {
  const result: Advertisement = { version: 0, refs: new Map(), capabilities: new Map() };
  let capabilitiesSeen = false;
  for await (const lines of textLines(packets)) {
    for (const line of lines) {
      if (line.startsWith('# service=')) continue;
      if (line === 'version 1') result.version = 1;
      else if (line === 'version 2') result.version = 2;
      else if (result.version === 2) addCapability(result.capabilities, line);
      else {
        const [ref = '', capabilities] = line.split('\0');
        if (capabilities !== undefined && !capabilitiesSeen) {
          capabilitiesSeen = true;
          for (const capability of capabilities.split(' ')) addCapability(result.capabilities, capability);
        }
        addRef(result.refs, ref);
      }
    }
  }
  if (result.version !== 2 && !capabilitiesSeen) {
    throw new GitError('protocol', 'The remote does not answer as a Git server would.');
  }
  if (result.capabilities.get('object-format')?.some((format) => format !== 'sha1')) {
    throw new GitError('protocol', 'The repository uses SHA-256 object names, which are not supported.');
  }
  return result;
}

/** Refs by name, and the branch that `HEAD` names. */
export interface RefList {
  refs: Map<string, string>;
  head?: string;
}

/** The branch that a server of protocol 0 or 1 says `HEAD` is. */
export function headOf({ capabilities }: Advertisement): string | undefined {
  const symref = capabilities.get('symref')?.find((value) => value.startsWith('HEAD:'));
  return symref?.slice('HEAD:'.length);
}

/** Reads the answer to protocol 2's `ls-refs`. */
export async function readRefList(packets: AsyncIterable<readonly Packet[]>): Promise<RefList> {
  const refs = new Map<string, string>();
  let head: string | undefined;
  for await (const lines of textLines(packets)) {
    for (const line of lines) {
      const [, oid, ref] = LISTED_REF.exec(line) ?? [];
      // Refs that cannot be told must not look like refs that were deleted.
      if (oid === undefined || ref === undefined) {
        throw new GitError('protocol', 'The remote lists its refs in a way that is not known.');
      }
      refs.set(ref, oid);
      if (ref === 'HEAD') head = / symref-target:(\S+)/.exec(line)?.[1];
    }
  }
  return { refs, ...(head !== undefined && { head }) };
}

async function* textLines(packets: AsyncIterable<readonly Packet[]>): AsyncGenerator<string[]> {
  let bytes = 0;
  let last: Packet['kind'] | null = null;
  for await (const batch of packets) {
    const lines: string[] = [];
    for (const packet of batch) {
      last = packet.kind;
      if (packet.kind !== 'data') continue;
      bytes += packet.data.length;
      if (bytes > MAX_REFS_BYTES) throw new GitError('tooLarge', 'The remote lists more refs than can be taken in.');
      lines.push(packetText(packet.data));
    }
    yield lines;
  }
  // A list that was cut short must not look like refs that were deleted.
  if (last !== 'flush') throw new GitError('protocol', 'The remote ended its list of refs too early.');
}

/** `.have` and `capabilities^{}` are no refs; `^{}` marks what a tag leads to, which is read from the object instead. */
function addRef(refs: Map<string, string>, line: string): void {
  const match = /^([0-9a-f]{40}) (refs\/.+)$/s.exec(line);
  if (match?.[1] && match[2] && !match[2].endsWith('^{}')) refs.set(match[2], match[1]);
}

function addCapability(capabilities: Map<string, string[]>, text: string): void {
  if (text === '') return;
  const [name = '', ...rest] = text.split('=');
  const values = capabilities.get(name) ?? [];
  if (rest.length > 0) values.push(rest.join('='));
  capabilities.set(name, values);
}
