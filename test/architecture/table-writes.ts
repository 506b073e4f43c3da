import ts from 'typescript';

export interface TableWrite {
  readonly table: string;
  readonly line: number;
}

/** The tables of which src/revisions alone changes rows, with the names of their models in the Prisma client. */
const MODELS: Readonly<Record<string, string>> = {
  package: 'package',
  package_revision: 'packageRevision',
  approval: 'approval',
  revision_counter: 'revisionCounter',
  deleted_revision: 'deletedRevision',
};
/** Relations of other models through which Prisma writes rows of these tables: `packages: { create: … }`. */
const RELATIONS: Readonly<Record<string, string>> = {
  packages: 'package',
  revisions: 'package_revision',
  clones: 'package_revision',
  approvals: 'approval',
  counters: 'revision_counter',
  deleted: 'deleted_revision',
};
const MODEL_WRITE = /^(create|update|upsert|delete)/;
const NESTED_WRITE = /^(create|createMany|connectOrCreate|update|updateMany|upsert|delete|deleteMany|set)$/;

const name = `(?:ONLY\\s+)?(?:public\\.)?"?(${Object.keys(MODELS).join('|')})"?(?![\\w.])`;
const STATEMENT = new RegExp(
  `\\b(?:INSERT\\s+INTO|UPDATE|DELETE\\s+FROM|MERGE\\s+INTO|TRUNCATE(?:\\s+TABLE)?)\\s+${name}`,
  'gi',
);

/** Finds the statements of SQL and the calls of Prisma's models that change a row of one of the tables. */
export function tableWrites(root: ts.SourceFile): TableWrite[] {
  const writes: TableWrite[] = [];
  const found = (node: ts.Node, offset: number, table: string) =>
    writes.push({ table, line: root.getLineAndCharacterOfPosition(node.getStart(root) + offset).line + 1 });
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      for (const match of node.getText(root).matchAll(STATEMENT))
        found(node, match.index, String(match[1]).toLowerCase());
    }
    if (ts.isCallExpression(node)) {
      const table = tableOfModelCall(node) ?? tableOfArgument(node);
      if (table) found(node, 0, table);
    }
    if (ts.isPropertyAssignment(node)) {
      const table = tableOfNestedWrite(node);
      if (table) found(node, 0, table);
    }
    ts.forEachChild(node, visit);
  };
  visit(root);
  return writes;
}

/** `client.packageRevision.update(…)` */
function tableOfModelCall({ expression }: ts.CallExpression): string | undefined {
  if (!ts.isPropertyAccessExpression(expression) || !MODEL_WRITE.test(expression.name.text)) return undefined;
  const model = expression.expression;
  const called = ts.isPropertyAccessExpression(model)
    ? model.name.text
    : ts.isElementAccessExpression(model) && ts.isStringLiteralLike(model.argumentExpression)
      ? model.argumentExpression.text
      : undefined;
  return Object.keys(MODELS).find((table) => MODELS[table] === called);
}

/** `insertRows(database, 'package', rows)`, and a table's name put into SQL with `Prisma.raw('package')`. */
function tableOfArgument({ expression, arguments: given }: ts.CallExpression): string | undefined {
  const called = ts.isPropertyAccessExpression(expression)
    ? expression.name.text
    : ts.isIdentifier(expression) && expression.text;
  if (called !== 'insertRows' && called !== 'raw') return undefined;
  return given
    .map((argument) => (ts.isStringLiteralLike(argument) ? argument.text : ''))
    .find((text) => text in MODELS);
}

function tableOfNestedWrite({ name: relation, initializer }: ts.PropertyAssignment): string | undefined {
  if (!ts.isIdentifier(relation) || !ts.isObjectLiteralExpression(initializer)) return undefined;
  const writes = initializer.properties.some(
    (property) => property.name && ts.isIdentifier(property.name) && NESTED_WRITE.test(property.name.text),
  );
  return writes ? RELATIONS[relation.text] : undefined;
}
