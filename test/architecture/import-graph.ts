import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';
import { type TableWrite, tableWrites } from './table-writes.js';

/** One import, export … from, or import() of a file. Imports of types alone count: they tie two folders just as well. */
export interface Import {
  /** A path such as `src/git/port.ts`, or the name of a package (`pg`, `@prisma/client`, `node:fs`). */
  readonly to: string;
  readonly line: number;
  /** What is imported by name as a value; types are left out. */
  readonly values: readonly string[];
}

export interface SourceFile {
  readonly path: string;
  readonly imports: readonly Import[];
  readonly writes: readonly TableWrite[];
}

/** Reads the program's own files: no tests, and not the generated database client. */
export function readSourceFiles(): SourceFile[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((path) => posix.join('src', path.replaceAll('\\', '/')))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('/generated/'))
    .sort()
    .map((path) => sourceFile(path, readFileSync(path, 'utf8')));
}

export function sourceFile(path: string, text: string): SourceFile {
  const root = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023);
  const imports: Import[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier) {
      const line = root.getLineAndCharacterOfPosition(node.getStart(root)).line + 1;
      imports.push({ to: resolve(path, specifier), line, values: valuesOf(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(root);
  return { path, imports, writes: tableWrites(root) };
}

function specifierOf(node: ts.Node): string | undefined {
  const specifier =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
          ? node.argument.literal
          : undefined;
  return specifier && ts.isStringLiteralLike(specifier) ? specifier.text : undefined;
}

function valuesOf(node: ts.Node): string[] {
  if (!ts.isImportDeclaration(node) || !node.importClause) return [];
  const { phaseModifier, namedBindings } = node.importClause;
  if (phaseModifier === ts.SyntaxKind.TypeKeyword || !namedBindings) return [];
  if (ts.isNamespaceImport(namedBindings)) return ['*'];
  return namedBindings.elements
    .filter((element) => !element.isTypeOnly)
    .map((element) => (element.propertyName ?? element.name).text);
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
  }
  return /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
}
