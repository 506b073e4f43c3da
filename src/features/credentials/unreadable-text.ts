/** Text that is not what it has to be. `message` is for whoever gave it, says what to do, and repeats none of it. */
export class UnreadableText extends Error {
  override readonly name = 'UnreadableText';
}
