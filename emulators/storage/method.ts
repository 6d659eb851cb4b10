import type { Answer } from './http/answer.ts';
import type { Call } from './http/call.ts';
import type { Service } from './service.ts';

/** A method of one of the two APIs. */
export interface Method {
  /** `storage.objects.get` */
  id: string;
  answer(service: Service, call: Call): Promise<Answer>;
}
