const millisecondsPerDay = 86_400_000;
const epochs = { 1900: Date.UTC(1899, 11, 30), 1904: Date.UTC(1904, 0, 1) };
/** Serial 60 is 29 February 1900, a day that never was; dates before it are one less than the arithmetic says. */
const firstTrueSerial = 61;

const isoDate = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?Z?$/;
const isoTime = /^T?(\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?Z?$/;

const isoDuration = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/;

/** The serial number of an ISO 8601 date, or the days of a time that has passed, as cells of type `d` have it (ECMA-376 part 1, 18.17.4); undefined for other text. */
export function serialOf(text: string, system: 1900 | 1904): number | undefined {
  const date = isoDate.exec(text.trim());
  if (date === null) {
    const time = isoTime.exec(text.trim()) ?? isoDuration.exec(text.trim());
    return time === null ? undefined : dayFraction(time[1], time[2], time[3]);
  }
  const days = (Date.UTC(Number(date[1]), Number(date[2]) - 1, Number(date[3])) - epochs[system]) / millisecondsPerDay;
  const serial = system === 1900 && days < firstTrueSerial ? days - 1 : days;
  return serial + dayFraction(date[4], date[5], date[6]);
}

function dayFraction(hours = '0', minutes = '0', seconds = '0'): number {
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) / 86_400;
}
