/** The used parts of two packages without types. */
declare module "owfs" {
  type Callback<A> = (error: Error | null | undefined, value: A) => void
  export class Client {
    constructor(host: string, port: number)
    read(path: string, callback: Callback<string>): void
    dirall(path: string, callback: Callback<Array<string>>): void
  }
}

declare module "owjs" {
  export class Client {
    constructor(options: { readonly host: string; readonly port: number })
    read(path: string): PromiseLike<{ readonly value: string }>
    list(path: string): PromiseLike<Array<string>>
  }
}
