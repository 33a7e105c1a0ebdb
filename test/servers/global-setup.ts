import { dirname } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type MariaDbAddress, startMariaDb } from './mariadb.ts'
import { type PostgresAddress, startPostgres } from './postgres.ts'
import { bundleProgram } from './program-bundle.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** One server each for the whole run. A test that stops its server starts one of its own. */
    mariaDb: MariaDbAddress
    postgres: PostgresAddress
  }
}

/** Starts what all stack tests share. */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  await using started = new AsyncDisposableStack()
  const [mariaDb, postgres] = await Promise.all([
    startMariaDb().then(server => started.use(server)),
    startPostgres().then(server => started.use(server)),
    bundleProgram(dirname(project.config.env.PROGRAM_FOR_TESTS ?? '')),
  ])
  const { port, socketPath, rootPassword } = mariaDb
  project.provide('mariaDb', { port, socketPath, rootPassword })
  const { socketDir, adminPassword } = postgres
  project.provide('postgres', { port: postgres.port, socketDir, adminPassword })
  const servers = started.move()
  return () => servers.disposeAsync()
}
