import { dirname } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type MariaDbAddress, startMariaDb } from './mariadb.ts'
import { type PostgresAddress, startPostgres } from './postgres.ts'
import { bundleForTests } from './program-bundle.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** One server of each kind for the whole run. A test that stops its server starts its own. */
    mariaDb: MariaDbAddress
    postgres: PostgresAddress
  }
}

/** Starts the servers that all stack tests share, and bundles the program. */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  await using started = new AsyncDisposableStack()
  const [mariaDb, postgres] = await Promise.all([
    startMariaDb().then(server => started.use(server)),
    startPostgres().then(server => started.use(server)),
    bundleForTests(dirname(project.config.env.PROGRAM_FOR_TESTS ?? '')),
  ])
  const { port, socketPath, rootPassword } = mariaDb
  project.provide('mariaDb', { port, socketPath, rootPassword })
  const { socketDir, adminPassword } = postgres
  project.provide('postgres', { port: postgres.port, socketDir, adminPassword })
  const servers = started.move()
  return () => servers.disposeAsync()
}
