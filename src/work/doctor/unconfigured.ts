import type { CodedError } from '../../ground/errors.ts'
import { type Check, fail } from '../../ground/health/check.ts'
import { programChecks } from './program-checks.ts'
import { type Examined, runChecks } from './run-checks.ts'

/**
 * What can be examined without a configuration.
 *
 * @param error why the configuration cannot be used
 */
export const examineUnconfigured = (error: CodedError): Promise<readonly Examined[]> =>
  runChecks([
    { title: 'This program', checks: programChecks() },
    { title: 'Configuration', checks: [unusable(error)] },
  ])

const unusable = (error: CodedError): Check => ({
  id: 'configuration',
  run: async () => [fail(error.message, fixOf(error), error.code)],
})

function fixOf({ code, message }: CodedError): string {
  if (/no such file|storage\.?\w*: missing|publicUrl: missing/.test(message))
    return 'sudo amavis-digest init writes a configuration; doctor --config FILE reads another one.'
  if (/EACCES|permission denied/i.test(message))
    return 'Run doctor as the user of the service: sudo -u amavis-digest amavis-digest doctor'
  if (code === 'CONFIG_UNSAFE')
    return 'Let only root be able to change these files, or run doctor as the user of the service.'
  return 'Correct these settings, then run doctor again.'
}
