import { type Call, header } from '../http/call.ts';
import { XmlRefusal } from '../xml/error.ts';
import type { Signers } from './keys.ts';
import { unknownSigner } from './v4.ts';

/** Headers that are left out of what is signed. */
const UNSIGNED = ['x-goog-encryption-key', 'x-goog-encryption-key-sha256'];

/**
 * Verifies a V2 signature in the query; false where there is none. `resource` is the path with the bucket in it.
 * @throws XmlRefusal where it does not hold (cloud.google.com/storage/docs/access-control/signed-urls-v2)
 */
export function verifyV2(signers: Signers, call: Call, resource: string, now: Date): boolean {
  const account = call.query.get('GoogleAccessId');
  const signature = call.query.get('Signature');
  if (account === null || signature === null) return false;
  const expires = Number(call.query.get('Expires'));
  if (!(expires * 1000 > now.getTime()))
    throw new XmlRefusal(400, 'ExpiredToken', 'The provided token has expired.', {
      Details: `Request signature expired at: ${new Date((expires || 0) * 1000).toISOString()}`,
    });
  const text = [
    call.method,
    header(call, 'content-md5') ?? '',
    header(call, 'content-type') ?? '',
    String(expires),
    `${extensionHeaders(call)}${resource}`,
  ].join('\n');
  const verdict = signers.verifyRsa(account, text, Buffer.from(signature, 'base64'));
  if (verdict === true) return true;
  if (verdict === undefined) throw unknownSigner(account);
  throw new XmlRefusal(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your Google secret key and signing method.',
    { StringToSign: text },
  );
}

function extensionHeaders(call: Call): string {
  return Object.keys(call.headers)
    .filter((name) => name.startsWith('x-goog-') && !UNSIGNED.includes(name))
    .sort()
    .map((name) => `${name}:${(header(call, name) ?? '').trim().replace(/\s{2,}/g, ' ')}\n`)
    .join('');
}
