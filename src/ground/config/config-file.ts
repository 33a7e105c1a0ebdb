import { CodedError } from '../errors.ts'

export const DEFAULT_CONFIG_FILE = '/etc/amavis-digest/config.yaml'

/** The variable that names the configuration file. It is not an option of that file. */
export const CONFIG_VARIABLE = 'AMAVIS_DIGEST_CONFIG'

/**
 * The configuration file that somebody named, on the command line or by the variable; undefined when nobody did. An
 * empty variable names none.
 *
 * @throws CodedError USAGE when the command line names an empty one
 */
export function namedConfigFile(file: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  if (file === '') throw new CodedError('USAGE', '--config: expected the path of a file, found nothing.')
  return file ?? (env[CONFIG_VARIABLE] || undefined)
}

/** As packaging/amavis-digest.sysusers makes it. */
export const SERVICE_USER = 'amavis-digest'
