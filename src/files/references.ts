import * as z from 'zod';
import type { FileProblem } from './invalid-file.ts';
import { suggestion } from './nearest.ts';
import type { Path, YamlText } from './yaml-text.ts';

/** The names in an application, whatever else is wrong with it, so that all problems are told at once. */
const names = z.object({
  domains: z.array(z.object({ name: z.string().nullable().catch(null) }).catch({ name: null })).catch([]),
  flows: z
    .array(
      z
        .object({ from: z.string().nullable().catch(null), to: z.string().nullable().catch(null) })
        .catch({ from: null, to: null }),
    )
    .catch([]),
});

/** Names that two domains have, and flows from or to nobody; `above` is where in the file the application stands. */
export function checkReferences(text: YamlText, application: unknown, above: Path): FileProblem[] {
  const { success, data } = names.safeParse(application);
  if (!success) return [];
  const problems: FileProblem[] = [];
  const firstOf = new Map<string, number>();
  for (const [index, { name }] of data.domains.entries()) {
    if (name === null) continue;
    const first = firstOf.get(name);
    if (first === undefined) firstOf.set(name, index);
    else problems.push(text.problem([...above, 'domains', index, 'name'], `domains[${first}] is ${name} already`));
  }
  const known = [...firstOf.keys()];
  for (const [index, flow] of data.flows.entries()) {
    const path = [...above, 'flows', index];
    for (const end of ['from', 'to'] as const) {
      const name = flow[end];
      if (name === null || firstOf.has(name)) continue;
      problems.push(text.problem([...path, end], `there is no domain '${name}'${suggestion(name, known)}`));
    }
    if (flow.from !== null && flow.from === flow.to) {
      problems.push(text.problem(path, `${flow.from} sends to itself, which never crosses a link`));
    }
  }
  return problems;
}
