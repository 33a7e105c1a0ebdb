import { type Cell, truthOf, UNKNOWN, type Value } from '../perl/values.ts'
import type { AmavisSettings } from './settings.ts'

/** Where amavisd listens, and for what. */
export interface Sockets {
  /** Those that take requests to release (the protocol AM.PDP). */
  readonly requests: readonly RequestSocket[]
  /** All TCP ports. */
  readonly ports: ReadonlySet<string>
  /** Ports that have a policy for mail, but at which amavisd does not listen. */
  readonly closed: readonly string[]
  /** Whether all of this could be read for sure. */
  readonly isSure: boolean
}

export interface RequestSocket {
  /** The value for `release.via`. */
  readonly via: string
  /** The file that makes it one for requests. */
  readonly file: string | undefined
  readonly isSure: boolean
  /** The policy bank that says so. */
  readonly bank: string
  /** Whether a request needs the message's secret; undefined if that cannot be known. */
  readonly needsSecret: boolean | undefined
}

export function socketsOf(settings: AmavisSettings): Sockets {
  const names = ['$unix_socketname', '$inet_socket_port', '@listen_sockets']
  const lists = names.map(name => settings.get(name))
  const listening = [...new Set(lists.flatMap(({ value }) => [value].flat()))]
  const sockets = listening.filter(socket => typeof socket === 'string').filter(Boolean)
  const isSure = lists.every(list => list.isSure)
  const requests = sockets.flatMap(socket => requestSocket(settings, socket, isSure))
  const ports = new Set(sockets.flatMap(socket => portOf(socket) ?? []))
  const { isSure: arePoliciesSure } = settings.get('%interface_policy')
  return {
    // A port is preferred: to use a Unix socket, the service needs amavisd's group.
    requests: requests.toSorted((a, b) => preference(a) - preference(b)),
    ports,
    closed: isSure && arePoliciesSure && ports.size > 0 ? closedPorts(settings, ports) : [],
    isSure: isSure && arePoliciesSure,
  }
}

const preference = ({ via, isSure }: RequestSocket): number =>
  (isSure ? 0 : 2) + (via.startsWith('tcp:') ? 0 : 1)

function requestSocket(settings: AmavisSettings, socket: string, isListed: boolean): RequestSocket[] {
  const port = portOf(socket)
  // As amavisd does: the second one counts, if there are both.
  const keys = port === undefined ? ['SOCK', pathOf(socket)] : [port, socket]
  const policies = keys.flatMap(key => entry(settings, '%interface_policy', key) ?? [])
  const policy = policies.findLast(({ value }) => typeof bankOf(settings, value)?.protocol === 'string')
  if (!policy || typeof policy.value !== 'string') return []
  const bank = bankOf(settings, policy.value)
  if (bank?.protocol !== 'AM.PDP') return []
  const isSure = isListed && policy.isSure && bank.isSure
  const via = port === undefined ? `unix://${pathOf(socket)}` : `tcp://${hostOf(settings, socket)}:${port}`
  return [
    { via, file: policy.file, isSure, bank: policy.value, needsSecret: needsSecret(settings, bank.secret) },
  ]
}

function bankOf(settings: AmavisSettings, name: Value) {
  if (typeof name !== 'string') return undefined
  const bank = entry(settings, '%policy_bank', name)
  if (!(bank?.value instanceof Map)) return undefined
  const protocol = bank.value.get('protocol')
  return {
    protocol: protocol?.value,
    secret: bank.value.get('auth_required_release'),
    isSure: bank.isSure && protocol?.isSure !== false,
  }
}

function needsSecret(settings: AmavisSettings, ofBank: Cell | undefined): boolean | undefined {
  const cell = ofBank ?? settings.get('$auth_required_release')
  return cell.isSure ? truthOf(cell.value) : undefined
}

const pathOf = (socket: string): string => socket.replace(/[/|]unix$/i, '')

/** @returns undefined for a Unix socket */
function portOf(socket: string): string | undefined {
  if (socket.startsWith('/') || /[/|]unix$/i.test(socket)) return undefined
  return /(?:^|:)(\d+)(?:[/|]tcp)?$/i.exec(socket)?.[1]
}

/** The address to ask at, of those that amavisd listens at. */
function hostOf(settings: AmavisSettings, socket: string): string {
  const own = /^(\[[^\]]*\]|[^:]+):/.exec(socket)?.[1]
  const { value, file } = settings.get('$inet_socket_bind')
  const all = own !== undefined ? [own] : file === undefined ? ['127.0.0.1'] : [value].flat()
  const hosts = all.map(host =>
    typeof host === 'string' && host !== '' ? host.replace(/^\[(.*)\]$/, '$1') : '*',
  )
  if (hosts.some(host => ['127.0.0.1', '*', '0.0.0.0', '::', 'localhost'].includes(host))) return '127.0.0.1'
  const [first = '127.0.0.1'] = hosts
  return first.includes(':') ? `[${first}]` : first
}

function closedPorts(settings: AmavisSettings, open: ReadonlySet<string>): string[] {
  const { value: policies } = settings.get('%interface_policy')
  if (!(policies instanceof Map)) return []
  return [...policies]
    .filter(
      ([port, { value }]) =>
        /^\d+$/.test(port) && value !== undefined && value !== UNKNOWN && !open.has(port),
    )
    .filter(([, { value }]) => bankOf(settings, value)?.protocol !== 'AM.PDP')
    .map(([port]) => port)
}

function entry(settings: AmavisSettings, hash: string, key: string): Cell | undefined {
  const { value } = settings.get(hash)
  return value instanceof Map ? value.get(key) : undefined
}
