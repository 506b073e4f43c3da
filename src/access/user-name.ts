/** What a Git signature, a log line and a trailer can hold. */
const USABLE = /^[A-Za-z0-9](?:[A-Za-z0-9 ._@+-]{0,126}[A-Za-z0-9._+-])?$/;

/** Whether someone can act under this name. Names of the service itself hold a colon, which no user's does. */
export const isUserName = (name: string): boolean => USABLE.test(name);

export const USER_NAME_RULE = 'letters, digits, spaces and . _ @ + -, at most 128';
