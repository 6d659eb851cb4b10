import { hkdfSync } from 'node:crypto';
import type * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../settings.ts';

/**
 * A database role's password, derived from the stack's one secret. A random provider would keep each in the state as well, and
 * would need another plugin; this way one secret is set a stack, and changing it rotates all.
 */
export function passwordFor({ passwordSeed, project }: Settings, role: string): pulumi.Output<string> {
  return passwordSeed.apply((seed) => derivePassword(seed, project, role));
}

/** 256 bits by HKDF (RFC 5869), bound to the project and the role. */
export function derivePassword(seed: string, project: string, role: string): string {
  return Buffer.from(hkdfSync('sha256', seed, project, `database role ${role}`, 32)).toString('base64url');
}
