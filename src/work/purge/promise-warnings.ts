import type { Retention } from '../../ground/amavis/retention.ts'
import { durationText } from '../../ground/durations.ts'
import { kindsOffered } from '../../rules/policy/offer.ts'
import type { Policies } from '../../rules/policy/policy.ts'

/**
 * Where the life of links and the retention do not fit, a sentence each. No link promises more than the retention, so
 * nothing breaks; but an admin may not have meant it.
 */
export function promiseWarnings({
  retention,
  lifetime,
  policies,
}: {
  readonly retention: Retention
  readonly lifetime: number
  readonly policies: Policies
}): string[] {
  const shorter = kindsOffered(policies).filter(kind => retention.of(kind) < lifetime)
  const bySpan = Map.groupBy(shorter, kind => retention.of(kind))
  return [...bySpan].map(
    ([span, kinds]) =>
      `links.lifetime is ${durationText(lifetime)}, but the quarantine keeps mail of the kinds ${kinds.join(', ')} for ${durationText(span)} only (purge.olderThan, purge.kinds): links to it promise ${durationText(span)} from when it came.`,
  )
}
