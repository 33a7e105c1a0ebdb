import type { ReleaseRequest } from '../transport.ts'

/** What the command is given. */
export interface Invocation {
  readonly args: readonly string[]
  readonly stdin: string
}

/**
 * The words are MAIL_ID[PARTITION_TAG] (or the file, from whose name the command takes id and type), SECRET_ID and the
 * recipient. They go through stdin (`amavisd-release -`), because every local user can read the arguments of a process
 * and would find the secret there.
 *
 * The command splits a line of stdin at white space: a recipient with a blank in its quoted local part has to be an
 * argument, and then the secret is one too, and readable while the command runs.
 */
export function invocationOf(request: ReleaseRequest): Invocation {
  const words = [whatOf(request), request.secretId, `<${request.recipient}>`]
  return words.some(word => /\s/.test(word))
    ? { args: words, stdin: '' }
    : { args: ['-'], stdin: `${words.join(' ')}\n` }
}

/**
 * The command names no quarantine type for SQL; amavisd then goes by $spam_quarantine_method, so that a host with more
 * than one kind of quarantine needs AM.PDP.
 */
const whatOf = ({ quarantineType, quarantineLocation, mailId, partitionTag }: ReleaseRequest): string =>
  quarantineType === 'Q' || quarantineLocation === null ? `${mailId}[${partitionTag}]` : quarantineLocation
