/** Every route by method, so that an unknown one is told apart from a wrong method. */
export class RouteTable {
  private readonly routes: { method: string; pattern: RegExp }[] = [];

  /** `path` as Fastify writes it: `/a/:id/b`, `/static/*`. */
  add(method: string, path: string): void {
    const pattern = path
      .replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/:[A-Za-z]+/g, '[^/]+')
      .replaceAll('*', '.*');
    this.routes.push({ method, pattern: new RegExp(`^${pattern}$`) });
  }

  /** The methods that some route takes at the path; none when there is no such route. */
  methodsOf(path: string): string[] {
    const methods = this.routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(methods)].sort();
  }
}
