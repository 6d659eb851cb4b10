/** One JSON line on stderr, in Cloud Logging's format. */
export function warn(message: string, details: Record<string, unknown>): void {
  process.stderr.write(`${JSON.stringify({ severity: 'WARNING', message, service: 'firestore', ...details })}\n`);
}
