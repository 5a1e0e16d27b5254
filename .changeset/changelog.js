/**
 * Writes changelogs for users: what a changeset says, as it says it. Commits are left out, and so are the versions of packages that
 * belong together and always have the same.
 */
export default {
  getReleaseLine: async ({ summary }) => summary,
  getDependencyReleaseLine: async () => ""
}
