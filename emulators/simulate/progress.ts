import process from 'node:process';

const barWidth = 30;

/** A bar on the terminal's error stream; nothing where that is no terminal. */
export function progressBar(paths: number): { readonly show: (done: number) => void; readonly end: () => void } {
  const started = performance.now();
  if (!process.stderr.isTTY) return { show: () => undefined, end: () => undefined };
  return {
    show: (done) => {
      const share = paths > 0 ? done / paths : 1;
      const filled = Math.round(share * barWidth);
      const rate = (done / Math.max(1, performance.now() - started)) * 1000;
      const bar = `${'█'.repeat(filled)}${'·'.repeat(barWidth - filled)}`;
      process.stderr.write(`\r${bar} ${(100 * share).toFixed(0).padStart(3)} %  ${rate.toExponential(2)} paths/s `);
    },
    end: () => process.stderr.write('\r\u001b[K'),
  };
}
