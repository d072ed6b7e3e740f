/** A message as the load numbers it: the how-manieth to this receiver, and when it was sent (milliseconds since 1970). */
export interface Numbered {
  readonly number: number;
  readonly sentAt: number;
}

export interface Delivery {
  readonly sentAt: number;
  readonly ms: number;
}

/** As long as a short message of a person. */
const TEXT_LENGTH = 80;

export function writeText({ number, sentAt }: Numbered): string {
  return `${number} ${sentAt} `.padEnd(TEXT_LENGTH, '.');
}

export function readText(text: string): Numbered {
  const [number, sentAt] = text.split(' ', 2);
  return { number: Number(number), sentAt: Number(sentAt) };
}

/** Who was sent what, and whether each got exactly that, in order. */
export class Ledger {
  deliveries: Delivery[] = [];
  /** Messages that came again, or after a later one. */
  repeated = 0;
  /** Messages that were sent while their receiver was away. */
  caughtUp = 0;
  readonly #sent: number[];
  readonly #last: number[];
  /** Passed over by a later one. */
  #skipped = 0;
  #outstanding = 0;

  constructor(receivers: number) {
    this.#sent = new Array(receivers).fill(0);
    this.#last = new Array(receivers).fill(0);
  }

  /** Numbers the next message to this receiver. */
  send(receiver: number): number {
    this.#outstanding++;
    const number = (this.#sent[receiver] ?? 0) + 1;
    this.#sent[receiver] = number;
    return number;
  }

  /** At `now`, over a connection that stands since `connectedAt`. */
  receive(receiver: number, { number, sentAt }: Numbered, now: number, connectedAt: number): void {
    const last = this.#last[receiver] ?? 0;
    if (number <= last) {
      this.repeated++;
      return;
    }
    this.#skipped += number - last - 1;
    this.#outstanding -= number - last;
    this.#last[receiver] = number;
    if (sentAt < connectedAt) this.caughtUp++;
    this.deliveries.push({ sentAt, ms: now - sentAt });
  }

  /** Sent and neither received nor passed over. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Forgets what it has counted so far, and what has not come by now. */
  startAgain(): void {
    this.deliveries = [];
    [this.repeated, this.caughtUp, this.#skipped, this.#outstanding] = [0, 0, 0, 0];
    for (const [receiver, number] of this.#sent.entries()) this.#last[receiver] = number;
  }

  /** To be asked when nothing more can come. */
  get lost(): number {
    return this.#skipped + this.#outstanding;
  }
}
