import { execFileSync } from 'node:child_process'

/**
 * The time of what is built, in seconds since 1970: SOURCE_DATE_EPOCH, as https://reproducible-builds.org/specs/ has it,
 * or that of the commit.
 *
 * @throws Error when there is neither
 */
export function timeOfSource(root: string): number {
  const given = process.env.SOURCE_DATE_EPOCH
  if (given !== undefined && /^\d{1,11}$/.test(given)) return Number(given)
  try {
    const log = ['log', '--max-count=1', '--format=%ct']
    return Number(
      execFileSync('git', log, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    )
  } catch {
    throw new Error(
      'This is no clone of git: set SOURCE_DATE_EPOCH to the time of the source, in seconds since 1970.',
    )
  }
}
