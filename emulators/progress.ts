const BAR_WIDTH = 30;
const REDRAW_MS = 100;
const LINE_EVERY_MS = 5_000;

export interface Progress {
  at(done: number): void;
  end(): void;
}

/** How far a count has come, on stderr: a bar that is redrawn on a terminal, a line every five seconds elsewhere, and none where it is over before. */
export function showProgress(what: string, total: number, stream: NodeJS.WriteStream = process.stderr): Progress {
  const startedAt = performance.now();
  const isTerminal = stream.isTTY === true;
  let shownAt = isTerminal ? Number.NEGATIVE_INFINITY : startedAt;
  let last = 0;

  const show = (done: number) => {
    const seconds = (performance.now() - startedAt) / 1_000;
    const share = total === 0 ? 1 : done / total;
    const rate = seconds === 0 ? 0 : Math.round(done / seconds);
    const numbers = `${done}/${total} ${what}, ${Math.floor(share * 100)} %, ${rate}/s`;
    const filled = Math.round(share * BAR_WIDTH);
    stream.write(
      isTerminal ? `\r${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${numbers} \u001b[K` : `${numbers}\n`,
    );
    shownAt = performance.now();
  };
  return {
    at(done) {
      last = done;
      if (performance.now() - shownAt >= (isTerminal ? REDRAW_MS : LINE_EVERY_MS)) show(done);
    },
    end() {
      if (!isTerminal && shownAt === startedAt) return;
      show(last);
      if (isTerminal) stream.write('\n');
    },
  };
}
