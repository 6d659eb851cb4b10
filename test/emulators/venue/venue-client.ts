/** What tests read of an answer; which fields are there depends on the route. */
interface Body {
  order: { status: string; executions: { executionId: string }[] };
  orders: { clientOrderId: string }[];
  executions: { executionId: string; clientOrderId: string }[];
  next: number;
}

/** Calls the exchange as any HTTP client would. */
export function client(port: number) {
  return async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return {
      status: response.status,
      contentType: response.headers.get('content-type'),
      body: (await response.json()) as Body,
    };
  };
}
