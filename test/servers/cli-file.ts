import { fileURLToPath } from 'node:url'

/** The file to run as the program: the bundle if the test's vitest project builds one, otherwise the source. */
export const CLI =
  process.env.PROGRAM_FOR_TESTS ?? fileURLToPath(new URL('../../src/cli.ts', import.meta.url))
