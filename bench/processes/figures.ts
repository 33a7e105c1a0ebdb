import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { PROCESSES } from '../built-program.ts'

/** What a process prints that has sent mails. */
export interface ProcessFigures {
  readonly sent: number
  /** Milliseconds from the first statement to the last answer. */
  readonly total: number
  /** Milliseconds of CPU of this process only. */
  readonly cpu: number
}

/**
 * Runs a built process to its end.
 * @returns the JSON that it prints
 */
export async function figuresOf<Figures extends object>(
  name: 'chain' | 'plain-loop' | 'ready-mails',
  args: readonly string[],
): Promise<Figures> {
  const { stdout } = await promisify(execFile)(process.execPath, [`${PROCESSES}/${name}.js`, ...args])
  return JSON.parse(stdout) as Figures
}
