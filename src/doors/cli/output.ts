import { createWriteStream, fstatSync, writeFileSync } from 'node:fs'
import { once } from '../../ground/concurrency/once.ts'

/** Writes a result to stdout. @throws Error of the system when stdout is a file on a full disk */
export function writeResult(text: string): void {
  // A stream would write a part of the text and drop the rest when the disk becomes full.
  if (isRegularFile()) writeFileSync(STDOUT, text)
  else process.stdout.write(text)
}

/** Where a result of any length is written as it comes. The caller does not close it. */
export const resultStream = (): NodeJS.WritableStream =>
  isRegularFile() ? createWriteStream('', { fd: STDOUT, autoClose: false }) : process.stdout

/**
 * Keeps the process alive when its output is closed or cannot be written. The work in hand is finished. A reader such as
 * `head` that has read enough is no failure; anything else ends with status 1.
 *
 * @param report prints a line on stderr
 */
export function surviveLostOutput(report: (line: string) => void): void {
  let isKnown = false
  process.stdout.on('error', (error: Error) => {
    if (isClosedPipe(error)) return
    reported.add(error)
    process.exitCode ||= 1
    if (!isKnown) report(`amavis-digest: The output cannot be written: ${error.message}.`)
    isKnown = true
  })
  process.stderr.on('error', (error: Error) => {
    if (!isClosedPipe(error)) process.exitCode ||= 1
  })
}

/** Whether a line on stderr has told of this failure. */
export const isReported = (error: unknown): boolean => error instanceof Error && reported.has(error)

/** Whether the reader of a pipe has closed it. */
export const isClosedPipe = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EPIPE'

const reported = new WeakSet<Error>()

const STDOUT = 1

const isRegularFile = once(() => {
  try {
    return fstatSync(STDOUT).isFile()
  } catch {
    return false
  }
})
