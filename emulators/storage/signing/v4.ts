import { createHash } from 'node:crypto';
import { type Call, header } from '../http/call.ts';
import { XmlRefusal } from '../xml/error.ts';
import type { Signers } from './keys.ts';

const MAX_EXPIRES_SECONDS = 604_800;
/** How far the caller's clock may be ahead. */
const CLOCK_SKEW_MS = 15 * 60_000;

/** What V4 is called in Google's headers and in S3's, whose clients the service understands too. */
const DIALECTS = [
  { name: 'x-goog', scheme: 'GOOG4', terminator: 'goog4_request' },
  { name: 'x-amz', scheme: 'AWS4', terminator: 'aws4_request' },
] as const;

interface Signed {
  dialect: (typeof DIALECTS)[number];
  /** `GOOG4-RSA-SHA256` */
  algorithm: string;
  credential: string;
  date: string;
  /** Undefined for a signature in a header, which holds for a quarter of an hour. */
  expires: number | undefined;
  signedHeaders: string;
  signature: Buffer;
}

/**
 * Verifies a V4 signature in the query or in the Authorization header; false where there is none.
 * @throws XmlRefusal where it does not hold (cloud.google.com/storage/docs/authentication/signatures)
 */
export function verifyV4(signers: Signers, call: Call, now: Date): boolean {
  const signed = signedQuery(call) ?? signedHeader(call);
  if (signed === undefined) return false;
  checkTime(signed, now);
  const [account, ...scope] = splitCredential(signed);
  const canonicals = hostsOf(call).map((host) => canonicalRequest(call, signed, host));
  const texts = canonicals.map((canonical) => stringToSign(signed, scope.join('/'), canonical));
  const verdicts = texts.map((text) => verify(signers, signed, account, scope, text));
  if (verdicts.includes(true)) return true;
  if (verdicts.includes(undefined)) throw unknownSigner(account);
  throw new XmlRefusal(403, 'SignatureDoesNotMatch', 'Access denied.', {
    Details:
      'The request signature we calculated does not match the signature you provided. Check your Google secret key and signing method.',
    StringToSign: texts[0] ?? '',
    CanonicalRequest: canonicals[0] ?? '',
  });
}

/** Whose V4 signature a request shows; undefined where it shows none. */
export function signerOfV4(call: Call): string | undefined {
  return (signedQuery(call) ?? signedHeader(call))?.credential.split('/')[0];
}

/** An account whose key this server was not given cannot be told from a forger. */
export function unknownSigner(account: string): XmlRefusal {
  return new XmlRefusal(403, 'AccessDenied', 'Access denied.', {
    Details: `No key of ${account} is known here: start the emulator with its key file (credentialsFile) or public key (signers).`,
  });
}

function signedQuery({ query }: Call): Signed | undefined {
  const names = new Map(Array.from(query.keys(), (name) => [name.toLowerCase(), name] as const));
  const value = (name: string) => query.get(names.get(name) ?? name) ?? '';
  for (const dialect of DIALECTS) {
    if (!names.has(`${dialect.name}-signature`)) continue;
    return {
      dialect,
      algorithm: value(`${dialect.name}-algorithm`),
      credential: value(`${dialect.name}-credential`),
      date: value(`${dialect.name}-date`),
      expires: Number(value(`${dialect.name}-expires`)),
      signedHeaders: value(`${dialect.name}-signedheaders`),
      signature: Buffer.from(value(`${dialect.name}-signature`), 'hex'),
    };
  }
  return undefined;
}

function signedHeader(call: Call): Signed | undefined {
  const [, algorithm, fields = ''] = /^((?:GOOG4|AWS4)-\S+)\s+(.*)$/.exec(header(call, 'authorization') ?? '') ?? [];
  const dialect = DIALECTS.find(({ scheme }) => algorithm?.startsWith(scheme));
  if (algorithm === undefined || dialect === undefined) return undefined;
  const field = (name: string) => new RegExp(`${name}=([^,\\s]+)`).exec(fields)?.[1] ?? '';
  return {
    dialect,
    algorithm,
    credential: field('Credential'),
    date: header(call, `${dialect.name}-date`) ?? '',
    expires: undefined,
    signedHeaders: field('SignedHeaders'),
    signature: Buffer.from(field('Signature'), 'hex'),
  };
}

function checkTime({ date, expires }: Signed, now: Date): void {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  if (year === undefined) throw new XmlRefusal(400, 'InvalidArgument', 'The date of the signature is not well-formed.');
  const start = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (expires !== undefined && !(expires > 0 && expires <= MAX_EXPIRES_SECONDS))
    throw new XmlRefusal(400, 'InvalidArgument', 'The expiry of a signature is one second to seven days.');
  if (start > now.getTime() + CLOCK_SKEW_MS)
    throw new XmlRefusal(403, 'AccessDenied', 'Access denied.', {
      Details: `Request signature not valid until: ${new Date(start).toISOString()}`,
    });
  const end = start + (expires === undefined ? CLOCK_SKEW_MS : expires * 1000);
  if (end < now.getTime())
    throw new XmlRefusal(400, 'ExpiredToken', 'Invalid argument.', {
      Details: `The provided token has expired. Request signature expired at: ${new Date(end).toISOString()}`,
    });
}

/** Account, day, region, service and terminator; the account may hold slashes no more than the others. */
function splitCredential({ credential, dialect, date }: Signed): [string, ...string[]] {
  const [account = '', ...scope] = credential.split('/');
  const [day, , , terminator] = scope;
  if (scope.length !== 4 || terminator !== dialect.terminator || day !== date.slice(0, 8))
    throw new XmlRefusal(400, 'InvalidArgument', 'The credential of the signature is not well-formed.');
  return [account, ...scope];
}

/** The official client signs the host without its port. */
function hostsOf(call: Call): string[] {
  const host = header(call, 'host') ?? '';
  return [host, host.replace(/:\d+$/, '')];
}

function canonicalRequest(call: Call, { dialect, signedHeaders }: Signed, host: string): string {
  const parameters = Array.from(call.query)
    .filter(([name]) => name.toLowerCase() !== `${dialect.name}-signature`)
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([left, leftValue], [right, rightValue]) =>
      left === right ? order(leftValue, rightValue) : order(left, right),
    )
    .map(([name, value]) => `${name}=${value}`);
  const headers = signedHeaders
    .split(';')
    .map((name) => `${name}:${name === 'host' ? host : canonicalValue(header(call, name) ?? '')}\n`);
  const payload = header(call, `${dialect.name}-content-sha256`) ?? 'UNSIGNED-PAYLOAD';
  return [call.method, call.path, parameters.join('&'), headers.join(''), signedHeaders, payload].join('\n');
}

const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const canonicalValue = (value: string): string => value.trim().replace(/\s{2,}/g, ' ');

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function stringToSign({ algorithm, date }: Signed, scope: string, canonical: string): string {
  const hash = createHash('sha256').update(canonical).digest('hex');
  return [algorithm, date, scope, hash].join('\n');
}

function verify(
  signers: Signers,
  { dialect, algorithm, signature }: Signed,
  account: string,
  scope: readonly string[],
  text: string,
): boolean | undefined {
  if (algorithm === 'GOOG4-RSA-SHA256') return signers.verifyRsa(account, text, signature);
  if (algorithm === `${dialect.scheme}-HMAC-SHA256`)
    return signers.verifyHmac(account, { prefix: dialect.scheme, scope }, text, signature);
  throw new XmlRefusal(400, 'InvalidArgument', `The signing algorithm ${algorithm} is none.`);
}
