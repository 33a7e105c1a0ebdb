import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

/** What starts processes: servers, a browser, the program itself, the MJML compiler. It comes after the rest. */
const STACK = ['test/stack', 'test/browser', 'test/doors/cli', 'test/ground/templates', 'test/chaos']

/** What needs no servers, but takes too long for a quick look: the whole program with its HTTP, 50,000 lines, or waiting. */
const SERVED = [
  'test/doors/http/admin/**/*.test.ts',
  'test/doors/http/api/**/*.test.ts',
  'test/doors/http/links/**/*.test.ts',
  'test/doors/http/mail/**/*.test.ts',
  'test/doors/http/quarantine/*.test.ts',
  'test/doors/http/session/**/*.test.ts',
  'test/doors/http/slow-clients.test.ts',
  'test/doors/http/samples/**/*.test.ts',
  'test/desks/admin/settings/import-settings.test.ts',
  'test/desks/reader/settings/settings-desk.test.ts',
  'test/ground/health/health.test.ts',
  // They wait for SMTP servers that say nothing.
  'test/ground/mail/smtp-faults.test.ts',
  'test/ground/mail/smtp-limits.test.ts',
  'test/ground/queue/in-process.test.ts',
  // Ten thousand entries.
  'test/ground/senders/amavis/amavis-sender-lists.test.ts',
  // 50 MB, HTML that takes too long, and packages that no other unit test loads.
  'test/ground/message/*.test.ts',
  'test/ground/message/html/*.test.ts',
  'test/work/reading/*.test.ts',
  // It breaks off a thread.
  'test/ground/sign-in/password-hash/password-checks.test.ts',
  // Two seconds each: they wait for leases and connections, walk over years, or start processes.
  'test/doors/http/loaded-at-start.test.ts',
  'test/doors/service/service.test.ts',
  'test/ground/database/connect.test.ts',
  'test/desks/reader/release-together.test.ts',
  'test/ground/heap.test.ts',
  'test/ground/mail/smtp-session.test.ts',
  'test/ground/mail/smtp.test.ts',
  'test/ground/state/state-database.test.ts',
  'test/rules/time/due-times.test.ts',
  'test/scripts/generated/generated-files.test.ts',
  'test/work/digest/send/deliver-until-done.test.ts',
  'test/work/quarantine/list/any-list.test.ts',
  'test/work/purge/purge.test.ts',
  'test/work/purge/purge-leftovers.test.ts',
]

/**
 * Loading the program anew for each file took more than half of the time of the unit tests, and 0.7 s for each file
 * that starts servers. So a file leaves the process as it found it: its environment, its timers, its certificates.
 */
const SHARED = { isolate: false }

/** Much of it waits, for leases, back-offs and servers that say nothing: five at a time keep two cores busy. */
const WAITING = { maxWorkers: 5, sequence: { groupOrder: 1 } }

const SERVERS = {
  globalSetup: ['test/servers/global-setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // Most of what a command costs is reading and compiling it: made ready once, it takes half of that.
  env: {
    PROGRAM_FOR_TESTS: join(import.meta.dirname, 'artefacts/program-for-tests/cli.js'),
    NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled-for-tests'),
  },
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    teardownTimeout: 30_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...STACK.map(folder => `${folder}/**`), ...SERVED],
          testTimeout: 10_000,
          sequence: { groupOrder: 0 },
          ...SHARED,
        },
      },
      {
        test: { name: 'served', include: SERVED, testTimeout: 30_000, ...SHARED, ...WAITING },
      },
      {
        test: {
          name: 'stack',
          include: STACK.map(folder => `${folder}/**/*.test.ts`),
          ...SHARED,
          ...WAITING,
          ...SERVERS,
        },
      },
    ],
  },
})
