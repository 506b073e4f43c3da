import type { Event } from 'js-yaml';
import { AliasBudget, type OpenAnchor } from './alias-budget.js';
import { constructFromEvents, CORE_SCHEMA, EVENT_ID, mergeTag, parseEvents, YAMLException } from './js-yaml.js';
import { mappingTag } from './mapping-tag.js';
import { YamlLimitError, type YamlLimits } from './yaml-limits.js';

const SCHEMA = CORE_SCHEMA.withTags(mappingTag, mergeTag);

/**
 * The documents of a text by js-yaml, mappings as Maps. Throws YamlLimitError beyond a limit, YAMLException for what
 * js-yaml does not take as YAML. The time grows with the length of the text, whatever is in it.
 */
export function strictDocuments(text: string, limits: YamlLimits): unknown[] {
  const events = eventsOf(text, limits);
  if (text.includes('*')) checkAliases(text, events, limits);
  return constructFromEvents(events, { source: text, schema: SCHEMA });
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
      budget.add();
      if (event.type !== EVENT_ID.SCALAR) open.push(anchor);
      else if (anchor) budget.close(anchor);
    }
  }
}
