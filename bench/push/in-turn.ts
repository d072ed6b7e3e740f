type Workload = Readonly<Record<string, () => Promise<unknown>>>;
type Outcome<W extends Workload> = { [Name in keyof W]: Awaited<ReturnType<W[Name]>> };

/** One after the other, in every other round backwards: whoever comes second finds another machine, warmer or busier. */
export async function inTurn<W extends Workload>(round: number, work: W): Promise<Outcome<W>> {
  const entries = Object.entries(work);
  const outcomes: Record<string, unknown> = {};
  for (const [name, run] of round % 2 === 1 ? entries : entries.toReversed()) outcomes[name] = await run();
  return outcomes as Outcome<W>;
}
