/**
 * Waits until the event loop has polled the network once more.
 *
 * A server may close an idle connection at any time. When its FIN has arrived but not been read yet, the pool would
 * write the next request into a dead connection, and nobody could tell whether the server had seen it. After one whole
 * poll phase every FIN that had arrived is read and the connection is out of the pool. Two turns, because the first may
 * belong to a poll phase that began before the call.
 */
export async function pollOnce(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
