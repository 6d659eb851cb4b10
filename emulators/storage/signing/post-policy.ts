import * as z from 'zod';
import { XmlRefusal } from '../xml/error.ts';
import type { Signers } from './keys.ts';
import { unknownSigner } from './v4.ts';

const policyDocument = z.object({
  expiration: z.iso.datetime({ offset: true }),
  conditions: z.array(
    z.union([
      z.tuple([z.string().regex(/^content-length-range$/i), z.coerce.number(), z.coerce.number()]),
      z.tuple([z.string(), z.string(), z.string()]),
      z.record(z.string(), z.string()),
    ]),
  ),
});

export interface PostPolicy {
  conditions: z.infer<typeof policyDocument>['conditions'];
  /** The bytes that the file may have. */
  length: { min: number; max: number } | undefined;
}

/** Fields that no condition needs to name. */
const FREE = ['policy', 'x-goog-signature', 'signature', 'googleaccessid', 'file', 'bucket'];

/**
 * The policy of a form, which is to be signed, still to hold and to name every field with what it may be.
 * @throws XmlRefusal (cloud.google.com/storage/docs/authentication/signatures#policy-document)
 */
export function verifiedPolicy(
  signers: Signers,
  fields: ReadonlyMap<string, string>,
  bucket: string,
  now: Date,
): PostPolicy {
  const policy = readPolicy(signers, fields);
  if (Date.parse(policy.expiration) < now.getTime())
    throw new XmlRefusal(403, 'AccessDenied', 'Access denied.', { Details: 'The policy has expired.' });
  const actual = new Map([...fields, ['bucket', bucket]]);
  const named = new Set<string>();
  let length: PostPolicy['length'];
  for (const condition of policy.conditions) {
    if (!Array.isArray(condition)) {
      for (const [name, wanted] of Object.entries(condition)) {
        named.add(name.toLowerCase());
        check(actual, name, (value) => value === wanted, condition);
      }
      continue;
    }
    const [kind, name, value] = condition;
    if (typeof name === 'number') {
      length = { min: name, max: Number(value) };
      continue;
    }
    const field = name.replace(/^\$/, '');
    const wanted = String(value);
    named.add(field.toLowerCase());
    const isPrefix = kind.toLowerCase() === 'starts-with';
    check(actual, field, (given) => (isPrefix ? given.startsWith(wanted) : given === wanted), condition);
  }
  const extra = [...fields.keys()].find(
    (name) => !FREE.includes(name) && !name.startsWith('x-ignore-') && !named.has(name),
  );
  if (extra !== undefined) throw violated(`Extra input fields: ${extra}`);
  return { conditions: policy.conditions, length };
}

/** The bucket that a policy is for: the official client names it nowhere else where it is told of an emulator. */
export function bucketOfPolicy(fields: ReadonlyMap<string, string>): string | undefined {
  const parsed = policyDocument.safeParse(parse(fields.get('policy') ?? ''));
  if (!parsed.success) return undefined;
  for (const condition of parsed.data.conditions)
    if (!Array.isArray(condition) && condition.bucket !== undefined) return condition.bucket;
  return undefined;
}

function readPolicy(signers: Signers, fields: ReadonlyMap<string, string>): z.infer<typeof policyDocument> {
  const text = fields.get('policy') ?? '';
  const account = fields.get('x-goog-credential')?.split('/') ?? [fields.get('googleaccessid') ?? ''];
  const verdict = verifySignature(signers, fields, text, account);
  if (verdict === undefined) throw unknownSigner(account[0] ?? '');
  if (!verdict)
    throw new XmlRefusal(403, 'SignatureDoesNotMatch', 'Access denied.', {
      Details:
        'The request signature we calculated does not match the signature you provided. Check your Google secret key and signing method.',
      StringToSign: text,
    });
  const parsed = policyDocument.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new XmlRefusal(
    400,
    'InvalidPolicyDocument',
    'The content of the form does not meet the conditions specified in the policy document.',
    {
      Details: z.prettifyError(parsed.error),
    },
  );
}

function verifySignature(
  signers: Signers,
  fields: ReadonlyMap<string, string>,
  text: string,
  [account = '', ...scope]: readonly string[],
): boolean | undefined {
  const signature = fields.get('x-goog-signature');
  if (signature === undefined)
    return signers.verifyRsa(account, text, Buffer.from(fields.get('signature') ?? '', 'base64'));
  const bytes = Buffer.from(signature, 'hex');
  return fields.get('x-goog-algorithm') === 'GOOG4-HMAC-SHA256'
    ? signers.verifyHmac(account, { prefix: 'GOOG4', scope }, text, bytes)
    : signers.verifyRsa(account, text, bytes);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch (error) {
    throw new XmlRefusal(400, 'InvalidPolicyDocument', 'The policy is no JSON in base64.', { Details: String(error) });
  }
}

function check(
  fields: ReadonlyMap<string, string>,
  name: string,
  holds: (value: string) => boolean,
  condition: unknown,
): void {
  if (!holds(fields.get(name.toLowerCase()) ?? ''))
    throw violated(`Policy Condition failed: ${JSON.stringify(condition)}`);
}

function violated(details: string): XmlRefusal {
  return new XmlRefusal(403, 'AccessDenied', 'Access denied.', { Details: `Invalid according to Policy: ${details}` });
}
