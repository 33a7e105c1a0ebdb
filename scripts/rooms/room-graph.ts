/** The imports of each file, as paths from the source folder, such as `work/collect/collect.ts`. Types count too. */
export type FileGraph = ReadonlyMap<string, readonly string[]>

/** The five floors, from the top. Each imports only floors below it. */
export const FLOORS = ['doors', 'desks', 'work', 'rules', 'ground'] as const

/** A room with more files must be divided into rooms. */
export const MAX_FILES = 25

/**
 * The violations of the house rules, one sentence each.
 *
 * A room is a folder. Rooms are checked at every level: `work/digest/make` is a room, and so is `work/digest` with
 * everything in it. A file directly in the source folder is its own room.
 */
export function faultsOf(files: FileGraph): string[] {
  return [...upwardImports(files), ...cyclesOfFiles(files), ...cyclesOfRooms(files), ...overfullRooms(files)]
}

/** Packages and modules that talk to a server or a database. */
const DRIVERS = [
  'bullmq',
  'imapflow',
  'ioredis',
  'ldapts',
  'mysql2',
  'node:net',
  'node:sqlite',
  'node:worker_threads',
  'nodemailer',
  'openid-client',
  'pg',
  'prom-client',
]

/**
 * Imports of drivers and adapters by files that are to know the ports only: those of the floors above the ground. An
 * adapter is a file of the ground that uses a driver, itself or by a file of the ground that it imports.
 */
export function adapterImports(files: FileGraph, packages: FileGraph): string[] {
  const adapters = adaptersIn(files, packages)
  const imports = [...importsOf(files), ...importsOf(packages)]
  return imports
    .filter(([from]) => floorOf(from) !== undefined && !isOnGround(from))
    .filter(([from, to]) => adapters.has(to) || isForbiddenPackage(from, to))
    .map(([from, to]) => `${from} imports ${to}: only the composition names adapters. Use the port.`)
}

function adaptersIn(files: FileGraph, packages: FileGraph): Set<string> {
  const ground = [...files.keys()].filter(isOnGround)
  const adapters = new Set(ground.filter(file => packages.get(file)?.some(isDriver)))
  for (let size = -1; size !== adapters.size; ) {
    size = adapters.size
    for (const file of ground) if (files.get(file)?.some(target => adapters.has(target))) adapters.add(file)
  }
  return adapters
}

/** Doors use Node themselves: HTTP has sockets, and the command line has files. Desks, work and rules use neither. */
function isForbiddenPackage(from: string, to: string): boolean {
  if (from.startsWith('doors/')) return isDriver(to) && !to.startsWith('node:')
  return isDriver(to) || INPUT_AND_OUTPUT.includes(to)
}

const INPUT_AND_OUTPUT = ['node:child_process', 'node:fs', 'node:fs/promises', 'node:http', 'node:tls']

const isOnGround = (file: string): boolean => file.startsWith('ground/')

const isDriver = (name: string): boolean =>
  DRIVERS.some(driver => name === driver || name.startsWith(`${driver}/`))

/** How many folders have files. */
export const countRooms = (files: FileGraph): number => new Set([...files.keys()].map(folderOf)).size

/**
 * Rooms that import each other, directly or through others, at every level. Each entry lists the rooms of one cycle.
 */
export function roomCyclesOf(files: FileGraph): string[][] {
  const deepest = Math.max(0, ...[...files.keys()].map(file => file.split('/').length - 1))
  const found = new Map<string, string[]>()
  for (let depth = 1; depth <= deepest; depth++) {
    for (const rooms of stronglyConnected(roomGraph(files, depth))) found.set(rooms.join(' '), rooms)
  }
  return [...found.values()]
}

/** Files that import each other, directly or through others. */
export const fileCyclesOf = (files: FileGraph): string[][] => stronglyConnected(files)

function upwardImports(files: FileGraph): string[] {
  return importsOf(files).flatMap(([from, to]) => {
    const [fromFloor, toFloor] = [floorOf(from), floorOf(to)]
    if (fromFloor === undefined) return []
    if (toFloor === undefined && !isAboveFloors(to)) return []
    if (toFloor !== undefined && toFloor >= fromFloor) return []
    return [`${from} imports ${to}: a floor imports only floors below it.`]
  })
}

const cyclesOfFiles = (files: FileGraph): string[] =>
  fileCyclesOf(files).map(cycle => `These files import each other: ${cycle.join(', ')}.`)

const cyclesOfRooms = (files: FileGraph): string[] =>
  roomCyclesOf(files).map(cycle => {
    const inside = importsOf(files).filter(([from, to]) => isWithin(from, cycle) && isWithin(to, cycle))
    const across = inside.filter(([from, to]) => roomIn(cycle, from) !== roomIn(cycle, to))
    const examples = across.slice(0, 6).map(([from, to]) => `\n    ${from} → ${to}`)
    return `These rooms import each other: ${cycle.join(', ')}.${examples.join('')}`
  })

const overfullRooms = (files: FileGraph): string[] =>
  [...Map.groupBy(files.keys(), folderOf)]
    .filter(([, inside]) => inside.length > MAX_FILES)
    .map(([room, inside]) => `${room} has ${inside.length} files; a room has ${MAX_FILES} at most.`)

/** The index of a file's floor in `FLOORS`; undefined for a file that is on no floor. */
function floorOf(file: string): number | undefined {
  const index = FLOORS.indexOf(file.split('/')[0] as (typeof FLOORS)[number])
  return index < 0 ? undefined : index
}

/** The entry, the composition and the demo are above the floors, because they put them together. */
const isAboveFloors = (file: string): boolean => /^(?:[^/]+$|composition\/|demo\/)/.test(file)

const importsOf = (files: FileGraph): (readonly [string, string])[] =>
  [...files].flatMap(([from, targets]) => targets.map(to => [from, to] as const))

/** The folder of a file; a file directly in the source folder is its own. */
const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : file)

/** The room of a file when only folders down to this depth count. */
const roomAt = (file: string, depth: number): string => folderOf(file).split('/').slice(0, depth).join('/')

const isWithin = (file: string, rooms: readonly string[]): boolean => roomIn(rooms, file) !== undefined

const roomIn = (rooms: readonly string[], file: string): string | undefined =>
  rooms
    .filter(room => file === room || file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)
    .at(0)

function roomGraph(files: FileGraph, depth: number): Map<string, string[]> {
  const rooms = new Map<string, Set<string>>()
  for (const file of files.keys()) rooms.set(roomAt(file, depth), new Set())
  for (const [from, to] of importsOf(files)) {
    const [here, there] = [roomAt(from, depth), roomAt(to, depth)]
    if (here !== there) rooms.get(here)?.add(there)
  }
  return new Map([...rooms].map(([room, targets]) => [room, [...targets]]))
}

/** The strongly connected components of a graph that have more than one node (Tarjan 1972). */
function stronglyConnected(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = []
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const visit = (node: string): void => {
    index.set(node, index.size)
    low.set(node, index.get(node) ?? 0)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(node, Math.min(low.get(node) ?? 0, low.get(next) ?? 0))
    }
    if (low.get(node) !== index.get(node)) return
    const component = stack.splice(stack.indexOf(node))
    if (component.length > 1) found.push(component.sort())
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return found
}
