import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.js';

/** Milliseconds until a connection stands, and until an answer comes; the client asks again twice. */
const CONNECT_MS = 3_000;
const ANSWER_MS = 20_000;

/**
 * A bucket of S3, or of what speaks its protocol. Region, credentials and the endpoint of another server come from the
 * client's own variables (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL_S3` …) and files.
 */
export class S3Bucket implements Bucket {
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly prefix: string;

  /** `url`: `s3://bucket`, or `s3://bucket/prefix`. `isOwnEndpoint`: its server knows buckets by the path, not by a host. */
  constructor(
    readonly place: string,
    { isOwnEndpoint }: { isOwnEndpoint: boolean },
  ) {
    const { host, pathname } = new URL(place);
    this.bucket = host;
    this.prefix = pathname.replace(/^\/+|\/+$/g, '');
    this.client = new S3Client({
      forcePathStyle: isOwnEndpoint,
      // Not every server knows the newer checksums; the bytes are held against their Git OID in any case.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
    });
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await this.client.send(new PutObjectCommand({ ...this.at(key), Body: bytes, ContentLength: bytes.byteLength }));
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      const { Body } = await this.client.send(new GetObjectCommand(this.at(key)));
      if (Body === undefined) return null;
      return new Uint8Array(Buffer.concat(await (Body as Readable).toArray()));
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.at(key)));
  }

  async probe(): Promise<void> {
    await this.client.send(new HeadBucketCommand({ Bucket: this.bucket }));
  }

  close(): void {
    this.client.destroy();
  }

  private at(key: string) {
    return { Bucket: this.bucket, Key: this.prefix === '' ? key : `${this.prefix}/${key}` };
  }
}
