import { createIsomorphicGit } from '../../src/git/isomorphic-git.js';
import { describeGitPort } from './git-port.contract.js';

describeGitPort('isomorphic-git', ({ allowLoopback, ...options }) =>
  createIsomorphicGit({ ...options, allowedHosts: allowLoopback ? ['127.0.0.1'] : [] }),
);
