import { paperVenue } from './paper.ts';
import type { Venue } from './port.ts';

interface Surroundings {
  config: (name: string) => string;
  traceparent?: string;
}

/** How each venue is reached, by the name that orders carry. */
const VENUES: Record<string, (surroundings: Surroundings) => Venue> = {
  paper: ({ config, traceparent }) => paperVenue(config('VENUE_URL'), traceparent),
};

/** The venue that an order names. Throws a RangeError on a name that nothing stands for. */
export function venueNamed(name: string, surroundings: Surroundings): Venue {
  const open = VENUES[name];
  if (open === undefined) throw new RangeError(`no such venue: ${name}`);
  return open(surroundings);
}

/** Where orders in an instrument go. Everything trades on paper; a venue of its own becomes an instrument's fact. */
export function venueNameOf(_instrument: string): string {
  return 'paper';
}
