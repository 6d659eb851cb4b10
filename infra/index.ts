import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { buildPlatform } from './build.ts';
import { program } from './program.ts';

const root = join(import.meta.dirname, '..');

/** What `pulumi up` runs. It builds first: what is unchanged is neither built nor deployed again. */
export const outputs = await program(pulumi.getStack(), {
  functionsFolder: join(root, 'functions'),
  bundle: (manifest) => buildPlatform({ root, manifest, outputFolder: join(root, 'dist') }),
});
