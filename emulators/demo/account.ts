import { type Client, createClient } from '#contracts/client.ts';
import type { Answer } from '#contracts/client-answer.ts';
import { login, refresh } from '#contracts/identity/api.ts';

/** Well before an access token's 15 minutes are over. */
const RENEW_AFTER_MS = 10 * 60_000;

/** The output of an answer that is not a refusal. Throws an Error of one line where it is one. */
export function accepted<Output>(deed: string, answer: Answer<Output, string>): Output {
  if (answer.ok) return answer.output;
  const fields = answer.errors.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new Error(
    `${deed} was refused with ${answer.status} ${answer.problem}: ${answer.detail}${fields && ` (${fields})`}`,
  );
}

/** A client that acts for a user and renews its session in time. */
export async function logIn(gateway: string, email: string, password: string): Promise<Client> {
  const anonymous = createClient(gateway);
  let tokens = accepted(`logging in as ${email}`, await anonymous.call(login, { email, password }));
  let renewAt = Date.now() + RENEW_AFTER_MS;
  return createClient(gateway, {
    async accessToken() {
      if (Date.now() >= renewAt) {
        renewAt = Date.now() + RENEW_AFTER_MS;
        const { refreshToken } = tokens;
        tokens = accepted(`renewing the session of ${email}`, await anonymous.call(refresh, { refreshToken }));
      }
      return tokens.accessToken;
    },
  });
}
