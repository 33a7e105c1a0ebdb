import { truthOf, type Value } from '../perl/values.ts'
import type { AmavisSettings, Setting } from './settings.ts'
import type { RequestSocket, Sockets } from './sockets.ts'

/** Something that amavisd's configuration does not have yet. */
export interface Lack {
  /** What is missing, and what that does. */
  readonly sentence: string
  /** What sets it: lines of Perl. undefined where only a person can tell what is right. */
  readonly perl: string | undefined
}

/** What amavisd still lacks, as far as its configuration tells. What could not be read for sure is to be checked. */
export function lacksOf(settings: AmavisSettings, sockets: Sockets): Lack[] {
  const opened = portToOpen(settings, sockets)
  return [
    ...noStorage(settings),
    ...KINDS.flatMap(kind => notKept(settings, kind)),
    ...passed(settings),
    ...noRequests(settings, sockets, opened),
    // Twice in the list, amavisd could not bind it.
    ...sockets.closed.filter(port => port !== opened).map(portIsClosed),
    ...noSecret(sockets.requests[0]),
    ...needsGroup(sockets.requests[0]),
    ...releasesGoNowhere(settings),
    ...addressesLoseOctets(settings),
  ]
}

const check = (name: string, { file }: Setting, what: string): Lack => ({
  sentence: `CHECK: ${name}${file === undefined ? '' : `, set in ${file},`} could not be read for sure. ${what}`,
  perl: undefined,
})

function noStorage(settings: AmavisSettings): Lack[] {
  const storage = settings.get('@storage_sql_dsn')
  const isThere = Array.isArray(storage.value) && storage.value.length > 0
  if (isThere) return []
  if (!storage.isSure)
    return [check('@storage_sql_dsn', storage, 'It has to name the database with the quarantine.')]
  return [
    {
      sentence: '@storage_sql_dsn is not set: there is no database in which amavisd could keep mail.',
      perl: `# The database that amavisd keeps mail in: write yours, and its password.
@storage_sql_dsn = (['DBI:${driverOf(settings)}:database=amavis_storage;host=127.0.0.1', 'amavis', 'password']);`,
    },
  ]
}

/** That of the look-ups, which this server has then. */
const driverOf = (settings: AmavisSettings): string =>
  isDriver(settings.get('@lookup_sql_dsn').value, 'Pg') ? 'Pg' : 'mysql'

function isDriver(databases: Value, name: string): boolean {
  const [first] = [databases].flat(2)
  return typeof first === 'string' && first.toLowerCase().startsWith(`dbi:${name.toLowerCase()}:`)
}

interface Kind {
  readonly mail: string
  readonly method: string
  readonly destination: string
  readonly word: string
}

/**
 * Without viruses: they are in no digest, and no reader may release one. Whether malware is to be in the database and in
 * its backups, so that admins see it in their list, is theirs to decide.
 */
const KINDS: readonly Kind[] = [
  { mail: 'spam', method: 'spam_quarantine_method', destination: 'spam_quarantine', word: 'spam-quarantine' },
  {
    mail: 'banned mail',
    method: 'banned_files_quarantine_method',
    destination: 'banned_quarantine',
    word: 'banned-quarantine',
  },
  {
    mail: 'mail with a bad header',
    method: 'bad_header_quarantine_method',
    destination: 'bad_header_quarantine',
    word: 'bad-header-quarantine',
  },
]

function notKept(settings: AmavisSettings, { mail, method, destination, word }: Kind): Lack[] {
  const how = settings.get(`$${method}`)
  const where = settings.get(`$${destination}_to`)
  const byMaps = settings.get(`@${destination}_to_maps`)
  const [first] = [how.value].flat()
  const lacks: Lack[] = []
  if (!how.isSure) lacks.push(check(`$${method}`, how, `It has to be 'sql:', so that ${mail} can be listed.`))
  else if (typeof first !== 'string' || !first.startsWith('sql:')) {
    const now = typeof first === 'string' && first !== '' ? `'${first}'` : 'not set'
    lacks.push({
      sentence: `$${method} is ${now}: ${mail} is not kept in the database, so no digest lists it.`,
      perl: `$${method} = 'sql:';`,
    })
  }
  if (byMaps.file !== undefined || !where.isSure) {
    const [name, setting] =
      byMaps.file === undefined ? [`$${destination}_to`, where] : [`@${destination}_to_maps`, byMaps]
    lacks.push(
      check(name, setting, `Where it is empty for a recipient, ${mail} is discarded without a copy.`),
    )
  } else if (!where.value) {
    lacks.push({
      sentence: `$${destination}_to is empty: ${mail} is discarded without a copy.`,
      perl: `$${destination}_to = '${word}';`,
    })
  }
  return lacks
}

/** amavisd's own default delivers spam. */
function passed(settings: AmavisSettings): Lack[] {
  const maps = ['%final_destiny_by_ccat', '%final_destiny_maps_by_ccat']
  if (maps.some(name => settings.get(name).file !== undefined)) return []
  return [
    { name: '$final_spam_destiny', mail: 'spam' },
    { name: '$final_banned_destiny', mail: 'banned mail' },
  ].flatMap(({ name, mail }): Lack[] => {
    const destiny = settings.get(name)
    if (!destiny.isSure)
      return [check(name, destiny, `With D_PASS, ${mail} is delivered, and nothing is held.`)]
    if (destiny.value !== 'D_PASS') return []
    return [
      {
        sentence: `${name} is D_PASS: ${mail} is delivered, so none is held. Leave its line out if you want that.`,
        perl: `# From now on ${mail} is held instead of delivered.\n${name} = D_DISCARD;`,
      },
    ]
  })
}

