import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Begins with the files that take longest: one of them begun last would keep a single worker busy at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId))
  }
}

/** More than 40 seconds each. */
const LONGEST = [
  'chaos/chaos',
  'stack/main-job',
  'stack/database-outages',
  'stack/serve',
  'stack/collecting',
  'browser/looks',
  'stack/mixtures',
  'stack/workers',
  'stack/release-link',
  'stack/readiness',
]

function rankOf(path: string): number {
  const rank = LONGEST.findIndex(name => path.endsWith(`${name}.test.ts`))
  return rank === -1 ? LONGEST.length : rank
}
