import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { grantMandate } from '#contracts/ai/api.ts';
import { type Client, createClient } from '#contracts/client.ts';
import { assignRoles, register } from '#contracts/identity/api.ts';
import { getInstruments, listInstrument } from '#contracts/market/api.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { ADMIN_EMAIL } from '../cloud/secrets.ts';
import { accepted, logIn } from './account.ts';
import { barSecondsOf, type PriceFile } from './price-file.ts';

/** Who trades in the demo, and who runs the platform it trades on. */
export interface Desk {
  trader: Client;
  administrator: Client;
  tenant: string;
  email: string;
}

const TRADER_EMAIL = 'trader@demo.millrace.local';
const ORGANIZATION = 'Millrace demo desk';
const BOOK = 'demo-paper';
const MAX_POSITION_LOTS = 20;
const NEWS_DEADLINE_MS = 30_000;
const NEWS_POLL_MS = 50;

/**
 * Registers a user with an organisation of their own. The platform's administrator makes them its risk officer too, since nobody else
 * may grant mandates, and they log in again with the new role.
 */
export async function openDesk(cloud: Cloud): Promise<Desk> {
  const gateway = `http://127.0.0.1:${cloud.options.ports.gateway}`;
  const anonymous = createClient(gateway);
  const password = randomBytes(18).toString('base64url');
  const { userId, organizationId, roles } = accepted(
    'registering a trader',
    await anonymous.call(register, { email: TRADER_EMAIL, password, organizationName: ORGANIZATION }),
  );
  const adminPassword = cloud.secrets.variables.ADMIN_PASSWORD ?? '';
  const administrator = await logIn(gateway, ADMIN_EMAIL, adminPassword);
  accepted(
    'making the trader a risk officer',
    await administrator.call(assignRoles, { id: userId, roles: [...roles, 'risk-officer'], organizationId }),
  );
  const trader = await logIn(gateway, TRADER_EMAIL, password);
  return { trader, administrator, tenant: organizationId, email: TRADER_EMAIL };
}

/** The instruments that prices may come of, with the length of their bars in seconds. */
export async function listedInstruments({ trader }: Desk): Promise<Map<string, number>> {
  const { instruments } = accepted('reading the instruments', await trader.call(getInstruments, {}));
  return new Map(instruments.map(({ instrument, barIntervalSeconds }) => [instrument, barIntervalSeconds]));
}

/** Lists an instrument that nobody knows, on terms that its prices suggest. */
export async function listFor({ administrator }: Desk, instrument: string, file: PriceFile): Promise<void> {
  const answer = await administrator.call(listInstrument, {
    instrument,
    description: `Paper contract on the prices of ${file.path}`.slice(0, 200),
    kind: 'SPOT',
    tradable: true,
    currency: 'USD',
    multiplier: '1',
    tickSize: file.decimalPlaces === 0 ? '1' : `0.${'0'.repeat(file.decimalPlaces - 1)}1`,
    lotSize: '1',
    barIntervalSeconds: barSecondsOf(file),
  });
  accepted(`listing ${instrument}`, answer);
}

/** Lets the ensemble trade an instrument. News of a listing may still be under way to the context that grants. */
export async function grantMandates({ trader }: Desk, instruments: readonly string[]): Promise<void> {
  for (const instrument of instruments) {
    const terms = { strategy: 'ensemble', instrument, book: BOOK, maxPositionLots: MAX_POSITION_LOTS } as const;
    const deadline = Date.now() + NEWS_DEADLINE_MS;
    for (;;) {
      const answer = await trader.call(grantMandate, terms);
      const isNews = !answer.ok && answer.problem === 'unknown-instrument' && Date.now() < deadline;
      if (!isNews) {
        accepted(`granting a mandate for ${instrument}`, answer);
        break;
      }
      await delay(NEWS_POLL_MS);
    }
  }
}
