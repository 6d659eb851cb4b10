import type { ServerResponse } from 'node:http';

/** An answer that the gateway gives itself, in the shape of the real one: `{ code, message }`. */
export interface Refusal {
  code: number;
  message: string;
  headers?: Record<string, string>;
}

export function sendRefusal(response: ServerResponse, { code, message, headers }: Refusal): void {
  const body = JSON.stringify({ code, message });
  response
    .writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers })
    .end(body);
}
