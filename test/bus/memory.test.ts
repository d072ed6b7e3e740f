import { memoryBus } from '../../src/bus/memory.ts';
import { busContract } from './contract.ts';

busContract({ open: async () => memoryBus(), between: null, selective: false });
