import { accessSync, constants, statSync } from 'node:fs'
import { groupName, userName } from '../files/accounts.ts'

/** Why the Unix socket of amavisd cannot be opened, and what mends it; undefined when it can. */
export interface SocketFault {
  readonly message: string
  readonly fix: string
}

/** Looks at the file of a socket. Whether somebody listens is for a connection to tell. */
export function socketFault(path: string): SocketFault | undefined {
  const user = userName(process.geteuid?.() ?? 0)
  try {
    const stats = statSync(path)
    if (!stats.isSocket()) return { message: `${path} is not a socket.`, fix: NAME_IT }
    accessSync(path, constants.R_OK | constants.W_OK)
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EACCES')
      return { message: `${user} may not open the socket ${path}.`, fix: rights(path, user) }
    return { message: `There is no socket ${path} (${code}).`, fix: NAME_IT }
  }
}

const NAME_IT =
  "Let release.via name the file of amavisd's $unix_socketname, and give that socket $interface_policy{'SOCK'} with the protocol AM.PDP; then restart amavisd."

/** The group is that of the socket, or of its folder where that cannot be looked into. */
function rights(path: string, user: string): string {
  const group = groupOf(path)
  return group === undefined
    ? `Let ${user} pass the folders above ${path}: add it to the group of amavisd, then restart the service.`
    : `usermod -aG ${group} ${user}; set $unix_socket_mode = 0660 in amavisd's configuration; restart both.`
}

function groupOf(path: string): string | undefined {
  try {
    return groupName(statSync(path).gid)
  } catch {
    return undefined
  }
}
