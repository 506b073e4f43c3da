import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import { chosenRows } from '../../database/list.sql.js';
import type { Part, Place, Rows } from '../../domain/list.js';
import { type ImageReference, readImage, tagKey } from '../../krm/image-reference.js';
import type { ImageFilter } from './image.filter.js';
import { type ImageRow, ImageStore } from './image.store.js';

export type Image = ImageRow & ImageReference;

/** By name, and of one repository by version. */
interface Listed {
  image: string;
  reference: ImageReference;
  order: string;
}

const SORT = [{ key: 'order', type: 'text', order: 'ascending' }] as const;

/** Which images the latest publications name. */
@Injectable()
export class ImageService {
  constructor(private readonly store: ImageStore) {}

  async list(filter: ImageFilter, visible: Visibility, part: Part): Promise<Rows<Image>> {
    const matching = (await this.store.all()).flatMap((image) => listed(image, filter) ?? []);
    const way = part.sort?.startsWith('-') === true ? -1 : 1;
    matching.sort((left, right) => (left.order < right.order ? -way : way));
    const isBehind = ({ order }: Listed, [place = '']: Place): boolean => (way === 1 ? order > place : order < place);
    const counted = new Map<string, ImageRow>();
    const read = async ({ after, size }: Part) =>
      matching.filter((each) => after === undefined || isBehind(each, after)).slice(0, size + 1);
    const keep = async (rows: Listed[]) => {
      const images = rows.map(({ image }) => image);
      for (const row of await this.store.counts(images, visible)) counted.set(row.image, row);
      return rows.filter(({ image }) => counted.has(image));
    };
    const { rows, next } = await chosenRows<Listed>(SORT, part, read, keep);
    return { rows: rows.map(({ image, reference }) => ({ ...(counted.get(image) as ImageRow), ...reference })), next };
  }
}

function listed(image: string, filter: ImageFilter): Listed | null {
  const reference = readImage(image);
  if (reference === null || !matches(image, reference, filter)) return null;
  const { registry, repository, tag } = reference;
  const version = tag === null ? null : tagKey(tag);
  return { image, reference, order: `${registry}/${repository} ${version === null ? '~' : version} ${image}` };
}

function matches(image: string, reference: ImageReference, { below, q, ...parts }: ImageFilter): boolean {
  const named = Object.entries(parts).every(
    ([part, value]) => value === undefined || reference[part as keyof ImageReference] === value,
  );
  if (!named || (q !== undefined && !image.toLowerCase().includes(q.toLowerCase()))) return false;
  if (below === undefined) return true;
  const [own, bound] = [reference.tag, below].map((text) => (text === null ? null : tagKey(text)));
  return own != null && bound != null && own < bound;
}
