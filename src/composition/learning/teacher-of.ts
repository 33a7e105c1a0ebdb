import { createAmPdpReporter } from '../../ground/amavisd/am-pdp/am-pdp-reporter.ts'
import { endpointOf } from '../../ground/amavisd/endpoint.ts'
import { hostName } from '../../ground/amavisd/host-transport.ts'
import { type ReportTransport, reportToHosts } from '../../ground/amavisd/report-transport.ts'
import type { Config } from '../../ground/config/schema.ts'
import { CodedError } from '../../ground/errors.ts'
import { workerOn } from '../../ground/files/as-owner.ts'
import type { FilterTeacher } from '../../ground/learning/filter-teacher.ts'
import { createReportTeacher } from '../../ground/learning/report-teacher.ts'
import { createSaLearn } from '../../ground/learning/sa-learn/sa-learn.ts'

/**
 * Who learns what readers and admins say was spam; undefined: nobody.
 *
 * @throws CodedError CONFIG_INVALID when a message would be reported by a command, which cannot
 */
export function teacherOf(config: Pick<Config, 'learn' | 'release' | 'links'>): FilterTeacher | undefined {
  const { kind, command, user, timeout, spam, notSpam } = config.learn
  switch (kind) {
    case 'none':
      return undefined
    case 'sa-learn':
      return createSaLearn({ command, user, timeout, service: () => workerOn(config.links.keyFile) })
    case 'report':
      return createReportTeacher({
        transport: reporterOf(config.release, timeout),
        addresses: { spam, notSpam },
        patience: timeout,
      })
  }
}

function reporterOf({ via, hosts }: Config['release'], timeout: number): ReportTransport {
  const byAddress = new Map<string, ReportTransport>()
  const at = (option: string, address: string): ReportTransport => {
    const known = byAddress.get(address) ?? reporterAt(option, address, timeout)
    byAddress.set(address, known)
    return known
  }
  const byHost = Object.entries(hosts).map(
    ([host, address]) => [hostName(host), at(`release.hosts.${host}`, address)] as const,
  )
  return reportToHosts(at('release.via', via), new Map(byHost), hostName)
}

function reporterAt(option: string, address: string, timeout: number): ReportTransport {
  const endpoint = endpointOf(address)
  if (endpoint.kind === 'am-pdp') return createAmPdpReporter(endpoint.via, timeout)
  throw new CodedError(
    'CONFIG_INVALID',
    `learn.kind: report asks amavisd by its AM.PDP port, which the command of ${option} cannot. Let ${option} name that port, or choose sa-learn.`,
  )
}
