/** Objects of the output of `git cat-file --batch`: `<oid> <type> <size>`, the bytes, a line break. */
export function* objectsOf(output: Buffer): Generator<{ oid: Buffer; content: Buffer }> {
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(0x0a, at);
    const size = Number(output.toString('latin1', output.lastIndexOf(0x20, end) + 1, end));
    yield { oid: output.subarray(at, at + 40), content: output.subarray(end + 1, end + 1 + size) };
    at = end + size + 2;
  }
}
