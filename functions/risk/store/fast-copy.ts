import { type PolicySnapshot, policySnapshot } from '#contracts/kit/policy.ts';
import { documentStore } from '#core/firestore.ts';
import { type CachedPolicy, refreshPolicy } from '#core/policy.ts';
import { TransientFailure } from '#core/problem.ts';
import type { FastCopy } from '../domain/facts.ts';

/**
 * What the fast copy says, at least as new as `version` if it can be had: a copy that is behind the truth, or was away, is read again
 * once. A lag of the projection or of the cache then changes no decision; only a store that is really away does.
 */
export async function fastCopyAt(tenant: string, cached: CachedPolicy, version: number): Promise<FastCopy> {
  if (cached.kind === 'known' && cached.policy.version >= version) return toFastCopy(cached);
  return toFastCopy(await refreshPolicy(tenant));
}

/**
 * Writes the fast copy, unless it holds this version or a later one: events may come twice, and late.
 * Throws a TransientFailure where the store cannot be reached: the event comes again.
 */
export async function writeFastCopy(tenant: string, snapshot: PolicySnapshot): Promise<void> {
  const store = await documentStore();
  const copy = store.doc(`policies/${tenant}`);
  const written = store.runTransaction(async (transaction) => {
    const existing = policySnapshot.safeParse((await transaction.get(copy)).data());
    if (existing.success && existing.data.version >= snapshot.version) return;
    transaction.set(copy, snapshot);
  });
  await written.catch((cause: unknown) => {
    throw new TransientFailure('the fast copy of the policy could not be written', { cause });
  });
}

function toFastCopy(cached: CachedPolicy): FastCopy {
  return cached.kind === 'known' ? { kind: 'known', version: cached.policy.version } : { kind: cached.kind };
}
