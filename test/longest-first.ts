import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Begins with the files that take longest: one of them begun last would keep a single worker busy at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId))
  }
}

/** From the one that takes a minute and a half to those that take half a minute. */
const LONGEST = [
  'chaos/chaos',
  'stack/database-outages',
  'stack/main-job',
  'browser/admin-desk',
  'stack/amavisd-outages',
  'stack/collecting',
  'browser/looks',
  'stack/serve',
  'stack/queue-bullmq',
  'stack/workers',
  'stack/mixtures',
  'stack/release-link',
  'stack/several-amavisd',
  'browser/admin',
  'stack/package',
]

function rankOf(path: string): number {
  const rank = LONGEST.findIndex(name => path.endsWith(`${name}.test.ts`))
  return rank === -1 ? LONGEST.length : rank
}
