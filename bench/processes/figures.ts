import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What a process prints that has sent mails. */
export interface ProcessFigures {
  readonly sent: number
  /** Milliseconds from the first statement to the last answer. */
  readonly total: number
  /** Milliseconds of CPU of this process only. */
  readonly cpu: number
}

/**
 * Runs a file of this folder to its end.
 * @returns the JSON that it prints
 */
export async function figuresOf<Figures extends object>(
  file: string,
  args: readonly string[],
): Promise<Figures> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args], { maxBuffer: 1e8 })
  return JSON.parse(stdout) as Figures
}
