import type { Operation } from '#contracts/kit/operation.ts';
import { callFunction } from './call.ts';
import type { Deployment } from './deployment.ts';
import { runEffect } from './effect-runner.ts';
import type { TransactionContext } from './function.ts';
import type { Invocation } from './invocation.ts';
import { type InvokeRequest, invokeFunction } from './invoke.ts';
import { handlerContext, setTenant, unitOfWork } from './unit-of-work.ts';

/** The context of a handler that talks to other functions: it opens its own transactions, and none is open while it calls. */
export function openContext(deployment: Pick<Deployment, 'calls' | 'operatesPlatform'>, invocation: Invocation) {
  let inTransaction = false;
  return {
    ...handlerContext(invocation),
    async transaction<T>(work: (context: TransactionContext) => Promise<T>): Promise<T> {
      inTransaction = true;
      const committed = await unitOfWork(invocation, (tx) => setTenant(tx, invocation.tenant), work).finally(() => {
        inTransaction = false;
      });
      await committed.sent;
      for (const effect of committed.effects) await runEffect(invocation, effect, true);
      return committed.result;
    },
    call(contract: Operation, input: unknown, options: { deadlineMs?: number; idempotencyKey?: string } = {}) {
      if (inTransaction)
        throw new TypeError(
          `${contract.path} is called inside a transaction: no lock may be held while another function answers`,
        );
      if (deployment.calls?.includes(contract) !== true)
        throw new TypeError(`${contract.path} is not among the declared calls`);
      return callFunction(invocation, contract, input, options);
    },
    ...(deployment.operatesPlatform === true ? operatorContext(invocation) : {}),
  };
}

/** What only the operator's functions may do. */
function operatorContext(invocation: Invocation) {
  return {
    functions: invocation.runtime.config.addresses,
    invoke: (name: string, path: string, request: InvokeRequest = {}) =>
      invokeFunction(invocation, name, path, request),
  };
}
