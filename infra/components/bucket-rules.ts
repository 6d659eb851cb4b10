/** How a bucket keeps its objects, and whose pages may reach it. */
export interface BucketRules {
  /** Whether what is overwritten or deleted is kept as an older version. */
  versioned: boolean;
  /** How old an object becomes before it is deleted. */
  deleteAfterDays: number | undefined;
  /** What pages of any origin may do through signed URLs: whoever has one has all the right there is. */
  pageMethods: readonly ('GET' | 'HEAD' | 'PUT' | 'POST')[];
}

const KEPT: BucketRules = { versioned: true, deleteAfterDays: undefined, pageMethods: [] };
/** Older versions of what is only passing through would outlive it. */
const PASSING: BucketRules = { ...KEPT, versioned: false };

/** By the name that functions declare a bucket under; one that is not named here is kept. */
const RULES: Readonly<Record<string, BucketRules>> = {
  /** What clients put; whatever has not been taken within a day never will be. */
  uploads: { ...PASSING, deleteAfterDays: 1, pageMethods: ['GET', 'HEAD', 'PUT', 'POST'] },
  files: { ...KEPT, pageMethods: ['GET', 'HEAD'] },
  /** What a scan refused takes no space of anybody's plan: it is there for a month, for whoever has to look. */
  quarantine: { ...PASSING, deleteAfterDays: 30 },
  /** Partial results of runs and compiled models: all of it can be computed again. */
  simulation: { ...PASSING, deleteAfterDays: 7 },
};

export function rulesOf(bucket: string): BucketRules {
  return RULES[bucket] ?? KEPT;
}

/** What a page may send and read beside the headers that every page may. */
export const PAGE_HEADERS: readonly string[] = [
  'Content-Type',
  'Content-MD5',
  'Content-Range',
  'Content-Disposition',
  'Content-Length',
  'ETag',
  'Location',
  'Range',
  'x-goog-hash',
  'x-goog-resumable',
  'x-goog-content-length-range',
  'x-goog-if-generation-match',
  'x-goog-generation',
  'x-upload-content-length',
  'x-upload-content-type',
];

/** Buckets share one namespace with the whole world: the project's id keeps ours apart. */
export const bucketName = (project: string, name: string) => `${project}-${name}`;
