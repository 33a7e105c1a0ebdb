import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ApiKey } from '../../../desks/admin/api-keys/api-keys.ts'
import { API_SCOPES, type ApiScope, scopesText } from '../../../desks/admin/api-keys/api-scopes.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { commandLineEditor } from '../editor.ts'
import { localTime } from '../local-time.ts'
import { table } from '../table.ts'

interface CreateOptions extends CommonOptions {
  readonly scope?: readonly ApiScope[]
  readonly domain?: readonly string[]
}

/** `keys api`: the keys of the HTTP API. */
export function addApiKeys(keys: Command, cli: Cli): void {
  const api = keys.command('api').description('the keys of the HTTP API')
  api
    .command('create', { isDefault: true })
    .description('create a key; it is shown only once')
    .argument('<name>', 'who or what uses it')
    .addOption(
      new Option(
        '--scope <scope>',
        'what it may do, once for each: read (the default), write (includes read), held:read (to see held mail), held:release (also to release and delete it), held:download (also to get files), requests:decide (to see requests and decide), senders:write (to allow and block senders)',
      )
        .choices(API_SCOPES)
        .argParser(repeatedScope),
    )
    .option('--domain <domain...>', 'limit it to these domains')
    .option('--json', 'as JSON')
    .action(create(cli))
  api
    .command('list')
    .description('show the keys, without their secrets')
    .option('--json', 'as JSON')
    .action(list(cli))
  api
    .command('revoke')
    .description('revoke a key, at once and for good')
    .argument('<id>', 'as "list" shows it')
    .option('--json', 'as JSON')
    .action(revoke(cli))
}

function repeatedScope(value: string, all: readonly ApiScope[] = []): readonly ApiScope[] {
  const scope = API_SCOPES.find(known => known === value)
  if (scope) return [...all, scope]
  throw new InvalidArgumentError(`Allowed choices are ${API_SCOPES.join(', ')}.`)
}

const create =
  (cli: Cli) =>
  async (name: string, _options: CreateOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CreateOptions>()
    const { key, text } = await withApp(cli, options, async app => {
      await app.checkOwnTables()
      return app.apiKeys.make(commandLineEditor().actor, {
        name,
        scopes: options.scope ?? ['read'],
        domains: options.domain,
      })
    })
    print(options.json ? JSON.stringify({ key: text, ...keyJson(key) }) : text)
    if (!options.json)
      printNote(
        `This is the key of ${key.name}, ${mayDo(key)}. It is not shown again: keep it like a password.`,
      )
  }

const list =
  (cli: Cli) =>
  async (_options: CommonOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CommonOptions>()
    const keys = await withApp(cli, options, async app => {
      await app.checkOwnTables()
      return app.apiKeys.list()
    })
    if (options.json) print(JSON.stringify(keys.map(keyJson)))
    else if (keys.length === 0)
      printNote('There are no keys yet. Create one with "amavis-digest keys api create NAME".')
    else print(table(HEADER, keys.map(rowOf)))
  }

const revoke =
  (cli: Cli) =>
  async (id: string, _options: CommonOptions, command: Command): Promise<void> => {
    const options = command.optsWithGlobals<CommonOptions>()
    const key = await withApp(cli, options, async app => {
      await app.checkOwnTables()
      return app.apiKeys.revoke(commandLineEditor().actor, id)
    })
    if (options.json) print(JSON.stringify(keyJson(key)))
    printNote(`The key ${key.id} of ${key.name} is revoked.`)
  }

const HEADER = ['id', 'name', 'may', 'created', 'last used', 'revoked']

const rowOf = (key: ApiKey): string[] => [
  key.id,
  key.name,
  mayDo(key),
  localTime(key.createdAt),
  key.usedAt === null ? 'never' : localTime(key.usedAt),
  key.revokedAt === null ? '' : localTime(key.revokedAt),
]

const mayDo = ({ scopes, reach }: ApiKey): string =>
  `${scopesText(scopes)} ${reach === undefined ? 'all domains' : reach.join(', ')}`

const keyJson = (key: ApiKey) => ({
  id: key.id,
  name: key.name,
  scope: scopesText(key.scopes),
  domains: key.reach ?? null,
  createdAt: iso(key.createdAt),
  usedAt: key.usedAt === null ? null : iso(key.usedAt),
  revokedAt: key.revokedAt === null ? null : iso(key.revokedAt),
})

const iso = (time: number): string => new Date(time).toISOString()
