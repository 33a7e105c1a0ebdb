import type { TestProject } from 'vitest/node'
import { type MariaDbAddress, startMariaDb } from './mariadb.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** One server for the whole run. A test that stops its server starts one of its own. */
    mariaDb: MariaDbAddress
  }
}

/** Starts what all stack tests share. */
export default async function globalSetup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startMariaDb()
  const { port, socketPath, rootPassword } = server
  project.provide('mariaDb', { port, socketPath, rootPassword })
  return async () => server[Symbol.asyncDispose]()
}
