import type { ReleaseAnswer, ReleaseRequest } from './transport.ts'

/**
 * The port through which amavisd reports a held message: it sends the message, as an attachment of a report, to somebody
 * who learns from it. `recipient` of the request is whom it is reported to, and not a recipient of the message.
 */
export interface ReportTransport {
  /** Asks amavisd once. Never rejects: if amavisd is dead or silent, the answer is `unreachable`. */
  report(request: ReleaseRequest): Promise<ReleaseAnswer>
}

/** Asks the amavisd that holds the message. @param byHost keyed by `hostName` */
export const reportToHosts = (
  standard: ReportTransport,
  byHost: ReadonlyMap<string, ReportTransport>,
  hostName: (text: string) => string,
): ReportTransport => ({
  report: request => (byHost.get(hostName(request.host)) ?? standard).report(request),
})
