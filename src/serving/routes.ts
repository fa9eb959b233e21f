import { type RawRoute, type Route, raw } from '../http/route.ts';
import type { Gateway } from './gateway.ts';

const slot = '/serve/:environment/:service';
const model = `${slot}/v2/models/:model`;

/** What a served model is asked at: MLflow's scoring protocol, and the Open Inference Protocol below `v2`. */
export function servingRoutes(gateway: Gateway): Route[] {
  const { inference } = gateway;
  const at = (method: RawRoute['method'], path: string, handle: RawRoute['handle']) =>
    raw(method, path, handle, { prefix: 'root' });
  const ofModel = (method: RawRoute['method'], path: string, handle: RawRoute['handle']) => [
    at(method, `${model}${path}`, handle),
    at(method, `${model}/versions/:version${path}`, handle),
  ];
  return [
    at('POST', `${slot}/invocations`, gateway.invocations),
    // Without a path behind it, the address of a service is what it predicts at.
    at('POST', slot, gateway.invocations),
    at('GET', `${slot}/ping`, gateway.ping),
    at('GET', `${slot}/health`, gateway.ping),
    at('GET', `${slot}/version`, gateway.version),
    at('GET', `${slot}/v2`, inference.server),
    at('GET', `${slot}/v2/health/live`, inference.live),
    at('GET', `${slot}/v2/health/ready`, inference.ready),
    ...ofModel('GET', '', inference.metadata),
    ...ofModel('GET', '/ready', inference.modelReady),
    ...ofModel('POST', '/infer', inference.infer),
  ];
}
