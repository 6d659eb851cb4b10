import { grantMandate } from '../../../contracts/ai/api.ts';
import { type Client, createClient } from '../../../contracts/client.ts';
import type { Answer } from '../../../contracts/client-answer.ts';
import { assignRoles, login, register } from '../../../contracts/identity/api.ts';
import { ADMIN_EMAIL } from '../../../emulators/cloud/secrets.ts';
import type { CloudAccess } from './access.ts';

const PASSWORD = 'correct horse battery staple';
const SETTLING_MS = 100;
const SETTLING_TRIES = 300;

/** Somebody logged in at the gateway. */
export interface Person {
  client: Client;
  accessToken: string;
  userId: string;
  tenant: string;
}

/** An organisation whose founder trades and is its risk officer. */
export interface Desk extends Person {
  administrator: Person;
}

/** The answer's output. Throws where it is a refusal. */
export function accepted<Output>(answer: Answer<Output, string>): Output {
  if (answer.ok) return answer.output;
  throw new Error(`${answer.status} ${answer.problem}: ${answer.detail} ${JSON.stringify(answer.errors)}`);
}

export async function logIn({ gatewayUrl }: CloudAccess, email: string, password = PASSWORD): Promise<Person> {
  const anonymous = createClient(gatewayUrl);
  const { accessToken, userId, organizationId } = accepted(await anonymous.call(login, { email, password }));
  return { client: createClient(gatewayUrl, { accessToken }), accessToken, userId, tenant: organizationId };
}

/** Registers an organisation and makes its founder a risk officer. The same name gets the same ids in every cloud. */
export async function openDesk(cloud: CloudAccess, name = 'Harbour Desk'): Promise<Desk> {
  const email = `${name.toLowerCase().replaceAll(' ', '-')}@journeys.example`;
  const anonymous = createClient(cloud.gatewayUrl);
  const registration = { email, password: PASSWORD, organizationName: name };
  const { userId, organizationId } = accepted(
    await anonymous.call(register, registration, { idempotencyKey: `register ${name}` }),
  );
  const administrator = await logIn(cloud, ADMIN_EMAIL, cloud.adminPassword);
  const roles = ['organization-admin' as const, 'trader' as const, 'risk-officer' as const];
  accepted(await administrator.client.call(assignRoles, { id: userId, roles, organizationId }));
  return { ...(await logIn(cloud, email)), administrator };
}

/** Grants a mandate, once the context has heard of the instrument. */
export async function mandate(
  desk: Desk,
  instrument: string,
  maxPositionLots = 10,
  book = 'energy-paper',
): Promise<string> {
  const terms = { strategy: 'ensemble' as const, instrument, book, maxPositionLots };
  const idempotencyKey = `mandate ${book} ${instrument}`;
  for (let tries = 1; ; tries++) {
    const answer = await desk.client.call(grantMandate, terms, { idempotencyKey: `${idempotencyKey} ${tries}` });
    if (answer.ok || answer.problem !== 'unknown-instrument' || tries === SETTLING_TRIES)
      return accepted(answer).mandateId;
    await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  }
}
