/** Where in the request the fault is, as the API tells it. */
interface Location {
  locationType: 'header' | 'parameter' | 'other';
  location: string;
}

/** What a request is refused with, in the form that the JSON API gives it; the XML API has a code of its own. */
export class Refusal extends Error {
  readonly status: number;
  /** `notFound`, `conditionNotMet`, … */
  readonly reason: string;
  readonly where: Location | undefined;
  /** `NoSuchKey`, …; where there is none, it follows from the status. */
  readonly xmlCode: string | undefined;

  constructor(status: number, reason: string, message: string, more: { where?: Location; xmlCode?: string } = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.where = more.where;
    this.xmlCode = more.xmlCode;
  }
}

export function invalid(message: string, parameter?: string): Refusal {
  const where = parameter === undefined ? {} : ({ where: { locationType: 'parameter', location: parameter } } as const);
  return new Refusal(400, 'invalid', message, where);
}

export function required(message: string): Refusal {
  return new Refusal(400, 'required', message);
}

export function forbidden(message: string, xmlCode = 'AccessDenied'): Refusal {
  return new Refusal(403, 'forbidden', message, { xmlCode });
}

export function conflict(message: string, xmlCode: string): Refusal {
  return new Refusal(409, 'conflict', message, { xmlCode });
}

export function noSuchBucket(): Refusal {
  return new Refusal(404, 'notFound', 'The specified bucket does not exist.', { xmlCode: 'NoSuchBucket' });
}

export function noSuchObject(bucket: string, name: string): Refusal {
  return new Refusal(404, 'notFound', `No such object: ${bucket}/${name}`, { xmlCode: 'NoSuchKey' });
}

export function conditionNotMet(header: string): Refusal {
  return new Refusal(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.', {
    where: { locationType: 'header', location: header },
    xmlCode: 'PreconditionFailed',
  });
}

/** 304 has no body: the caller has what it asks for. */
export function notModified(): Refusal {
  return new Refusal(304, 'notModified', 'Not Modified');
}
