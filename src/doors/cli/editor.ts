import { userInfo } from 'node:os'
import type { Editor } from '../../rules/reach/reach.ts'

/**
 * A user of the command line may change everything. The audit names the user of the machine, and who they were before
 * `sudo`, which tells one administrator from another.
 */
export const commandLineEditor = (environment: NodeJS.ProcessEnv = process.env): Editor => ({
  actor: {
    kind: 'admin',
    name: nameOf(userInfo().username, environment.SUDO_USER),
    remoteAddress: null,
  },
  reach: undefined,
})

const nameOf = (user: string, before: string | undefined): string =>
  before !== undefined && before !== user && /^[\w.@-]{1,64}$/.test(before) ? `${before} (as ${user})` : user
