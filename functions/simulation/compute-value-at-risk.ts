import { computeValueAtRisk } from '#contracts/simulation/api.ts';
import { VALUE_AT_RISK_WORK } from '#contracts/simulation/portfolio.ts';
import { httpFunction } from '#core/function.ts';
import { portfolioRisk } from './engine/portfolio/portfolio-risk.ts';
import { PortfolioRefusal } from './engine/portfolio/refusal.ts';
import { portfolioRequestOf, workOf } from './views/portfolio-request.ts';

/** The same engine as simulations', for positions instead of a workbook; nothing is stored, and the same request gives the same answer. */
export default httpFunction(
  computeValueAtRisk,
  { calls: [], cpu: 1, memory: '2GiB', concurrency: 1, maxInstances: 4 },
  async (asked) => {
    if (workOf(asked) > VALUE_AT_RISK_WORK) {
      return {
        problem: 'too-large',
        detail: 'fewer paths, positions or days: this would take longer than a request may',
      };
    }
    try {
      const { levels, ...risk } = await portfolioRisk(portfolioRequestOf(asked));
      return {
        ...risk,
        levels: levels.map(({ contributions, ...level }) => ({
          ...level,
          contributions: contributions.map(({ position, ...parts }) => ({ instrument: position, ...parts })),
        })),
      };
    } catch (error) {
      if (error instanceof PortfolioRefusal) return { problem: error.code, detail: error.message };
      throw error;
    }
  },
);
