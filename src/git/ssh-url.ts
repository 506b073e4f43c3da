export const isSshUrl = (url: string): boolean => URL.canParse(url) && new URL(url).protocol === 'ssh:';

export const SSH_NEEDS_GIT =
  'ssh URLs need git and ssh on the PATH of pkgserver, and GIT_TRANSPORT set to auto or native.';
