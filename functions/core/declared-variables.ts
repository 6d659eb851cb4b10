/** The variable in which a declared bucket's full name arrives. */
export const bucketVariable = (name: string) => `BUCKET_${inCapitals(name)}`;

/** The variable in which the full name of a job that may be started arrives: `projects/…/locations/…/jobs/…`. */
export const jobVariable = (name: string) => `JOB_${inCapitals(name)}`;

function inCapitals(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
