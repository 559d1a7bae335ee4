/** Does some work with what is open, and closes it when the work is done or has failed. */
export async function closing<Result>(open: { close(): Promise<void> }, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    await open.close();
  }
}
