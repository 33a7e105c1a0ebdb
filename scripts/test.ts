// `npm test`: runs every project of vitest and ends with the plain line `N passed, N failed`.
import process from 'node:process'
import { startVitest, type TestCase, type TestModule, type TestSuite, type Vitest } from 'vitest/node'

interface Totals {
  passed: number
  failed: number
  skipped: number
}

const totals = await runTests(process.argv.slice(2))
process.stdout.write(`\n${wordsOf(totals)}\n`)
process.exit(totals.failed === 0 ? 0 : 1)

async function runTests(filters: string[]): Promise<Totals> {
  try {
    const vitest = await startVitest('test', filters, { watch: false })
    const totals = count(vitest)
    await vitest.close()
    return totals
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

/**
 * A file that does not load, a hook that throws and a stray rejection count as failures, as a failed test does.
 * So does a run in which nothing passed, or that vitest itself calls failed (a global setup that threw).
 */
function count(vitest: Vitest): Totals {
  const totals = { passed: 0, failed: vitest.state.getUnhandledErrors().length, skipped: 0 }
  for (const module of vitest.state.getTestModules()) {
    totals.failed += ownFailures(module)
    for (const suite of module.children.allSuites()) totals.failed += ownFailures(suite)
    for (const test of module.children.allTests()) totals[verdictOf(test)] += 1
  }
  const wentWrong = totals.passed === 0 || Boolean(process.exitCode)
  return wentWrong && totals.failed === 0 ? { ...totals, failed: 1 } : totals
}

function ownFailures(part: TestModule | TestSuite): number {
  return part.errors().length > 0 ? 1 : 0
}

/** A test that has not finished when the run ends did not pass. */
function verdictOf(test: TestCase): keyof Totals {
  const { state } = test.result()
  return state === 'pending' ? 'failed' : state
}

function wordsOf({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
