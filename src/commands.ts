import type { Command } from 'commander'
import type { Cli } from './doors/cli/context.ts'

/** Adds a command, with its options and what it does, to the program. */
export type AddCommand = (program: Command, cli: Cli) => void

/** The commands in the order of the help. Each is loaded when it is called, or when all of them are shown. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  demo: async () => (await import('./doors/cli/demo.ts')).addDemo,
  init: async () => (await import('./doors/cli/init.ts')).addInit,
  doctor: async () => (await import('./doors/cli/doctor.ts')).addDoctor,
  migrate: async () => (await import('./doors/cli/migrate.ts')).addMigrate,
  serve: async () => (await import('./doors/cli/serve.ts')).addServe,
  worker: async () => (await import('./doors/cli/worker.ts')).addWorker,
  run: async () => (await import('./doors/cli/run/run.ts')).addRun,
  recipients: async () => (await import('./doors/cli/recipients/recipients.ts')).addRecipients,
  directory: async () => (await import('./doors/cli/directory/directory.ts')).addDirectory,
  preview: async () => (await import('./doors/cli/preview.ts')).addPreview,
  held: async () => (await import('./doors/cli/held/held.ts')).addHeld,
  release: async () => (await import('./doors/cli/held/release.ts')).addRelease,
  delete: async () => (await import('./doors/cli/held/delete.ts')).addDelete,
  requests: async () => (await import('./doors/cli/requests/requests.ts')).addRequests,
  senders: async () => (await import('./doors/cli/senders/senders.ts')).addSenders,
  schedules: async () => (await import('./doors/cli/schedules/schedules.ts')).addSchedules,
  status: async () => (await import('./doors/cli/status/status.ts')).addStatus,
  purge: async () => (await import('./doors/cli/purge.ts')).addPurge,
  keys: async () => (await import('./doors/cli/keys/keys.ts')).addKeys,
  admin: async () => (await import('./doors/cli/admin.ts')).addAdmin,
  completion: async () => (await import('./doors/cli/completion/completion.ts')).addCompletion,
}

/** Adds the named command to the program, or all of them: for the help, and for a name that none has. */
export async function addCommands(program: Command, cli: Cli, name?: string): Promise<void> {
  const named = name !== undefined && name !== 'completion' && Object.hasOwn(COMMANDS, name)
  for (const [command, load] of Object.entries(COMMANDS)) {
    if (!named || command === name) (await load())(program, cli)
  }
}
