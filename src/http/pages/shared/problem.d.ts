export class Refused extends Error {
  readonly status: number;
}

export function errorOf(response: Response): Promise<Error>;
