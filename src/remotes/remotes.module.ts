import { RemoteAccess } from './remote-access.js';
import { RemoteProbe } from './remote-probe.js';

/** Need `GitPort` and the credentials' providers beside them. */
export const remotesProviders = [RemoteAccess, RemoteProbe];
