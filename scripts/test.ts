// `npm test`: runs every vitest project and prints `N passed, N failed` as the last line.
import process from 'node:process'
import { startVitest, type TestCase, type TestModule, type TestSuite, type Vitest } from 'vitest/node'

interface Totals {
  passed: number
  failed: number
  skipped: number
}

const totals = await runTests(process.argv.slice(2))
process.stdout.write(`\n${summaryOf(totals)}\n`)
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
 * Counts the results. A file that does not load, a hook that throws and an unhandled rejection count as failures too.
 * So does a run in which nothing passed, or which vitest itself calls failed, such as after a global setup that threw.
 */
function count(vitest: Vitest): Totals {
  const totals = { passed: 0, failed: vitest.state.getUnhandledErrors().length, skipped: 0 }
  for (const module of vitest.state.getTestModules()) {
    totals.failed += ownFailures(module)
    for (const suite of module.children.allSuites()) totals.failed += ownFailures(suite)
    for (const test of module.children.allTests()) totals[resultOf(test)] += 1
  }
  const hasFailed = totals.passed === 0 || Boolean(process.exitCode)
  return hasFailed && totals.failed === 0 ? { ...totals, failed: 1 } : totals
}

function ownFailures(part: TestModule | TestSuite): number {
  return part.errors().length > 0 ? 1 : 0
}

/** A test that is unfinished when the run ends counts as failed. */
function resultOf(test: TestCase): keyof Totals {
  const { state } = test.result()
  return state === 'pending' ? 'failed' : state
}

function summaryOf({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
