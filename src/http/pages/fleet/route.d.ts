export interface Route {
  view: 'fleet' | 'campaigns' | 'campaign' | 'package' | 'unknown';
  id: string | undefined;
  query: Record<string, string>;
}

export function routeOf(hash: string): Route;
export function hrefOf(name: string, id?: string, query?: Record<string, string | null | undefined>): string;
