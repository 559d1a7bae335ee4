type Dispatch = (options: unknown, handler: unknown) => boolean;

/**
 * A stand-in for an undici dispatcher that lets nothing through and counts who tried. What reaches the vendor all the same
 * went past it.
 */
export function refusingDispatcher(): { readonly dispatcher: object; asked(): number } {
  let count = 0;
  const refuse: Dispatch = () => {
    count += 1;
    throw Object.assign(new Error('The conformance suite lets nothing through.'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
  };
  const make = (dispatch: Dispatch): object => ({
    dispatch,
    compose: (...interceptors: readonly ((next: Dispatch) => Dispatch)[]) =>
      make(interceptors.flat().reduce((next, interceptor) => interceptor(next), dispatch)),
    close: async () => undefined,
    destroy: async () => undefined,
    on: () => undefined,
    once: () => undefined,
    off: () => undefined,
    emit: () => false,
  });
  return { dispatcher: make(refuse), asked: () => count };
}
