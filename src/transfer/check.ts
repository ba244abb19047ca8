/** What was found out about one thing that has to be right. */
export interface Check {
  readonly subject: string;
  /** `note`: not as it could be, but nothing fails by it. */
  readonly verdict: 'pass' | 'note' | 'fail';
  readonly finding: string;
  /** What to do about it; null where nothing is to be done. */
  readonly fix: string | null;
}

export function passed(subject: string, finding: string): Check {
  return { subject, verdict: 'pass', finding, fix: null };
}

export function noted(subject: string, finding: string, fix: string | null = null): Check {
  return { subject, verdict: 'note', finding, fix };
}

export function failed(subject: string, finding: string, fix: string | null): Check {
  return { subject, verdict: 'fail', finding, fix };
}