/** The port for requests to release that the text adds; undefined: none. */
function portToOpen(settings: AmavisSettings, { requests, ports, isSure }: Sockets): string | undefined {
  if (requests.length > 0 || !isSure) return undefined
  const policies = settings.get('%interface_policy').value
  return ['9998', '9997', '9996'].find(each => !ports.has(each) || hasBank(policies, each)) ?? '9998'
}

function noRequests(
  settings: AmavisSettings,
  { requests, isSure }: Sockets,
  port: string | undefined,
): Lack[] {
  if (requests.length > 0) return []
  if (!isSure || port === undefined) {
    const where = settings.get('$inet_socket_port')
    return [check('the list of ports', where, 'One has to take requests to release: docs/guides/amavisd.md.')]
  }
  return [
    {
      sentence: `No port takes requests to release. Do not set $inet_socket_port anew, because mail comes in by it: the text adds ${port}. It needs a restart, a reload is not enough.`,
      perl: `# Requests to release, from this computer only. The ports that are set so far stay.
$inet_socket_port = [
  (grep { defined && $_ ne '' && $_ ne '${port}' } ref $inet_socket_port ? @$inet_socket_port : $inet_socket_port),
  ${port},
];
$interface_policy{'${port}'} = 'AM.PDP-INET';
$policy_bank{'AM.PDP-INET'} = { protocol => 'AM.PDP', inet_acl => [qw(127.0.0.1 [::1])] };`,
    },
  ]
}

/** A port may be open, with a policy whose bank is missing. */
const hasBank = (policies: Value, port: string): boolean =>
  policies instanceof Map && policies.get(port)?.value === 'AM.PDP-INET'

const portIsClosed = (port: string): Lack => ({
  sentence: `Port ${port} has an $interface_policy, but $inet_socket_port, as it is set last, does not have ${port}: mail that comes in there would wait. ISPConfig uses 10024 for incoming and 10026 for outgoing mail.`,
  perl: `# Mail that comes in at port ${port}.
$inet_socket_port = [(ref $inet_socket_port ? @$inet_socket_port : $inet_socket_port), ${port}];`,
})

function noSecret(socket: RequestSocket | undefined): Lack[] {
  if (socket === undefined || socket.needsSecret) return []
  const { bank, via } = socket
  if (socket.needsSecret === undefined) {
    return [
      {
        sentence: `CHECK: $auth_required_release could not be read for sure. Off, whoever reaches ${via} can release any message.`,
        perl: undefined,
      },
    ]
  }
  return [
    {
      sentence: `$auth_required_release is off for ${via}: whoever reaches it can release any message. Switched on, amavisd-release needs the message's secret too.`,
      perl: `$policy_bank{${quoted(bank)}}{auth_required_release} = 1;`,
    },
  ]
}

const needsGroup = (socket: RequestSocket | undefined): Lack[] =>
  socket?.via.startsWith('unix:')
    ? [
        {
          sentence:
            'release.via is its Unix socket, so the service needs the group that may use it: systemctl edit amavis-digest, and under [Service]: SupplementaryGroups=amavis',
          perl: undefined,
        },
      ]
    : []

const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`

/** If neither is set, amavisd refuses each release. */
function releasesGoNowhere(settings: AmavisSettings): Lack[] {
  const release = settings.get('$release_method')
  const notify = settings.get('$notify_method')
  const isSet = truthOf(release.value)
  const name = isSet === false ? '$notify_method' : '$release_method'
  const used = isSet === false ? notify : release
  if (!release.isSure || !used.isSure) {
    return [check(name, used, 'It has to name a fixed port of your MTA that takes mail back from amavisd.')]
  }
  const [method] = [used.value].flat()
  if (typeof method === 'string' && method !== '' && !method.includes('*')) return []
  const now = method ? `is '${String(method)}'` : 'is empty'
  return [
    {
      sentence: `$release_method names no fixed port (${name} ${now}): released mail does not arrive.`,
      perl: `# Where a released message goes: the port of your MTA behind amavisd, so that it is not held again.
$release_method = 'smtp:[127.0.0.1]:10025';`,
    },
  ]
}

function addressesLoseOctets(settings: AmavisSettings): Lack[] {
  const allows = settings.get('$sql_allow_8bit_address')
  const { value } = settings.get('@storage_sql_dsn')
  const isText = isDriver(value, 'SQLite')
  if (isText || truthOf(allows.value)) return []
  if (!allows.isSure)
    return [check('$sql_allow_8bit_address', allows, 'It has to be 1 where addresses are stored as octets.')]
  return [
    {
      sentence: `$sql_allow_8bit_address is off: amavisd stores a ? for each letter of an address that is not ASCII, so such mail reaches nobody's digest.`,
      perl: `# Right where maddr.email is varbinary or bytea, as amavisd's own tables have it since 2.7.
$sql_allow_8bit_address = 1;`,
    },
  ]
}
