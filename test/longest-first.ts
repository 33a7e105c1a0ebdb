import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Runs the slowest files first. Started last, one of them would keep a single worker busy while all others idle. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId))
  }
}

/** The first one takes a minute and a half, the last ones half a minute, with five at a time. */
const LONGEST = [
  'chaos/chaos',
  'stack/database-outages',
  'stack/held-back-digests',
  'stack/main-job',
  'stack/package',
  'stack/state-database',
  'stack/release-link',
  'stack/connection-limits',
  'stack/queue-bullmq',
  'stack/smtp-limits',
  'stack/mixtures',
  'stack/strangers-strings',
  'stack/run-beside-serve',
  'stack/explain',
  'stack/database-faults',
  'stack/workers',
  'cli/cli',
  'stack/amavisd-outages',
  'stack/collecting',
  'stack/reader-pages',
  'stack/readiness',
  'stack/digest-spamassassin',
  'stack/doctor-send-test',
  'browser/admin-desk',
  'stack/serve',
  'browser/message',
  'stack/quarantine-types',
  'cli/lost-output',
  'recipients/recipients',
  'stack/template-faults',
  'stack/status',
  'browser/preferences',
  'http/slow-clients',
  'mail/smtp-faults',
  'browser/demo',
]

function rankOf(path: string): number {
  const rank = LONGEST.findIndex(name => path.endsWith(`${name}.test.ts`))
  return rank === -1 ? LONGEST.length : rank
}
