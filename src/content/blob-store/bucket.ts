/** A store of objects by key. What fails in it is thrown as it comes. */
export interface Bucket {
  /** The URL of the bucket, for the log and for people; it holds no secret. */
  readonly place: string;
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Null where there is no such object. */
  get(key: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Also one that is gone already. */
  remove(key: string): Promise<void>;
  /** Asks whether the bucket is there and may be used. */
  probe(): Promise<void>;
  close(): void;
}
