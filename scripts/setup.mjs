// Prepares a fresh clone: runs `npm ci` if needed and, with --servers, installs the Debian packages for the stack
// tests. Plain JavaScript without dependencies, because it runs with the machine's own Node before anything is
// installed.
import { spawnSync } from 'node:child_process'
import { accessSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Debian packages, each with a file that shows whether it is installed. */
const SERVERS = [
  ['amavisd-new', '/usr/sbin/amavisd'],
  ['spamassassin', '/usr/bin/spamassassin'],
  ['swaks', '/usr/bin/swaks'],
  ['postfix', '/usr/sbin/smtp-sink'],
  ['mariadb-server', '/usr/sbin/mariadbd'],
  ['libdbd-mysql-perl', '/usr/share/doc/libdbd-mysql-perl'],
  ['postgresql', '/usr/lib/postgresql'],
  ['pgbouncer', '/usr/sbin/pgbouncer'],
  ['libdbd-pg-perl', '/usr/share/doc/libdbd-pg-perl'],
  ['libdbd-sqlite3-perl', '/usr/share/doc/libdbd-sqlite3-perl'],
  ['redis-server', '/usr/bin/redis-server'],
  ['slapd', '/usr/sbin/slapd'],
  ['dovecot-imapd', '/usr/sbin/dovecot'],
  ['nginx', '/usr/sbin/nginx'],
  ['dnsmasq-base', '/usr/sbin/dnsmasq'],
  ['apache2-bin', '/usr/sbin/apache2'],
  ['caddy', '/usr/bin/caddy'],
  // For promtool, which checks the rules of alerts.
  ['prometheus', '/usr/bin/promtool'],
  ['espeak-ng', '/usr/bin/espeak-ng'],
  ['chromium', '/usr/bin/chromium'],
  ['fish', '/usr/bin/fish'],
  ['zsh', '/usr/bin/zsh'],
  ['groff-base', '/usr/bin/groff'],
  ['fonts-noto-core', '/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf'],
  // The .deb needs it, and is installed into a system of its own over this one.
  ['systemd', '/usr/bin/systemd-sysusers'],
  ['fail2ban', '/usr/bin/fail2ban-regex'],
  ['fonts-noto-color-emoji', '/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf'],
]

const POLICY = '/usr/sbin/policy-rc.d'

installModules()
if (process.argv.includes('--servers')) installServers()

function installModules() {
  if (modulesAreCurrent()) return
  say('Installing the npm packages (npm ci) …')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: ROOT })
}

/** Compares npm's record of node_modules with the lock file. Packages for other platforms may be missing. */
function modulesAreCurrent() {
  const installed = lockedPackages(`${ROOT}node_modules/.package-lock.json`)
  const wanted = lockedPackages(`${ROOT}package-lock.json`)
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || (installed[path] ? installed[path].version === version : optional),
  )
}

function lockedPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

function installServers() {
  const missing = SERVERS.filter(([, file]) => !existsSync(file)).map(([name]) => name)
  if (missing.length === 0) return
  const command = `apt-get update && apt-get install --no-install-recommends ${missing.join(' ')}`
  if (!isDebian())
    fail(`The tests need these Debian packages, and this is not Debian or Ubuntu: ${missing.join(' ')}`)
  if (process.getuid?.() !== 0) fail(`The tests need some servers. As root, run:\n\n  ${command}\n`)
  say(`Installing ${missing.join(', ')} …`)
  withoutStartingServices(() => {
    apt(['update'])
    apt(['install', '-y', '--no-install-recommends', ...missing])
  })
}

function isDebian() {
  try {
    accessSync('/usr/bin/apt-get')
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

/**
 * Keeps the services of the packages off, because the tests start their own: exit status 101 of policy-rc.d forbids it.
 */
function withoutStartingServices(install) {
  if (existsSync(POLICY)) return install()
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  process.on('exit', () => rmSync(POLICY, { force: true }))
  install()
}

function apt(args) {
  run('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/** Runs a command quietly, and shows its output only if it fails. */
function run(command, args, options) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  })
  if (status === 0) return
  say(`${stdout ?? ''}${stderr ?? ''}`)
  fail(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ` with status ${status}`}.`)
}

function say(message) {
  process.stderr.write(`${message}\n`)
}

function fail(message) {
  say(message)
  process.exit(1)
}
