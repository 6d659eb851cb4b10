import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

interface Endpoint {
  url: URL;
  request: typeof httpRequest;
  options: object;
}

/** Posts over kept-alive connections. */
export class PushClient {
  #httpAgent = new HttpAgent({ keepAlive: true, scheduling: 'lifo' });
  #httpsAgent = new HttpsAgent({ keepAlive: true, scheduling: 'lifo' });
  #endpoints = new Map<string, Endpoint>();
  #open = new Set<ClientRequest>();

  /** Resolves with the HTTP status. Rejects where there is none: refused, cut off, or none within `timeoutMs`. */
  async post(url: string, headers: Record<string, string>, body: Buffer, timeoutMs: number): Promise<number> {
    try {
      return await this.#send(url, headers, body, timeoutMs);
    } catch (error) {
      // A server closes an idle connection just as a request goes out on it: nobody's failure, so not a nack.
      if (error instanceof StaleConnection) return this.#send(url, headers, body, timeoutMs);
      throw error;
    }
  }

  /** Cuts off what is under way: those messages are delivered again. */
  close(): void {
    for (const request of this.#open) request.destroy();
    this.#httpAgent.destroy();
    this.#httpsAgent.destroy();
  }

  #send(url: string, headers: Record<string, string>, body: Buffer, timeoutMs: number): Promise<number> {
    const endpoint = this.#endpointOf(url);
    return new Promise((resolve, reject) => {
      const request = endpoint.request({
        ...endpoint.options,
        method: 'POST',
        headers: { ...headers, 'Content-Length': body.length },
      });
      this.#open.add(request);
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      const settle = () => {
        clearTimeout(timer);
        this.#open.delete(request);
      };
      request.on('response', (response) => {
        // The status is the answer; the body is read so that the connection can serve again.
        response.resume();
        response.on('error', () => settle());
        response.on('close', settle);
        resolve(response.statusCode ?? 0);
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        settle();
        reject(request.reusedSocket && error.code === 'ECONNRESET' ? new StaleConnection() : error);
      });
      request.end(body);
    });
  }

  #endpointOf(text: string): Endpoint {
    let endpoint = this.#endpoints.get(text);
    if (endpoint === undefined) {
      const url = new URL(text);
      const secure = url.protocol === 'https:';
      endpoint = {
        url,
        request: secure ? httpsRequest : httpRequest,
        options: {
          agent: secure ? this.#httpsAgent : this.#httpAgent,
          // "localhost" is looked up in the thread pool for each connection.
          hostname: url.hostname === 'localhost' ? '127.0.0.1' : url.hostname,
          port: url.port,
          path: url.pathname + url.search,
        },
      };
      this.#endpoints.set(text, endpoint);
    }
    return endpoint;
  }
}

class StaleConnection extends Error {}
