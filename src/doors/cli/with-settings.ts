import type { App } from '../app.ts'
import { type Cli, type CommonOptions, withApp } from './context.ts'

/** Runs a command's work on our own tables, with the schedules that a new configuration seeds. */
export const withSettings = <T>(
  cli: Cli,
  options: CommonOptions,
  work: (app: App) => Promise<T>,
): Promise<T> =>
  withApp(cli, options, async app => {
    await app.checkOwnTables()
    await app.seedSchedules()
    return work(app)
  })
