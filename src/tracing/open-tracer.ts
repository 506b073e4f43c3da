import type { Config } from '../config/config.js';
import { NoTracer, type Tracer } from './tracer.js';

/** Loads OpenTelemetry's SDK where a collector is named. The metrics' library loads its API in any case. */
export async function openTracer(config: Config, version: string): Promise<Tracer> {
  const {
    otelExporterOtlpEndpoint: endpoint,
    otelExporterOtlpProtocol: protocol,
    otelServiceName: serviceName,
  } = config;
  if (endpoint === undefined) return new NoTracer();
  const { OtlpTracer } = await import('./otlp-tracer.js');
  const attributes = { 'service.version': version, 'process.pid': process.pid, 'pkgserver.role': config.role };
  return OtlpTracer.open({ endpoint, protocol, serviceName, attributes });
}
