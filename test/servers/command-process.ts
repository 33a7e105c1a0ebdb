// Runs one command of the program after the other, each as `node cli.js …` would, in a process that has already loaded
// the program. Its first argument is the program's file.
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Ended, Wanted } from './commands.ts'

const file = process.argv[2] ?? ''
let open: readonly string[] | undefined

process.on('message', (wanted: Wanted) => void run(wanted))

async function run({ number, args }: Wanted): Promise<void> {
  open ??= await openResources()
  process.argv = [process.execPath, file, ...args]
  // The query makes it a new module, which does its work while it is loaded. What it imports is loaded already.
  await import(`${pathToFileURL(file).href}?${number}`)
  await untilNothingIsOpen(open)
  const status = Number(process.exitCode ?? 0)
  forget()
  for (const stream of [process.stdout, process.stderr]) stream.write(`\0${number}\0`)
  process.send?.({ number, status } satisfies Ended)
}

/** A process of its own would not end before: a command that leaves a connection open fails here too. */
async function untilNothingIsOpen(before: readonly string[]): Promise<void> {
  while ((await openResources()).length > before.length) await wait(5)
}

/** What keeps the process alive, seen from a timer. */
async function openResources(): Promise<string[]> {
  await wait(1)
  return process.getActiveResourcesInfo()
}

/** Undoes what a command changes in its process. */
function forget(): void {
  process.exitCode = undefined
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal)
}
