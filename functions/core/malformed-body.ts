import type { Request, Response } from '@google-cloud/functions-framework';
import { problem } from './problem.ts';

/** What Express says of an error that it met before the function: https://expressjs.com/en/resources/middleware/body-parser.html#errors */
type BodyError = Error & { type?: string };

type ErrorHandler = (error: BodyError, request: Request, response: Response, next: (error: Error) => void) => void;

interface Application {
  use(handler: ErrorHandler): unknown;
}

const explained = new WeakSet<object>();

/**
 * functions-framework reads a body before the function sees the request, and answers one that is not JSON with a page of HTML. Its
 * application takes a handler for errors, once it can be had: in the cloud from the first request that reaches the function.
 */
export function explainMalformedBodies(application: Application): void {
  if (explained.has(application)) return;
  explained.add(application);
  // Express knows an error handler by its four parameters.
  application.use((error, request, response, next) => {
    const code = codeOf(error);
    if (code === undefined) return next(error);
    const detail = code === 'too-large' ? 'the body is too large' : 'the body is not JSON';
    const errors = [{ path: '', message: error.message }];
    const body = problem(code, detail, { instance: request.path, errors });
    response.status(body.status).type('application/problem+json').send(JSON.stringify(body));
  });
}

function codeOf({ type }: BodyError): string | undefined {
  if (type === 'entity.too.large') return 'too-large';
  return type?.startsWith('entity.') || type === 'encoding.unsupported' || type === 'charset.unsupported'
    ? 'invalid-request'
    : undefined;
}
