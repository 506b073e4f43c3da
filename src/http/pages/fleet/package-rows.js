/** What a package's differences are shown as. */

/** Longer values are folded. */
const LONG = 400;

/**
 * What can be compared: `{ key, label, path, query }`, the path being that of the API. Drafts come first, then upgrades that were
 * previewed, then what the blueprint has changed, then what was published last.
 */
export function comparisonsOf({ latest, upstreamStatus, drafts, previews }) {
  const against = latest ? 'latest' : 'base';
  const [now, newest] = [upstreamStatus?.current, upstreamStatus?.newest];
  return [
    ...drafts.map(({ id, workspace, lifecycle }) => ({
      key: id,
      label: `${lifecycle} ${workspace}, against ${latest ? `what is published (${latest.revision})` : 'what it began from'}`,
      ...diffPath(id, { against }),
    })),
    ...previews.map(({ id, to }) => ({
      key: `preview-${id}`,
      label: `upgrade to ${to.ref}, as previewed, against what is published`,
      path: `upgrade-previews/${id}`,
      query: {},
    })),
    ...(now && newest && now.revisionId !== newest.revisionId
      ? [
          {
            key: 'upstream',
            label: `what the blueprint has changed, ${now.revision} to ${newest.revision}`,
            path: 'package-revisions/diff',
            query: { from: now.revisionId, to: newest.revisionId },
          },
        ]
      : []),
    ...(latest
      ? [
          {
            key: latest.id,
            label: `published ${latest.revision}, against the publication before`,
            ...diffPath(latest.id, { against: 'previous' }),
          },
        ]
      : []),
  ];
}

const diffPath = (id, query) => ({ path: `package-revisions/${encodeURIComponent(id)}/diff`, query });

/** The one that a link names, else the first. A revision that is in no list any more is compared as the service does by itself. */
export function chosenOf(comparisons, key) {
  if (!key) return comparisons[0];
  const found = comparisons.find((comparison) => comparison.key === key);
  return found ?? { key, label: 'this revision, against the one before', ...diffPath(key, {}) };
}

/** Objects with a line for each field, and the files of which no object tells. */
export function diffRows({ objects, files }) {
  return {
    objects: objects.map(({ kind, namespace, name, path, fromPath, change, fields }) => ({
      name: `${kind} ${[namespace, name].filter(Boolean).join('/')}`.trimEnd(),
      change,
      file: fromPath ? `${fromPath} → ${path}` : path,
      fields: fields.map((field) => ({
        path: field.path === '' ? 'the whole object' : field.path,
        change: field.change,
        meaning: field.class,
        before: valueOf(field.from),
        after: valueOf(field.to),
      })),
    })),
    files: files
      .filter(({ krm, patch, binary }) => !krm || patch || binary)
      .map(({ path, fromPath, change, binary, patch }) => ({
        path: fromPath ? `${fromPath} → ${path}` : path,
        change: binary ? `${change}, binary` : change,
        patch,
      })),
  };
}

/** `{ text, isLong }`; undefined where there is nothing. */
export function valueOf(value) {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return { text, isLong: text.length > LONG };
}
