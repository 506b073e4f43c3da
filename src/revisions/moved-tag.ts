/** Stands in the condition of a publication that is kept as it was reviewed, and whose tag holds something else. */
export const MOVED_TO = 'was moved outside of pkgserver, to commit';
