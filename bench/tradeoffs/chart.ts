import type { TradeoffResults } from './results.ts';
export const drawTradeoffs = (results: TradeoffResults) => `${results.sizes.length}\n`;
