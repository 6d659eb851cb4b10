import { paceOf, type Run } from '../domain/run.ts';
import type { PageMark } from '../store/run-pages.ts';

/** A run as it is answered over HTTP; a running one with its pace as of when its progress was last told. */
export function runView(run: Run) {
  const { id, version, name, workbookId, state, requestedBy, createdAt, startedAt, finishedAt, paths, pathsDone } = run;
  const { failure, progressedAt } = run;
  const pace = state === 'running' && progressedAt !== undefined ? paceOf(run, progressedAt) : undefined;
  return {
    simulationId: id,
    version,
    workbookId,
    state,
    requestedBy,
    createdAt: createdAt.toISOString(),
    paths,
    pathsDone,
    ...(name === undefined ? {} : { name }),
    ...(startedAt === undefined ? {} : { startedAt: startedAt.toISOString() }),
    ...(finishedAt === undefined ? {} : { finishedAt: finishedAt.toISOString() }),
    ...(failure === undefined ? {} : { failure }),
    ...(pace === undefined ? {} : { pathsPerSecond: pace.pathsPerSecond }),
    ...(pace?.secondsLeft === undefined ? {} : { secondsLeft: pace.secondsLeft }),
  };
}

/** A page mark as opaque text. */
export function writeMark({ createdAt, id }: Run): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url');
}

/** Undefined where the text was not written by `writeMark`. */
export function readMark(text: string): PageMark | undefined {
  const [, created, id] =
    /^\["([^"]+)","([0-9a-f-]{36})"\]$/.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? [];
  if (created === undefined || id === undefined) return undefined;
  const createdAt = new Date(created);
  return Number.isNaN(createdAt.getTime()) ? undefined : { createdAt, id };
}
