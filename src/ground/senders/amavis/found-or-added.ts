/**
 * The id of a row, which is added if it is missing. If another process adds it at the same moment, the database refuses
 * ours, and theirs is there. INSERT … ON DUPLICATE KEY UPDATE would need the right to change the table, which in `users`
 * holds everybody's policy.
 */
export async function foundOrAdded(
  find: () => Promise<number | undefined>,
  add: () => Promise<unknown>,
): Promise<number> {
  const present = await find()
  if (present !== undefined) return present
  let refusal: unknown = new Error('a row was added, and is not there')
  try {
    await add()
  } catch (error) {
    refusal = error
  }
  const added = await find()
  if (added === undefined) throw refusal
  return added
}
