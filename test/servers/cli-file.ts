import { fileURLToPath } from 'node:url'

/** What is run as the program: put into few files where the project of the test has that done, else from its source. */
export const CLI =
  process.env.PROGRAM_FOR_TESTS ?? fileURLToPath(new URL('../../src/cli.ts', import.meta.url))
