/** What a shell sees of a process that Ctrl-C ended. */
export const INTERRUPTED = 130;

/** Aborted by the first Ctrl-C or SIGTERM, which it says on stderr; those that follow change nothing. */
export function interruption(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!stopping.signal.aborted) process.stderr.write('\nstopping …\n');
      stopping.abort();
    });
  }
  return stopping.signal;
}
