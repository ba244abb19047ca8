import type * as z from 'zod';
import type { FileProblem } from './invalid-file.ts';
import { suggestion } from './nearest.ts';
import type { Path, YamlText } from './yaml-text.ts';

/** What a schema makes of a text, or everything that is wrong with it. */
export type Validated<Output> =
  | { readonly output: Output; readonly problems: readonly [] }
  | { readonly output: null; readonly problems: readonly FileProblem[] };

export function validate<Output>(text: YamlText, schema: z.ZodType<Output>): Validated<Output> {
  const { success, data, error } = schema.safeParse(text.value, { error: sentence });
  if (success) return { output: data, problems: [] };
  return { output: null, problems: error.issues.flatMap((issue) => problemsOf(text, issue, [])) };
}

/** Zod's findings in this project's words; a schema's own words come before these. */
function sentence(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${kindText(issue.expected)}`;
    case 'invalid_value':
      return choiceText(issue.input, issue.values);
    case 'invalid_union':
      return 'options' in issue
        ? choiceText(member(issue.input, issue.discriminator), issue.options as readonly string[])
        : undefined;
    case 'too_small':
      return `${issue.origin === 'array' ? 'must have' : 'must be'} at least ${issue.minimum}`;
    case 'too_big':
      return `${issue.origin === 'array' ? 'must have' : 'must be'} at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

function member(value: unknown, key: string | undefined): unknown {
  return typeof value === 'object' && value !== null && key !== undefined
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function kindText(expected: string): string {
  const words: Record<string, string> = { object: 'a map of keys and values', array: 'a list', string: 'a text' };
  return words[expected] ?? (expected === 'int' ? 'a whole number' : `a ${expected}`);
}

function choiceText(input: unknown, choices: readonly unknown[]): string {
  const known = choices.map(String);
  if (input === undefined) return `is missing; there are ${known.join(', ')}`;
  const one = known.length === 1 ? `must be ${known[0]}` : `must be one of ${known.join(', ')}`;
  return typeof input === 'string' ? `'${input}' is not known${suggestion(input, known)}` : one;
}

function problemsOf(text: YamlText, issue: z.core.$ZodIssue, above: Path): FileProblem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const lines = issue.message.split('\n');
    return issue.keys.map((key, at) => text.problem(path, lines[at]!, key));
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((errors) =>
      errors.some(({ code, path }) => code !== 'invalid_type' || path.length),
    );
    if (meant) return meant.flatMap((inner) => problemsOf(text, inner, path));
  }
  return [text.problem(path, issue.message)];
}
