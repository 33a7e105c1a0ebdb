import type { Stats } from 'node:fs'
import { accountOf } from './accounts.ts'

/** What a user does with a file or folder. To write a folder is to create and remove files in it. */
export type Right = 'read' | 'write' | 'enter'

/** Whether the mode of a file or folder gives a user this right. Access lists are not looked at. */
export function mayUse(
  { uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>,
  user: number,
  right: Right,
): boolean {
  if (user === 0) return true
  const bit = BITS[right]
  if (uid === user) return (mode & (bit << 6)) !== 0
  return (mode & (groupsOf(user).includes(gid) ? bit << 3 : bit)) !== 0
}

/** As in chmod(1). */
const BITS = { read: 4, write: 2, enter: 1 } as const satisfies Record<Right, number>

function groupsOf(user: number): number[] {
  if (user === process.geteuid?.()) return [...(process.getgroups?.() ?? []), process.getegid?.() ?? -1]
  const group = accountOf(user)?.gid
  return group === undefined ? [] : [group]
}
