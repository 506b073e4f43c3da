/** Headers of every answer. */
export const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
};

/** Headers of every answer of the API. A cache may keep one, but must ask with its ETag whether it still holds. */
export const API_HEADERS = {
  ...SECURITY_HEADERS,
  'Cache-Control': 'private, no-cache',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
};
