import { readFileSync } from 'node:fs'

/** A user of this machine. */
export interface Account {
  readonly name: string
  readonly uid: number
  /** The user's own group. */
  readonly gid: number
  readonly home: string
}

/** The user of this name or number; undefined if /etc/passwd has none. */
export function accountOf(who: string | number): Account | undefined {
  const [name = '', , uid, gid, , home = ''] = entryOf('/etc/passwd', who) ?? []
  return name === '' ? undefined : { name, uid: Number(uid), gid: Number(gid), home }
}

/** The name of a user, for messages: the number where there is no name. */
export const userName = (uid: number): string => accountOf(uid)?.name ?? String(uid)

/** The name of a group, for messages: the number where there is no name. */
export const groupName = (gid: number): string => entryOf('/etc/group', gid)?.[0] ?? String(gid)

/** passwd(5) and group(5) both have the name first and the number third. */
function entryOf(file: string, who: string | number): string[] | undefined {
  const column = typeof who === 'number' ? 2 : 0
  return linesOf(file)
    .map(line => line.split(':'))
    .find(fields => fields[column] === String(who))
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}
