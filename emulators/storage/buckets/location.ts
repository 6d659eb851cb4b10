import { invalid } from '../http/refusal.ts';

const MULTI_REGIONS = ['ASIA', 'EU', 'US'];
const DUAL_REGIONS = ['ASIA1', 'EUR4', 'EUR5', 'EUR7', 'EUR8', 'NAM4'];

/** Where a bucket lies, and what kind of place that is. @throws Refusal */
export function placeOf(location: unknown, dataLocations: readonly string[] | undefined) {
  if (location !== undefined && typeof location !== 'string') throw invalid('location is a text', 'location');
  const place = (location ?? 'US').toUpperCase();
  if (dataLocations !== undefined || DUAL_REGIONS.includes(place))
    return { location: place, locationType: 'dual-region' };
  return { location: place, locationType: MULTI_REGIONS.includes(place) ? 'multi-region' : 'region' };
}
