import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { Refusal } from '../http/refusal.ts';
import { element, xmlAnswer } from './document.ts';

const CODES: Record<number, string> = {
  400: 'InvalidArgument',
  401: 'AuthenticationRequired',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  411: 'MissingContentLength',
  412: 'PreconditionFailed',
  416: 'InvalidRange',
  501: 'NotImplemented',
  503: 'ServiceUnavailable',
};

/** The XML API's form of a failure (cloud.google.com/storage/docs/xml-api/reference-status). */
export function xmlErrorAnswer(call: Call, error: unknown): Answer {
  if (!(error instanceof Refusal)) return xmlErrorAnswer(call, new Refusal(500, 'internalError', String(error)));
  const { status, message, xmlCode } = error;
  if (status === 304 || call.method === 'HEAD') return { status };
  const code = xmlCode ?? CODES[status] ?? 'InternalError';
  const details = error instanceof XmlRefusal ? error.details : {};
  return xmlAnswer(element('Error', { Code: code, Message: message, ...details }), status);
}

/** A refusal that tells more: what the signature was expected to sign, for one. */
export class XmlRefusal extends Refusal {
  readonly details: Record<string, string>;

  constructor(status: number, xmlCode: string, message: string, details: Record<string, string> = {}) {
    super(status, xmlCode, message, { xmlCode });
    this.details = details;
  }
}
