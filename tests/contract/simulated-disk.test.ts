// The simulated disk is held to the contract of the real one: what is proved on it would else prove nothing.

import { SimulatedDisk } from '../../src/simulation/disk.ts';
import { Dice } from '../../src/simulation/random.ts';
import { diskContract } from './disk-contract.ts';

diskContract('the simulated disk', () => {
  const disk = new SimulatedDisk(new Dice(7));
  disk.makeFolder('/folder');
  return { disk, folder: '/folder' };
});
