import { fstatSync } from 'node:fs'

/** Whether what is written to a file descriptor goes to the journal of systemd: see JOURNAL_STREAM in systemd.exec(5). */
export function goesToJournal({ JOURNAL_STREAM: stream }: NodeJS.ProcessEnv, fd: number): boolean {
  if (stream === undefined) return false
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true })
    return stream === `${dev}:${ino}`
  } catch {
    return false
  }
}

/**
 * The line with its priority as in sd-daemon(3), which the journal takes off again.
 *
 * @param level of pino: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal
 */
export const withPriority = (line: string, level: number): string => `<${priorityOf(level)}>${line}`

function priorityOf(level: number): number {
  if (level >= 60) return 2
  if (level >= 50) return 3
  if (level >= 40) return 4
  return level >= 30 ? 6 : 7
}
