export function reasonToInstall(root: string, platform?: string, arch?: string): string | undefined;
export function nodeBinary(root: string): string | undefined;
export function resolveCommand(root: string, command: readonly string[]): string[];
export function npxCommand(
  args: readonly string[],
  platform?: string,
): { readonly command: string; readonly args: readonly string[]; readonly shell: boolean };
export function takeLock(lock: string): number | undefined;
export function ensureInstalled(root: string): Promise<boolean>;
