/** The release links in the text part of a digest, in order. */
export const releaseLinks = (text = ''): string[] => text.match(/https:\S+\/release\/\S+/g) ?? []
