import type { ClassRule } from './change-class.js';

const SERVICE =
  /^spec\.(?:type|ports|externalIPs|externalName|externalTrafficPolicy|internalTrafficPolicy|loadBalancer\w*|healthCheckNodePort)(?:[.[]|$)/;
const ROUTERS =
  /^(?:Ingress|IngressRoute|IngressRouteTCP|IngressRouteUDP|Gateway|VirtualService|ServiceEntry|Route|\w+Route|NetworkPolicy)$/;
const CONTAINER_PORTS = /[cC]ontainers\[\]\.ports(?:[.[]|$)/;

/** What can be reached, and from where: the type and ports of Services, Ingresses and their like, ports of containers. */
export const exposes: ClassRule = ({ place }, { group, kind }) => {
  if (kind === 'Service' && group === '') return SERVICE.test(place);
  if (ROUTERS.test(kind)) return /^spec(?:\.|$)/.test(place);
  return CONTAINER_PORTS.test(place);
};
