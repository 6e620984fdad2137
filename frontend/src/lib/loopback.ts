/** Whether an address names the machine that it is opened on. A guess for wording only: the daemon decides by the connection. */
export function isLoopbackAddress(address: string): boolean {
  const { hostname } = new URL(address);
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
