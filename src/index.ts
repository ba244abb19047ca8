/**
 * VMbuddies: measures live domains, migrates them, and moves the domains of one application together.
 *
 * This module is the whole public API. Nothing happens at import.
 */

export type { Adaptation } from './adapt/adaptation.ts';
export { type AlternatingLevel, type Alternation, findAlternation } from './adapt/alternation.ts';
export type { Expectation, Forecast } from './adapt/expectation.ts';
export { PhaseForecast } from './adapt/phase-forecast.ts';
export type { Stretch } from './adapt/stretch.ts';
export { WindowForecast } from './adapt/window-forecast.ts';
export type { BoundedLoad } from './allocate/bounded-rate.ts';
export { allocateForDeadline, type DeadlineAllocation } from './allocate/deadline.ts';
export {
  allocateForDowntime,
  type DowntimeAllocation,
  type DowntimeMet,
  type DowntimeMissed,
} from './allocate/downtime.ts';
export { allocateEqual } from './allocate/equal.ts';
export { allocateFinalCopy } from './allocate/final-copy.ts';
export { leastRateFor } from './allocate/least-rate-for.ts';
export { allocateOptimal, type OptimalAllocation } from './allocate/optimal.ts';
export { allocateByMemory } from './allocate/proportional.ts';
export { allocateQuasiSecant, type QuasiSecantOptions, type QuasiSecantResult } from './allocate/quasi-secant.ts';
export type { GroupEvent } from './arbitrate/group-event.ts';
export type { DomainOutcome, GroupOutcome, PredictedCost } from './arbitrate/group-outcome.ts';
export type { JournalDestination, JournalHome, JournalOwner } from './arbitrate/journal-format.ts';
export type { MemberStanding } from './arbitrate/member.ts';
export type { RecoveryStep, Remedy, Sighting } from './arbitrate/recovery.ts';
export { type BalloonDecision, type BalloonInputs, type BalloonRule, decideBalloon } from './balloon/decide.ts';
export type {
  DirtyCount,
  DirtyLayout,
  DirtyLog,
  Domain,
  DomainInfo,
  DomainKind,
  EngineChoice,
  EngineName,
  EngineProgress,
  LevelStep,
  MigrationState,
  PreflightCheck,
  ProcessDomain,
  ProcessDomainInfo,
  Round,
  SimDomain,
  SimDomainInfo,
  SimWorkload,
  StopReason,
  StopRuleName,
  Verification,
  Workload,
  XenDomain,
  XenDomainInfo,
} from './domains/domain.ts';
export { listDomains, openDomain } from './domains/open.ts';
export { type StartDomainOptions, startDomain } from './domains/process-domain.ts';
export { defaultRegistry, type RegistryOptions } from './domains/registry.ts';
export { probeXen, type XenProbe } from './domains/xen-probe.ts';
export {
  errorCodes,
  VmbuddiesError,
  type VmbuddiesErrorCode,
  type VmbuddiesErrorDetails,
  type VmbuddiesErrorReport,
  type Where,
} from './errors.ts';
export { type FileProblem, InvalidFileError } from './files/invalid-file.ts';
export { fileSchema, readApplicationFile, readScenarioFile } from './files/read-file.ts';
export { busyCosts, linkEfficiency, type TransferCosts, usualCosts } from './forecast/costs.ts';
export {
  type DomainForecast,
  type ForecastMember,
  type ForecastTerms,
  forecastGroup,
  type GroupForecast,
} from './forecast/forecast.ts';
export {
  type CostInterval,
  forecastInterval,
  type GroupInterval,
  type GroupIntervalOptions,
} from './forecast/interval.ts';
export { type ForecastLoad, forecastLoad, type LoadSlice } from './forecast/load.ts';
export type { Application, ApplicationDomain, Flow } from './group/application.ts';
export type { GroupLimit } from './group/limit.ts';
export type { Ties } from './group/order-problem.ts';
export { type GroupingOptions, type GroupPlan, planGroups } from './group/plan.ts';
export type { GroupDuration, GroupSequence, GroupStep } from './group/sequence.ts';
export { chooseFirstAndLast, type Tier, type TierConstraint, type TierPlan } from './group/tiers.ts';
export { fitGrowthCurve, type GrowthFit, type GrowthPoint } from './measure/curve.ts';
export { growthUncertainty } from './measure/curve-error.ts';
export {
  type DirtyRateOptions,
  type DirtyRateWindow,
  type MeasureOptions,
  measureDirtyRate,
} from './measure/dirty-rate.ts';
export { DirtyProfile, type LoadEstimate, measureProfile, type ProfileOptions } from './measure/profile.ts';
export { probeTrackers, type TrackerProbe } from './measure/trackers.ts';
export { measureWorkingSet, type WorkingSetOptions, type WorkingSetPeek } from './measure/working-set.ts';
export { type BalloonedDomains, leftBallooned, type MemoryBefore } from './migrate/balloon-record.ts';
export { type DryRun, dryRun } from './migrate/dry-run.ts';
export type { GroupOptions } from './migrate/group-options.ts';
export { type GroupRun, migrateGroup } from './migrate/group-run.ts';
export { defaultJournalFolder } from './migrate/journal-folder.ts';
export { type MigrationOptions, type MigrationRun, migrate } from './migrate/migration-run.ts';
export { type PeerOptions, readSecretFile } from './migrate/peers.ts';
export {
  askReceiver,
  openReceiver,
  type Receiver,
  type ReceiverAnswer,
  type ReceiverEvent,
  type ReceiverOptions,
  type ReceiverQuestion,
} from './migrate/receiver.ts';
export {
  type DestinationOf,
  examineMemory,
  type MemoryFinding,
  type RecoveredMemory,
  recoverMemory,
} from './migrate/recover-balloons.ts';
export {
  type DomainFinding,
  examineGroup,
  type RecoveredDomain,
  type RecoveryHints,
  recoverGroup,
} from './migrate/recover-group.ts';
export type { DomainActivity, DomainStatus, GroupPhase, GroupStatus } from './migrate/status.ts';
export { type LeftGroups, type UnfinishedGroup, unfinishedGroups } from './migrate/unfinished.ts';
export type { DomainLoad, Growth, ModelOptions } from './model/load.ts';
export { type LoadUncertainty, loadInterval } from './model/load-interval.ts';
export {
  fitAlpha,
  type PaperCost,
  type PaperLoad,
  type PaperModelOptions,
  type PaperRound,
  paperCost,
  paperRounds,
} from './model/paper.ts';
export { type MigrationPrediction, predictMigration } from './model/predict.ts';
export {
  type Interval,
  type IntervalOptions,
  type PredictedInterval,
  predictInterval,
} from './model/predict-interval.ts';
export {
  type ExpectedError,
  type ExpectedErrors,
  expectedErrors,
  type MigrationCost,
  type PredictionError,
  type PredictionLog,
  recordPrediction,
} from './model/prediction-log.ts';
export { ChangeDetector, type ChangeDetectorOptions, type PhaseChange } from './phase/change-detector.ts';
export { type MergeOptions, mergeIntoPhases, type Phase } from './phase/merge.ts';
export type { PlannedApplication, PlannedDomain } from './plan/application.ts';
export { type ApplicationGroups, type GroupApplicationOptions, groupApplication } from './plan/group-application.ts';
export { type ProfileDomainsOptions, profileDomains } from './plan/live.ts';
export { type MigrationPlan, type PlanOptions, planMigration } from './plan/plan-migration.ts';
export type { PredictedFigures, StrategyPrediction } from './plan/prediction.ts';
export { type Scenario, simulateScenario } from './plan/scenario.ts';
export type { Spread } from './plan/spread.ts';
export type { LongPause, PauseOptions, PlanWarning, SplitTraffic, UnknownUse } from './plan/warnings.ts';
export {
  type FaultTime,
  type GuestPlace,
  type Misbehaviour,
  type SimulatedDomain,
  type SimulatedEvent,
  type SimulatedFault,
  type Simulation,
  type SimulationOptions,
  type SplitFlow,
  simulateGroup,
} from './simulate/simulation.ts';
export { type Strategy, type StrategyName, strategies } from './strategy/strategy.ts';
