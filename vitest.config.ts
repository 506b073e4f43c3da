import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A test ends as soon as it has seen what it waits for: these limits only end one that hangs, on a machine however busy. */
const PATIENCE = { testTimeout: 180_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } };

const withDatabase = {
  ...PATIENCE,
  globalSetup: ['test/support/global-setup.ts'],
  setupFiles: ['test/support/contract/watch.ts'],
};

/** The program itself is started, too. */
const withProgram = { ...withDatabase, globalSetup: [...withDatabase.globalSetup, 'test/support/program-setup.ts'] };

/** What is run once more without native git; the contract of both transports is in test/integration/git-port. */
const alsoWithoutNativeGit = [
  'test/integration/{discovery-content,engine-reads,engine-recovery,publish-merge,push-draft}.test.ts',
  'test/e2e/main-job.test.ts',
];

/** Those that wait for most of their time, the longest first. */
const WAITING = ['queue-away', 'faults', 'at-rest', 'two-workers'];

/** Begins with the files that wait, so that the others of their project run meanwhile, and none of them is the last. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = WAITING.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return index < 0 ? WAITING.length : index;
    };
    const sorted = await super.sort(files);
    // Project by project, as before: a worker keeps its modules until it gets a file of another one.
    const projects = [...new Set(sorted.map(({ project }) => project))];
    return projects.flatMap((project) =>
      sorted.filter((file) => file.project === project).sort((left, right) => rank(left) - rank(right)),
    );
  }
}

export default defineConfig({
  // Nest reads constructor parameter types; oxc writes them out as tsc does.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    // Two that work, and one that waits.
    maxWorkers: 3,
    // The files of a worker share its modules: to load those of the application takes longer than to run most files.
    isolate: false,
    sequence: { sequencer: WaitingFirst },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['{src,bench,test/architecture}/**/*.test.ts'], testTimeout: 60_000 },
      },
      { extends: true, test: { name: 'integration', include: ['test/integration/**/*.test.ts'], ...withDatabase } },
      { extends: true, test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], ...withProgram } },
      {
        extends: true,
        test: {
          name: 'javascript',
          include: alsoWithoutNativeGit,
          env: { GIT_TRANSPORT: 'javascript' },
          ...withDatabase,
        },
      },
      { extends: true, test: { name: 'chaos', include: ['test/chaos/**/*.test.ts'], ...withProgram } },
      { extends: true, test: { name: 'soak', include: ['test/soak/**/*.test.ts'], ...withProgram } },
      {
        extends: true,
        // People make everything before it is lost: on a busy machine that takes its time.
        test: {
          name: 'disasters',
          include: ['test/disasters/**/*.test.ts'],
          ...withProgram,
          hookTimeout: 400_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          globalSetup: withDatabase.globalSetup,
          // After all others: it judges what they have seen.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
