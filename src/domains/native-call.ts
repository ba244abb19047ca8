import { VmbuddiesError } from '../errors.ts';

/** Makes a native call; its failure, whenever it comes, is a VmbuddiesError that names the domain. */
export async function call<Result>(domain: string, nativeCall: () => Promise<Result>): Promise<Result> {
  try {
    return await nativeCall();
  } catch (thrown) {
    throw VmbuddiesError.from(thrown, { domain });
  }
}

/** The same for a call that returns at once. */
export function callNow<Result>(domain: string, nativeCall: () => Result): Result {
  try {
    return nativeCall();
  } catch (thrown) {
    throw VmbuddiesError.from(thrown, { domain });
  }
}
