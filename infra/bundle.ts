/** What is uploaded for one function or migration: an archive, and the hash of its content that its object is named after. */
export interface Bundle {
  /** SHA-256 in hexadecimal. */
  hash: string;
  /** Path of the file. */
  archive: string;
}

/** Everything that is uploaded. Throws where a name is unknown. */
export interface Bundles {
  function(name: string): Bundle;
  migration(context: string): Bundle;
  job(name: string): Bundle;
  /** The program that runs jobs whose image has none. */
  node(): Bundle;
}

/** For looking at the graph without building: every bundle is the same missing file. */
export const UNBUILT: Bundles = {
  function: (name) => ({ hash: 'unbuilt', archive: `dist/functions/${name}.zip` }),
  migration: (context) => ({ hash: 'unbuilt', archive: `dist/migrations/${context}.mjs` }),
  job: (name) => ({ hash: 'unbuilt', archive: `dist/jobs/${name}.tgz` }),
  node: () => ({ hash: 'unbuilt', archive: 'dist/node' }),
};
