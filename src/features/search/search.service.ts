import { Injectable } from '@nestjs/common';
import type { Visibility } from '../../access/grants.js';
import type { Part, Place } from '../../domain/list.js';
import type { RevisionFilter } from '../../revisions/package-revision.filter.js';
import type { FieldName } from '../../search/fields.js';
import { parseQuery } from '../../search/parse-query.js';
import { type Query, type Term, termsOf } from '../../search/query.js';
import type { Facet, HitRow } from './hit.sql.js';
import { valuesOfField } from './object-values.js';
import { asPathTerm } from './search.sql.js';
import { type FacetRow, SearchStore } from './search.store.js';

export interface SearchRequest {
  query: string;
  scope: RevisionFilter;
  facets: readonly Facet[];
}

/** A field that the query names, and the values of it that match. */
export interface Match {
  field: string;
  values: string[];
}

/** An object in one place, and what the query found in it. */
export interface Hit {
  row: HitRow;
  matches: Match[];
}

export interface Found {
  rows: Hit[];
  next: Place | null;
  facets: FacetRow[];
  complete: boolean;
}

/** Who names one of these says which revisions they mean. */
const CHOOSES_REVISIONS: readonly FieldName[] = ['latest', 'lifecycle', 'revision', 'workspace'];

/** Finds objects in package revisions. */
@Injectable()
export class SearchService {
  constructor(private readonly store: SearchStore) {}

  async search({ query: text, scope: given, facets }: SearchRequest, visible: Visibility, part: Part): Promise<Found> {
    const query = parseQuery(text);
    const search = { query, scope: scopeOf(given, query), visible };
    const { result, complete } = await this.store.together(async () => {
      const { rows, next } = await this.store.find(search, part);
      const hits = await this.withMatches(rows, query);
      return { rows: hits, next, facets: await this.store.facets(search, facets) };
    });
    return { ...result, complete };
  }

  private async withMatches(rows: readonly HitRow[], query: Query | null): Promise<Hit[]> {
    const terms = query === null ? [] : [...termsOf(query)].flatMap(({ term, wanted }) => (wanted ? [term] : []));
    const paths = terms.flatMap((term) => asPathTerm(term) ?? []);
    const sources = sourcesOf(terms);
    if (paths.length === 0) return rows.map((row) => ({ row, matches: matchesOf(row, sources, []) }));
    const objects = new Map(rows.map((row) => [objectKey(row), row]));
    const found = await this.store.shown([...objects.values()], paths);
    const shownOf = new Map(found.map(({ shown, ...object }) => [objectKey(object), shown]));
    return rows.map((row) => ({ row, matches: matchesOf(row, sources, shownOf.get(objectKey(row)) ?? []) }));
  }
}

/** The latest publications, unless somebody says which revisions they mean; drafts only where a state is named. */
function scopeOf(given: RevisionFilter, query: Query | null): RevisionFilter {
  const named = new Set(
    query === null ? [] : [...termsOf(query)].flatMap(({ term }) => ('name' in term.field ? [term.field.name] : [])),
  );
  const chooses = CHOOSES_REVISIONS.some(
    (name) => named.has(name) || given[name as keyof RevisionFilter] !== undefined,
  );
  if (!chooses) return { ...given, latest: true };
  const names = (['lifecycle', 'workspace'] as const).some((name) => named.has(name) || given[name] !== undefined);
  return names ? given : { ...given, lifecycle: ['published', 'deletionProposed'] };
}

const objectKey = ({ blobOid, position }: Pick<HitRow, 'blobOid' | 'position'>): string => `${blobOid}/${position}`;

/** Where the values come from that a term of the query has found. */
interface Source {
  field: string;
  valuesOf: (row: HitRow, shown: readonly string[][]) => string[];
}

/** One for each term, made once for all rows of a page. */
function sourcesOf(terms: readonly Term[]): Source[] {
  let paths = 0;
  return terms.map((term) => {
    const field = fieldText(term);
    if (asPathTerm(term) === null) return { field, valuesOf: (row) => valuesOfField(term, row) };
    const place = paths;
    paths += 1;
    return { field, valuesOf: (_, shown) => shown[place] ?? [] };
  });
}

/** One for each field, in the order of the query. */
function matchesOf(row: HitRow, sources: readonly Source[], shown: readonly string[][]): Match[] {
  const matches: Match[] = [];
  for (const { field, valuesOf } of sources) {
    const values = valuesOf(row, shown);
    if (values.length === 0) continue;
    const match = matches.find((other) => other.field === field);
    if (match === undefined) matches.push({ field, values: distinct(values) });
    else match.values = distinct([...match.values, ...values]);
  }
  return matches;
}

const distinct = (values: string[]): string[] => (values.length === 1 ? values : [...new Set(values)]);

/** As one may write it in a query. */
function fieldText({ field }: Term): string {
  if ('keys' in field) return `${field.keys.length === 1 ? '.' : ''}${field.keys.map(stepText).join('.')}`;
  return field.key === undefined ? field.name : `${field.name}.${stepText(field.key)}`;
}

const stepText = (key: string): string => (/^[\w/$@+~%-]+$/.test(key) ? key : JSON.stringify(key));
