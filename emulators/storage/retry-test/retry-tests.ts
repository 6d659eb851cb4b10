import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Answer } from '../http/answer.ts';
import { type Call, header, readObject } from '../http/call.ts';
import { parseAs } from '../http/patch.ts';
import { Refusal } from '../http/refusal.ts';

const retryTestRequest = z.object({
  instructions: z.record(z.string(), z.array(z.string())),
  transport: z.string().optional(),
});

interface RetryTest {
  id: string;
  /** What is to go wrong with the next calls of a method, in order. */
  left: Map<string, string[]>;
}

/** What goes wrong with one call. */
export type Fault =
  | { kind: 'answer'; status: number; afterBytes: number }
  | { kind: 'reset' }
  | { kind: 'broken-stream'; afterBytes: number };

const RETURN = /^return-(\d{3})(?:-after-(\d+)K)?$/;
const BROKEN = /^return-broken-stream(?:-after-(\d+)K)?$/;

/**
 * Retry tests as the client libraries' conformance suites ask for them (github.com/googleapis/storage-testbench): a test is
 * made with instructions by method, and each call that carries its id in `x-retry-test-id` uses one up.
 */
export class RetryTests {
  readonly #tests = new Map<string, RetryTest>();

  /** Answers /retry_test and below; undefined for another path. */
  async answer(call: Call): Promise<Answer | undefined> {
    const path = /^\/+retry_tests?(?:\/([^/]*))?\/?$/.exec(call.path);
    if (path === null) return undefined;
    const [, id] = path;
    if (call.method === 'POST') return this.#create(await readObject(call));
    if (id === undefined) return { json: { retry_test: Array.from(this.#tests.values(), shown) } };
    const test = this.#find(id);
    if (call.method === 'DELETE') this.#tests.delete(id);
    return { json: shown(test) };
  }

  /** What is to go wrong with this call of a method; undefined where nothing is. @throws Refusal for an unknown test */
  next(call: Call, method: string): Fault | undefined {
    const id = header(call, 'x-retry-test-id');
    if (id === undefined) return undefined;
    const left = this.#find(id).left.get(method);
    const [instruction] = left ?? [];
    if (instruction === undefined) return undefined;
    const fault = faultOf(instruction);
    // What happens in the middle of an upload waits for the request that has the bytes.
    const waits = fault.kind === 'answer' && fault.afterBytes > 0 && !carriesBytes(call);
    if (waits) return undefined;
    left?.shift();
    return fault;
  }

  #create(body: Record<string, unknown>): Answer {
    const { instructions } = parseAs(retryTestRequest, body);
    for (const instruction of Object.values(instructions).flat()) faultOf(instruction);
    const test: RetryTest = { id: randomUUID(), left: new Map(Object.entries(instructions)) };
    this.#tests.set(test.id, test);
    return { json: shown(test) };
  }

  #find(id: string): RetryTest {
    const test = this.#tests.get(id);
    if (test === undefined) throw new Refusal(404, 'notFound', `Retry Test ${id} not found`);
    return test;
  }
}

function shown({ id, left }: RetryTest) {
  const completed = Array.from(left.values()).every((list) => list.length === 0);
  return { id, completed, instructions: Object.fromEntries(left), transport: 'HTTP' };
}

function faultOf(instruction: string): Fault {
  if (instruction === 'return-reset-connection') return { kind: 'reset' };
  const [, status, afterKib = '0'] = RETURN.exec(instruction) ?? [];
  if (status !== undefined) return { kind: 'answer', status: Number(status), afterBytes: Number(afterKib) * 1024 };
  const broken = BROKEN.exec(instruction);
  if (broken !== null) return { kind: 'broken-stream', afterBytes: Number(broken[1] ?? '0') * 1024 };
  throw new Refusal(400, 'invalid', `The instruction ${instruction} is none that this server knows.`);
}

const carriesBytes = ({ method, query }: Call): boolean => method === 'PUT' || query.get('uploadType') !== 'resumable';
