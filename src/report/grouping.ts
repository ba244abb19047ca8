/** What `vmbuddies group` shows: tables for people, and an object for programs, as in json.ts. */
import type { GroupSequence } from '../index.ts';
import type { ApplicationGroups } from '../plan/group-application.ts';
import { formatDuration, formatRate, formatSize } from '../units.ts';
import type { Table } from './table.ts';

/** The groups in the order in which they move. */
export function groupsTable({ steps }: GroupSequence): Table {
  return {
    columns: [
      { title: 'GROUP', align: 'right' },
      { title: 'TO SEND', align: 'right' },
      { title: 'TIME', align: 'right' },
      { title: 'SPLIT MEANWHILE', align: 'right' },
      { title: 'DOMAINS', wraps: true },
    ],
    rows: steps.map(({ domains, migrationBytes, seconds, splitBytesPerSecond }, index) => [
      String(index + 1),
      formatSize(migrationBytes),
      formatDuration(seconds * 1000),
      formatRate(splitBytesPerSecond),
      domains.join(' '),
    ]),
  };
}

/** These groups beside the two other things that could be done. */
export function sequencesTable(groups: ApplicationGroups): Table {
  const sequences: [string, GroupSequence][] = [
    ['in groups', groups],
    ['one by one', groups.oneByOne],
    ['all at once', groups.allAtOnce],
  ];
  return {
    columns: [
      { title: 'MOVED' },
      { title: 'GROUPS', align: 'right' },
      { title: 'AT ONCE', align: 'right' },
      { title: 'TIME', align: 'right' },
      { title: 'SPLIT TRAFFIC', align: 'right' },
    ],
    rows: sequences.map(([moved, { steps, seconds, splitBytes }]) => [
      moved,
      String(steps.length),
      String(Math.max(...steps.map(({ domains }) => domains.length))),
      formatDuration(seconds * 1000),
      formatSize(splitBytes),
    ]),
  };
}

/** How good the groups and their order are. */
export function cutLine({ cutBytesPerSecond, splitIsOptimal }: ApplicationGroups): string {
  const proof = splitIsOptimal ? 'the least there is' : 'the least found';
  return `${formatRate(cutBytesPerSecond)} between the groups; split traffic: ${proof}`;
}

/** Which replicas move first and last, and why; none if no tier has replicas. */
export function replicasLines({ replicas }: ApplicationGroups): string[] {
  if (replicas === null) return [];
  const { groups, constraints, bothSidesServe, seconds } = replicas;
  const serve = bothSidesServe ? 'both sides can serve throughout' : 'both sides cannot serve throughout';
  return [
    `Replicated tiers: ${serve} if they move in this order, ${formatDuration(seconds * 1000)} in all:`,
    ...groups.map((names, index) => `  ${index + 1}. ${names.join(' ')}`),
    ...constraints.map(({ reason }) => `  ${reason}`),
  ];
}

/** Programs read this: fields may be added, none may change or go while `schema` is 1. Times are milliseconds. */
export function groupingReport(application: string, linkBytesPerSecond: number, groups: ApplicationGroups): object {
  const { replicas } = groups;
  return {
    schema: 1,
    application,
    linkBytesPerSecond,
    cutBytesPerSecond: groups.cutBytesPerSecond,
    cutIsOptimal: groups.cutIsOptimal,
    splitIsOptimal: groups.splitIsOptimal,
    ...sequenceReport(groups),
    oneByOne: sequenceReport(groups.oneByOne),
    allAtOnce: sequenceReport(groups.allAtOnce),
    replicas: replicas && {
      groups: replicas.groups,
      bothSidesServe: replicas.bothSidesServe,
      completionMs: replicas.seconds * 1000,
      constraints: replicas.constraints,
    },
  };
}

function sequenceReport({ steps, seconds, splitBytes, orderIsOptimal }: GroupSequence): object {
  return {
    completionMs: seconds * 1000,
    splitBytes,
    orderIsOptimal,
    groups: steps.map((step) => ({
      domains: step.domains,
      migrationBytes: step.migrationBytes,
      completionMs: step.seconds * 1000,
      splitBytesPerSecond: step.splitBytesPerSecond,
    })),
  };
}
