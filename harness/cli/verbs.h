#pragma once

#include <vector>

#include "harness/base/result.h"
#include "harness/cli/options.h"

namespace axiometer {

// Each verb does its work and returns the exit status, or the error that `main` prints. Results for
// machines and documents go to standard output, everything else to standard error.
Result<int> RunEval(const EvalOptions& options);
Result<int> RunJudge(const JudgeOptions& options);
Result<int> RunReport(const ReportOptions& options);
Result<int> RunCompare(const CompareOptions& options);
Result<int> RunPlan(const PlanOptions& options);
Result<int> RunExport(const ExportOptions& options);
Result<int> RunImport(const ImportOptions& options);
Result<int> RunMerge(const MergeOptions& options);
Result<int> RunSubmit(const SubmitOptions& options);
Result<int> RunRuns(const RunsOptions& options);
Result<int> RunView(const ViewOptions& options);
Result<int> RunTaskList(const TaskOptions& options);
Result<int> RunTaskShow(const TaskOptions& options);
Result<int> RunTaskCheck(const TaskOptions& options);
Result<int> RunTaskNew(const NewTaskOptions& options);
Result<int> RunTaskTry(const TryTaskOptions& options);
Result<int> RunTaskDraft(const DraftTaskOptions& options);
Result<int> RunSuiteCheck(const SuiteCheckOptions& options);
Result<int> RunEnvList(const EnvOptions& options);
Result<int> RunEnvCheck(const EnvOptions& options);
Result<int> RunEnvShell(const EnvOptions& options);
Result<int> RunEnvNew(const EnvOptions& options);
Result<int> RunDoctor(const DoctorOptions& options);

}  // namespace axiometer
