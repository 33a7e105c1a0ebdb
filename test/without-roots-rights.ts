/** Root may read every file, so root does this as nobody. */
export function withoutRootsRights<T>(work: () => T): T {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(NOBODY)
  try {
    return work()
  } finally {
    process.seteuid?.(0)
  }
}

const NOBODY = 65_534
