import test from 'ava';
import { collectManifest } from '#core/manifest.ts';
import { problemsOf } from '#core/manifest-problems.ts';
import { FUNCTIONS_FOLDER } from '../support/postgres.ts';

/** Published for those who are not built yet, or for people and partners who subscribe. Each with the context that will consume it. */
const CONSUMED_LATER: Record<string, string> = {
  'ai.mandate.granted.v1': 'operations coordinates mandates',
  'execution.order.submitted.v1': 'notifications tells traders, analytics measures',
  'identity.role.assigned.v1': 'compliance reviews grants',
  'identity.user.logged_in.v1': 'analytics counts',
  'policy.limits.changed.v1': 'compliance keeps the record of approvals',
  'portfolio.position.opened.v1': 'learning follows outcomes',
  'portfolio.sl.adjusted.v1': 'notifications tells traders',
  'risk.circuit_breaker.activated.v1': 'compliance raises an alert',
  'risk.signal.rejected.v1': 'learning follows outcomes',
};

test('every event has a publisher and a consumer, every route one function, every effect and timer a sweep', async (t) => {
  const problems = problemsOf(await collectManifest(FUNCTIONS_FOLDER));
  const unexplained = problems.filter(
    (problem) => problem.kind !== 'event-nobody-consumes' || !(problem.topic in CONSUMED_LATER),
  );
  t.deepEqual(unexplained, []);
});

test('no explanation outlives the gap it explains', async (t) => {
  const open = problemsOf(await collectManifest(FUNCTIONS_FOLDER)).flatMap((problem) =>
    problem.kind === 'event-nobody-consumes' ? [problem.topic] : [],
  );
  t.deepEqual(
    Object.keys(CONSUMED_LATER).filter((topic) => !open.includes(topic)),
    [],
  );
});
