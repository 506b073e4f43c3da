export interface ImageFilter {
  registry?: string | undefined;
  repository?: string | undefined;
  tag?: string | undefined;
  digest?: string | undefined;
  /** Only tags that are versions before this one. */
  below?: string | undefined;
  /** A part of the reference. */
  q?: string | undefined;
}
