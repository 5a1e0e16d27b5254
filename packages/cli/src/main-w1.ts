/**
 * All that works with the kernel's own buses, in one bundle: a client's way to them, and a server of them.
 */
export { open } from "../../node/src/internal/W1Door.ts"
export { run } from "./serve/W1Serving.ts"
