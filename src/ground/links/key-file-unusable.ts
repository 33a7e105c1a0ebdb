import { dirname } from 'node:path'
import { CodedError } from '../errors.ts'
import { groupName, userName } from '../files/accounts.ts'
import { SharedFolder, workerOn } from '../files/as-owner.ts'
import { mayUse, type Right } from '../files/may-use.ts'
import { shellWord } from '../files/shell-word.ts'
import { type Step, stepsTo } from '../files/steps-to.ts'

/** Why a key file cannot be read or written: who tried, what is in the way, and the command that removes it. */
export function unusable(path: string, doing: 'read' | 'write', error: unknown): CodedError {
  if (error instanceof SharedFolder) {
    return new CodedError(
      'KEY_FILE_UNSAFE',
      `Others could put a key file of their own in place of ${path}, because several users may write ${error.folder}. ${
        error.isSticky
          ? 'Keep the keys in a folder of their own: set links.keyFile.'
          : `Run: chmod go-w ${shellWord(error.folder)}`
      }`,
    )
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
  return new CodedError(
    'KEY_FILE_INVALID',
    `The key file ${path} cannot be ${doing === 'read' ? 'read' : 'written'} (${code}): ${reasonFor(path, doing, code)}`,
  )
}

function reasonFor(path: string, doing: 'read' | 'write', code: string): string {
  const user = workerOn(path)
  switch (code) {
    case 'ENOENT': {
      const folder = shellWord(dirname(path))
      const give = user === undefined || user === 0 ? '' : ` && chown ${userName(user)}: ${folder}`
      return `there is no folder ${dirname(path)}. Run: mkdir -p ${folder}${give}`
    }
    case 'EACCES':
    case 'EPERM':
      return user === undefined ? 'this user may not.' : refusal(path, doing, user)
    case 'EROFS':
      return `the folder ${dirname(path)} cannot be written, by nobody. Under systemd, ProtectSystem= may be why: keep the keys in /var/lib/amavis-digest (links.keyFile), or run systemctl edit amavis-digest and add ReadWritePaths=${dirname(path)}.`
    case 'ENOSPC':
    case 'EDQUOT':
      return `there is no room left in ${dirname(path)}.`
    case 'EISDIR':
      return 'it is a folder. Set links.keyFile to a file.'
    case 'ELOOP':
      return 'it is a link that leads in a circle. Remove it, or point it at the file.'
    case 'ENOTDIR':
      return `${dirname(path)} is not a folder.`
    default:
      return 'it has to be a file of the user that this program runs as.'
  }
}

/** The first thing on the way that the user lacks a right to. */
function refusal(path: string, doing: 'read' | 'write', user: number): string {
  const steps = stepsUpTo(path).filter(({ stats }) => !stats.isSymbolicLink())
  const folders = steps.filter(({ stats }) => stats.isDirectory())
  // Root has opened the user's folder before it works as that user.
  const own = isSelf(user) ? 0 : folders.findIndex(({ stats }) => stats.uid === user)
  const closed = folders.slice(own).find(folder => !mayUse(folder.stats, user, 'enter'))
  if (closed) return sentence(user, 'enter', closed, `chmod o+x ${shellWord(closed.path)}`)
  const file = steps.find(({ stats }) => !stats.isDirectory())
  if (file && !mayUse(file.stats, user, 'read')) {
    return sentence(user, 'read', file, `chown -h ${userName(user)}: ${shellWord(file.path)}`)
  }
  const folder = folders.at(-1)
  if (doing === 'read' || !folder) return `${who(user)} may not.`
  return sentence(user, 'write', folder, advice(folder.path, user))
}

/** In /etc are configurations, which must be root's alone. */
const advice = (folder: string, user: number): string =>
  folder.startsWith('/etc/')
    ? `mv the file to /var/lib/amavis-digest and set links.keyFile, or run this command as root`
    : `chown ${userName(user)}: ${shellWord(folder)}`

const sentence = (user: number, right: Right, { path, stats }: Step, command: string): string =>
  `${who(user)} may not ${right} ${path}, which belongs to ${userName(stats.uid)}:${groupName(stats.gid)} (mode ${(stats.mode & 0o7777).toString(8)}). As root: ${command}`

const who = (user: number): string =>
  isSelf(user) ? `this program runs as ${userName(user)}, who` : `${userName(user)}, whose folder it is,`

const isSelf = (user: number): boolean => user === process.geteuid?.()

/** As far as this process can see. */
function stepsUpTo(path: string): Step[] {
  const seen: Step[] = []
  try {
    for (const step of stepsTo(path)) seen.push(step)
  } catch {
    // The folder seen last may not be entered.
  }
  return seen
}
