import test from 'ava';
import { assignRoles, inviteWith, type Role } from '../../functions/identity/domain/roles.ts';

const organizationAdmin = { userId: 'boss', roles: ['organization-admin', 'trader'] };
const platformAdmin = { userId: 'operator', roles: ['platform-admin'] };

test('an organisation administrator makes a colleague a trader', (t) => {
  t.deepEqual(assignRoles(organizationAdmin, 'colleague', [], ['trader']), { kind: 'assigned', roles: ['trader'] });
});

test('nobody changes their own roles, whoever they are', (t) => {
  for (const giver of [organizationAdmin, platformAdmin]) {
    const decision = assignRoles(giver, giver.userId, [], ['viewer']);
    t.like(decision, { kind: 'refused', reason: 'own-roles' });
  }
});

test('an organisation administrator neither gives nor takes risk-officer, and keeps what is there', (t) => {
  const refused = { kind: 'refused', reason: 'role-not-yours-to-give' };
  t.like(assignRoles(organizationAdmin, 'colleague', [], ['risk-officer']), refused);
  t.like(assignRoles(organizationAdmin, 'colleague', ['risk-officer'], []), refused);
  t.like(assignRoles(organizationAdmin, 'colleague', ['risk-officer'], ['risk-officer', 'viewer']), {
    kind: 'assigned',
  });
});

test("the platform's administrator makes risk officers, and nobody makes another administrator of the platform", (t) => {
  t.like(assignRoles(platformAdmin, 'somebody', ['trader'], ['risk-officer']), { kind: 'assigned' });
  t.like(assignRoles(platformAdmin, 'somebody', [], ['platform-admin']), { kind: 'refused' });
});

test('a role named twice is given once', (t) => {
  const wanted: Role[] = ['trader', 'viewer', 'trader'];
  t.deepEqual(assignRoles(organizationAdmin, 'colleague', [], wanted), {
    kind: 'assigned',
    roles: ['trader', 'viewer'],
  });
});

test('an invitation carries no role that its sender could not give', (t) => {
  t.like(inviteWith(organizationAdmin, ['risk-officer']), { kind: 'refused' });
  t.like(inviteWith(organizationAdmin, ['viewer']), { kind: 'assigned', roles: ['viewer'] });
  t.like(inviteWith({ userId: 'x', roles: ['trader'] }, ['viewer']), { kind: 'refused' });
});
