import type { TradeoffResults } from './results.ts';
export const describeTradeoffs = (results: TradeoffResults) => `${results.sizes.length}\n`;
