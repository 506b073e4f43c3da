import { describe } from 'vitest';
import { describeFailures } from './failure.contract.js';
import { describeMirrors } from './mirror.contract.js';
import { describePushing } from './pushing.contract.js';
import { describeReading } from './reading.contract.js';
import { type TransportFactory, World } from './world.js';

/** What every transport must do, against a real Git server. */
export function describeGitPort(name: string, createPort: TransportFactory): void {
  describe(`GitPort: ${name}`, () => {
    const world = World.create(createPort);
    describeReading(world);
    describeMirrors(world);
    describePushing(world);
    describeFailures(world, createPort);
  });
}
