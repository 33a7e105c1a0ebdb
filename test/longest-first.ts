import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Runs the slowest files first. Started last, one of them would keep a single worker busy while all others idle. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId))
  }
}

/** The first one takes a minute and a half, the last ones half a minute. */
const LONGEST = [
  'chaos/chaos',
  'stack/database-outages',
  'stack/held-back-digests',
  'stack/main-job',
  'stack/collecting',
  'stack/queue-bullmq',
  'stack/connection-limits',
  'stack/serve',
  'stack/digest-spamassassin',
  'http/slow-clients',
  'stack/package',
  'stack/reader-pages',
  'stack/amavisd-outages',
  'browser/admin-desk',
  'stack/workers',
  'stack/readiness',
  'mail/smtp-faults',
  'browser/demo',
]

function rankOf(path: string): number {
  const rank = LONGEST.findIndex(name => path.endsWith(`${name}.test.ts`))
  return rank === -1 ? LONGEST.length : rank
}
