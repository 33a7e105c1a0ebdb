import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Runs the slowest files first. Started last, one of them would keep a single worker busy while all others idle. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId))
  }
}

/** The first ones take two minutes, the last ones 25 seconds, with five at a time. */
const LONGEST = [
  'stack/package',
  'stack/main-job',
  'chaos/chaos',
  'stack/database-outages',
  'stack/digest-spamassassin',
  'stack/held-back-digests',
  'samples/check-pages',
  'stack/serve',
  'stack/guide-amavis',
  'stack/explain',
  'stack/queue-bullmq',
  'stack/doctor-send-test',
  'stack/doctor-databases',
  'stack/connection-limits',
  'stack/run-beside-serve',
  'stack/database-faults',
  'browser/admin-desk',
  'stack/workers',
  'stack/state-database',
  'stack/database-failover',
  'stack/readiness',
  'stack/template-faults',
  'cli/lost-output',
  'stack/smtp-limits',
  'stack/release-link',
  'browser/message',
  'stack/quarantine-actions',
  'browser/demo',
  'stack/quarantine-types',
  'stack/smtp-outages',
  'http/slow-clients',
  'browser/self-release',
  'browser/looks',
  'stack/amavisd-outages',
  'stack/readiness-writes',
  'browser/requests',
  'stack/refused-sign-ins',
  'stack/amavisd-sample',
  'browser/held-lists',
  'stack/unreachable-recipients',
  'stack/collecting',
  'stack/stopping',
  'cli/loaded-files',
  'stack/mixtures',
  'stack/database-postgres',
  'stack/status',
  'stack/grants',
  'stack/web-server-samples',
  'browser/sign-in',
  'stack/requests',
  'stack/reader-pages',
  'mail/smtp-faults',
  'stack/several-amavisd',
  'cli/cli',
  'stack/strangers-strings',
]

function rankOf(path: string): number {
  const rank = LONGEST.findIndex(name => path.endsWith(`${name}.test.ts`))
  return rank === -1 ? LONGEST.length : rank
}
