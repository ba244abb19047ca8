import type { DemoWatcher } from '../demo/run.ts';
import { type Agreement, agreementTable, compareWithReal, type RealCell, realCells } from '../evaluation/real.ts';
import { cellName } from '../evaluation/trials.ts';
import { VmbuddiesError } from '../index.ts';
import { groupReport } from '../report/json.ts';
import { groupLine } from '../report/outcome.ts';
import type { Cli } from './cli.ts';
import { exitCodeOfOutcome, exitCodes } from './exit-codes.ts';
import { type Interruption, interruptible } from './interrupt.ts';
import { bold } from './text.ts';

export interface RealOptions {
  /** Part of a cell's name; '' for all. */
  readonly only: string;
  readonly scale: number;
  readonly json: boolean;
}

/** Runs the cells one after another and shows how near the simulator came; a run that does not end well is the last. */
export async function reproduceReal(cli: Cli, { only, scale, json }: RealOptions): Promise<void> {
  const cells = realCells(scale).filter((cell) => cellName(cell).includes(only));
  if (cells.length === 0) {
    const [example] = realCells(scale).map(cellName);
    throw new VmbuddiesError(
      'ERR_VMBUDDIES_ARGUMENT',
      `there is no experiment with '${only}' in its name; names are like '${example}'`,
    );
  }
  const agreements: Agreement[] = [];
  await interruptible(cli, 'Giving up: the migration under way is undone and every guest is removed.', async (stop) => {
    for (const cell of cells) {
      const agreement = await compareOne(cli, cell, stop);
      if (agreement === null) break;
      agreements.push(agreement);
    }
  });
  if (json) {
    const reported = agreements.map(({ cell, simulated, real }) => ({
      cell,
      simulated: groupReport(simulated),
      real: groupReport(real),
    }));
    cli.json({ schema: 1, cells: reported });
  } else if (agreements.length > 0) {
    cli.table(agreementTable(agreements));
  }
}

async function compareOne(cli: Cli, cell: RealCell, interruption: Interruption): Promise<Agreement | null> {
  cli.note('', bold(cellName(cell)));
  const watcher: DemoWatcher = {
    migrating: async (run) => {
      await run.result;
    },
    verified: (domain, { passed, message }) => {
      if (!passed) cli.note(`${domain}: NOT VERIFIED, ${message}`);
    },
  };
  try {
    const agreement = await compareWithReal(cell, watcher, interruption.signal);
    cli.noteProse(groupLine(agreement.real));
    if (agreement.real.outcome !== 'committed') {
      if (interruption.by === null) cli.exitCode = exitCodeOfOutcome(agreement.real, null);
      cli.note(`vmbuddies: ${agreement.real.reason ?? agreement.real.outcome}`);
      return null;
    }
    if (!agreement.real.domains.every(({ verified }) => verified === true)) cli.exitCode = exitCodes.failed;
    return agreement;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    return null;
  }
}
