import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { parseScale } from '../../demo/scenario.ts';
import type { Figure } from '../../evaluation/figure.ts';
import { evaluationPage } from '../../evaluation/markdown.ts';
import { figureNames, reproduceFigures } from '../../evaluation/reproduce.ts';
import { drawSvg } from '../../evaluation/svg.ts';
import { VmbuddiesError } from '../../index.ts';
import type { Cli } from '../cli.ts';
import { reading } from '../options.ts';
import { showFigure } from '../render/figure.ts';
import { reproduceReal } from '../reproduce-real.ts';
import { verb } from '../verb.ts';

interface ReproduceOptions {
  readonly figure?: readonly string[];
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly svg?: string;
  readonly real?: boolean;
  readonly only?: string;
  readonly scale?: number;
}

const standardScale = '1/16';

export function reproduceCommand(cli: Cli): Command {
  return verb('reproduce', "Run the paper's evaluation again, in the simulator: its numbers beside ours.", [
    'vmbuddies reproduce',
    'vmbuddies reproduce --figure 13 --figure table-2',
    'vmbuddies reproduce --svg plots',
    "vmbuddies reproduce --real --only 'D&H 400 Mbit/s oba+mo'",
  ])
    .addOption(
      new Option('--figure <name>', `one of ${figureNames.join(', ')}; again for more (default: all)`).argParser(
        (name: string, earlier: readonly string[] = []) => [...earlier, name],
      ),
    )
    .option('--svg <dir>', 'write the charts there as well (takes Vega: npm install vega vega-lite)')
    .addOption(new Option('--markdown', 'one page, docs/evaluation.md').conflicts('json'))
    .option('--json', 'one JSON object: {"schema":1,"figures":[…]}; with --real {"schema":1,"cells":[…]}')
    .addOption(
      new Option('--real', 'move process domains, real bytes, and compare with the simulator: takes minutes').conflicts(
        ['figure', 'svg', 'markdown'],
      ),
    )
    .addOption(new Option('--only <text>', 'with --real: only experiments whose name has this in it (default: all)'))
    .addOption(
      new Option(
        '--scale <share>',
        `with --real: memory as a share of the paper's (default: ${standardScale})`,
      ).argParser(reading(parseScale)),
    )
    .action(async ({ real, only, scale, json = false, figure, svg, markdown }: ReproduceOptions) => {
      if (real) return await reproduceReal(cli, { only: only ?? '', scale: scale ?? parseScale(standardScale), json });
      for (const [option, value] of Object.entries({ only, scale }))
        if (value !== undefined) throw bad(`--${option} has no meaning without --real`);
      const figures = await reproduceFigures(figure);
      if (svg !== undefined) await writeCharts(cli, figures, svg);
      if (json) cli.json({ schema: 1, figures });
      else if (markdown) cli.result(...evaluationPage(figures).replace(/\n$/, '').split('\n'));
      else for (const one of figures) showFigure(cli, one);
    });
}

function bad(message: string): VmbuddiesError {
  return new VmbuddiesError('ERR_VMBUDDIES_ARGUMENT', message);
}

async function writeCharts(cli: Cli, figures: readonly Figure[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const { name, charts } of figures) {
    for (const chart of charts) {
      const path = join(folder, `${name.startsWith('table') ? '' : 'figure-'}${name}-${chart.name}.svg`);
      writeFileSync(path, await drawSvg(chart.spec));
      cli.note(path);
    }
  }
}
