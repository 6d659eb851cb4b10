import type { ReservedSql } from 'postgres';
import { type Pool, retire, type Transaction } from './database.ts';

export interface Held {
  connection: ReservedSql<Record<string, never>>;
  /** For the first statement: the client calls it with the connection that it runs on. */
  watched: object;
  /** The connection as a handler has it, until it is let go. */
  hold(): { tx: Transaction; letGo(): void };
}

/** Runs `work` on a connection of its own, rolls back where it fails, and notices a connection that is lost. */
export async function onConnection<T>(connections: Pool, work: (held: Held) => Promise<T>): Promise<T> {
  const connection = await reserve(connections);
  const loss = awaitLoss();
  const hold = () => whileHeld(connection, loss);
  try {
    return await Promise.race([work({ connection, watched: loss.watched, hold }), loss.happens]);
  } catch (error) {
    if (!loss.happened)
      await Promise.race([connection`rollback`.simple(), loss.happens]).catch((rollbackError: unknown) => {
        // The connection is gone, and the transaction with it: the first error is the one to report.
        if (error instanceof Error && error.cause === undefined) error.cause = rollbackError;
      });
    throw error;
  } finally {
    if (loss.happened) retire(connections);
    else connection.release();
  }
}

const RESERVE_DEADLINE_MS = 5_000;

/** A connection of one's own. Rejects with a transient error where none is to be had in time. */
async function reserve(connections: Pool): Promise<ReservedSql<Record<string, never>>> {
  const reserving = connections.reserve();
  let deadline: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    deadline = setTimeout(() => {
      const message = `no connection within ${RESERVE_DEADLINE_MS} ms`;
      reject(Object.assign(new Error(message), { code: 'CONNECT_TIMEOUT' }));
    }, RESERVE_DEADLINE_MS);
  });
  try {
    return await Promise.race([reserving, late]);
  } catch (error) {
    retire(connections);
    // One that comes after all goes back; why none came has been said.
    reserving.then(
      (connection) => connection.release(),
      () => undefined,
    );
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}

interface Loss {
  happened: boolean;
  /** Rejects when the connection is lost; never resolves. */
  happens: Promise<never>;
  /** For the first statement: the client calls it with the connection that it runs on. */
  watched: object;
}

/**
 * Hears of a reserved connection that is lost, as the client's own `begin` does and its `reserve` does not: a statement that waited there is
 * never answered, and one that is sent afterwards runs wherever the client uses the connection next, in somebody else's transaction.
 */
function awaitLoss(): Loss {
  const { promise, reject } = Promise.withResolvers<never>();
  // Whoever waits for it is told; where nobody does any more, nothing is lost.
  promise.catch(() => undefined);
  const loss: Loss = {
    happened: false,
    happens: promise,
    watched: {
      onexecute(connection: { onclose: ((error: Error) => void) | null }) {
        connection.onclose = (error) => {
          loss.happened = true;
          reject(error);
        };
        return true;
      },
    },
  };
  return loss;
}

/** The connection, until it is lost or let go: statements that come later would run in somebody else's transaction, and are refused. */
function whileHeld(connection: ReservedSql<Record<string, never>>, loss: Loss): ReturnType<Held['hold']> {
  let isOver = false;
  const tx = new Proxy(connection, {
    apply(target, self, parameters) {
      if (loss.happened) throw Object.assign(new Error('the connection was lost'), { code: 'CONNECTION_CLOSED' });
      if (isOver) throw new Error('the transaction is over: await every statement before the handler returns');
      return Reflect.apply(target, self, parameters);
    },
  });
  const letGo = () => {
    isOver = true;
  };
  return { tx: tx as unknown as Transaction, letGo };
}
