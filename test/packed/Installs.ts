/** Lines of the guides that get these packages from a registry. */

/** Whether a line of a shell gets our packages. */
export const isInstallOfOurs = (line: string): boolean =>
  /^(?:sudo )?(?:(?:npm|pnpm|yarn) (?:install|add|i)|bun add|deno add|npx|bunx|pnpm dlx)\b.*@effect-ownet\//.test(line)
