import { memoryBus } from '../../src/bus/memory.ts';
import { busContract } from './contract.ts';

busContract({ open: async () => memoryBus(), acrossProcesses: false });
