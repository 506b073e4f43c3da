import type { Event } from 'js-yaml';
import { AliasBudget, type OpenAnchor } from './alias-budget.js';
import { constructFromEvents, EVENT_ID, parseEvents, YAMLException } from './js-yaml.js';
import { Findings, kubectlSchema } from './kubectl-schema.js';
import { keyWarnings } from './key-warnings.js';
import { YamlLimitError, type YamlLimits } from './yaml-limits.js';

/** What a text holds, and what its author should know of it. */
export interface Documents {
  documents: unknown[];
  /** Sentences for users: keys given twice, and keys that kubectl reads otherwise. Few, however many there are. */
  warnings: string[];
}

const findings = new Findings();
const SCHEMA = kubectlSchema(findings);

/**
 * The documents of a text by js-yaml, as {@link kubectlSchema} says. Throws YamlLimitError beyond a limit, YAMLException
 * for what js-yaml does not take as YAML. The time grows with the length of the text, whatever is in it.
 */
export function strictDocuments(text: string, limits: YamlLimits): Documents {
  return constructDocuments(text, strictEvents(text, limits));
}

/** The documents of the events of a text. */
export function constructDocuments(text: string, events: Event[]): Documents {
  findings.hasOddKeys = false;
  // `json`: a key may come twice. The aliases were counted: merges need no limit of their own.
  const documents = constructFromEvents(events, { source: text, schema: SCHEMA, json: true, maxTotalMergeKeys: -1 });
  return { documents, warnings: findings.hasOddKeys ? keyWarnings(text, events) : [] };
}

/** The events of a text that is within the limits; it throws as {@link strictDocuments} does. */
export function strictEvents(text: string, limits: YamlLimits): Event[] {
  const events = eventsOf(text, limits);
  if (text.includes('*')) checkAliases(text, events, limits);
  return events;
}

function eventsOf(text: string, limits: YamlLimits): Event[] {
  try {
    // js-yaml counts the scalars of a collection as one level more.
    return parseEvents(text, { maxDepth: limits.maxDepth + 1 });
  } catch (error) {
    const isTooDeep = error instanceof YAMLException && error.reason.startsWith('nesting exceeded maxDepth');
    throw isTooDeep ? new YamlLimitError('tooDeep', limits, (error.mark?.line ?? 0) + 1) : error;
  }
}

/** js-yaml's own limit of aliases starts anew with each document, and knows nothing of what an alias stands for. */
function checkAliases(text: string, events: readonly Event[], limits: YamlLimits): void {
  const budget = new AliasBudget(text, limits);
  const open: (OpenAnchor | null)[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      const anchor = open.pop();
      if (anchor) budget.close(anchor);
    } else if (event.type === EVENT_ID.ALIAS) {
      budget.alias(text.slice(event.anchorStart, event.anchorEnd), event.anchorStart);
    } else if (event.type === EVENT_ID.DOCUMENT) {
      open.push(null);
    } else {
      const anchor = event.anchorStart < 0 ? null : budget.open(text.slice(event.anchorStart, event.anchorEnd));
      const isScalar = event.type === EVENT_ID.SCALAR;
      budget.add(isScalar ? event.valueEnd - event.valueStart : 0);
      if (!isScalar) open.push(anchor);
      else if (anchor) budget.close(anchor);
    }
  }
}
