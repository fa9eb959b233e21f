import type { Static } from 'typebox';
import type { SlotView, statusReply } from '../environments/wire.ts';
import { type CallOptions, pathOf, type Transport } from './transport.ts';

/** A service in an environment: its champion, what it allows, what holds it. Times are milliseconds since 1970. */
export type Slot = SlotView;

/** All slots as they stood at the server's `time`. */
export type Status = Static<typeof statusReply>;

/** Services and the environments that they are in. */
export function serviceVerbs({ own }: Pick<Transport, 'own'>) {
  return {
    /** Every service in every environment. */
    getStatus: (options?: CallOptions) => own.get<Status>('status', {}, options),

    /** A service in all its environments. RESOURCE_DOES_NOT_EXIST where no service has this name. */
    getService: (service: string, options?: CallOptions) => own.get<Status>(pathOf('services', service), {}, options),
  };
}
