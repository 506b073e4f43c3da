/** What the service says where it refuses. */

/** The service says no, and will say it again. */
export class Refused extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

/** The error of an answer that is not `ok`: {@link Refused} where that does not pass by itself. */
export async function errorOf(response) {
  const { detail, errors = [] } = await response.json().catch(() => ({}));
  const faults = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join(' ');
  const sentence = `${faults || (detail ?? 'The service refuses.')} (${response.status})`;
  const passes = response.status === 429 || response.status >= 500;
  return passes ? new Error(sentence) : new Refused(sentence, response.status);
}
