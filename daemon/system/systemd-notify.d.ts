/** The package brings no types. What is used of its interface, as of 1.0.0. */
declare module 'systemd-notify' {
  /** Runs systemd-notify(1) with our process id; rejects with its error text or the error of starting it. */
  export default function notify(options: { ready?: boolean; status?: string }): Promise<unknown>;
}
