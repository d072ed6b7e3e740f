import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface QuestionedProcessOptions {
  /** For node itself, and the script with its arguments. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Each line that it writes, of both outputs. */
  readonly onLine?: (line: string) => void;
  /** What it sends without having been asked. */
  readonly onNews?: (news: unknown) => void;
}

interface Reply {
  readonly id?: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** Kept for the report of a process that ends too soon. */
const LINES_KEPT = 50;
const STOP_WITHIN_MS = 15_000;

/** A process of node that answers questions over IPC. It ends when this one does. */
export class QuestionedProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  readonly #lines: string[] = [];
  readonly #exited: Promise<unknown>;
  #asked = 0;

  constructor(options: QuestionedProcessOptions) {
    this.#child = spawn(process.execPath, options.arguments, {
      env: options.environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit').then(() => this.#failAll());
    for (const output of [this.#child.stdout, this.#child.stderr]) this.#readLines(output, options.onLine);
    this.#child.on('message', (message: Reply) => {
      if (message.id === undefined) return options.onNews?.(message);
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    });
  }

  /** @throws what went wrong in the process, or that it has ended. */
  async ask<Answer>(question: string, argument?: unknown): Promise<Answer> {
    const id = ++this.#asked;
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.send({ id, question, argument }, (error) => error && this.#failAll());
    });
    if (reply.error !== undefined) throw new Error(`${question}: ${reply.error}`);
    return reply.answer as Answer;
  }

  /** Rejects when it ends, with what it wrote last. */
  async failure(): Promise<never> {
    await this.#exited;
    throw new Error(this.#obituary());
  }

  /** Stops it with SIGTERM, and with SIGKILL if that is not heeded. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.#exited;
    clearTimeout(force);
  }

  #failAll(): void {
    for (const reply of this.#waiting.values()) reply({ error: this.#obituary() });
    this.#waiting.clear();
  }

  #obituary(): string {
    const { exitCode, signalCode } = this.#child;
    return `a process has ended (${exitCode ?? signalCode}):\n${this.#lines.join('\n')}`;
  }

  #readLines(output: NodeJS.ReadableStream | null, onLine?: (line: string) => void): void {
    let rest = '';
    output?.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.#lines.push(line);
        if (this.#lines.length > LINES_KEPT) this.#lines.shift();
        onLine?.(line);
      }
    });
  }
}
