import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Refusal } from './refusal.ts';

/** What a request is answered with: JSON, some text, a stream, or nothing. */
export interface Answer {
  status?: number;
  headers?: Record<string, string | string[]>;
  json?: object;
  text?: string;
  stream?: Readable;
}

export async function send(response: ServerResponse, answer: Answer): Promise<void> {
  const { status = 200, headers = {}, json, text, stream } = answer;
  if (stream !== undefined) {
    response.writeHead(status, headers);
    await pipeline(stream, response);
    return;
  }
  const type = json === undefined ? {} : { 'content-type': 'application/json; charset=UTF-8' };
  const body = json === undefined ? (text ?? '') : JSON.stringify(json);
  const length = bodiless(status) ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  // What the handler says of the body comes last: the answer to HEAD states the length of what it leaves out.
  response.writeHead(status, { ...type, ...length, ...headers });
  response.end(body);
}

/** The JSON API's form of a failure. What is no refusal is a fault of this server. */
export function errorAnswer(error: unknown): Answer {
  if (!(error instanceof Refusal)) return errorAnswer(new Refusal(500, 'internalError', String(error)));
  const { status, reason, message, where } = error;
  if (status === 304) return { status };
  const detail = { message, domain: 'global', reason, ...where };
  return { status, json: { error: { code: status, message, errors: [detail] } } };
}

const bodiless = (status: number): boolean => status === 204 || status === 304;
