import { join } from 'node:path';
import test from 'ava';
import { collectManifest } from '#core/manifest.ts';
import { problemsOf } from '#core/manifest-problems.ts';

/** Events that nobody consumes yet, and for whom they are. */
const FOR_LATER: Record<string, string> = {
  'ai.mandate.granted.v1': 'operations coordinates mandates',
  'execution.order.submitted.v1': 'clients follow their orders; the demo and the bench count it',
  'files.file.quarantined.v1': 'notifications tell who must know',
  'identity.role.assigned.v1': "admin's audit log",
  'identity.user.logged_in.v1': "admin's audit log",
  'policy.limits.changed.v1': "admin's audit log",
  'portfolio.position.opened.v1': 'learning follows positions from their opening',
  'portfolio.sl.adjusted.v1': 'clients follow their stops',
  'risk.circuit_breaker.activated.v1': 'notifications tell who must know',
  'risk.signal.rejected.v1': 'learning and the demo count rejections by reason',
  'simulation.workbook.parsed.v1': 'clients ask for a workbook once it is told of',
};

test('every use case fits the others, and an event that nobody consumes is explained', async (t) => {
  const problems = problemsOf(await collectManifest(join(import.meta.dirname, '..', '..', 'functions')));
  const unexplained = problems.filter(
    (problem) => problem.kind !== 'event-nobody-consumes' || !(problem.topic in FOR_LATER),
  );
  t.deepEqual(unexplained, []);
});
