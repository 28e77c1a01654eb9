#pragma once

#include <string>

#include "harness/cli/options.h"

namespace CLI {
class App;
}

namespace axiometer {

// What was typed, for the verb that was typed.
struct VerbOptions {
  EvalOptions eval;
  JudgeOptions judge;
  ReportOptions report;
  CompareOptions compare;
  PlanOptions plan;
  ExportOptions exports;
  ImportOptions imports;
  MergeOptions merge;
  SubmitOptions submit;
  RunsOptions runs;
  ViewOptions view;
  TaskOptions task;
  NewTaskOptions new_task;
  TryTaskOptions try_task;
  DraftTaskOptions draft_task;
  SuiteCheckOptions suite;
  EnvOptions env;
  DoctorOptions doctor;
  std::string shell;  // of `completion`
};

// The option table: every verb with its options, in the order in which help lists them. What is parsed goes into
// `options`, which outlives the parsing.
void AddVerbs(CLI::App& app, VerbOptions& options);

// `eval` alone, for a command that another verb holds.
void AddEval(CLI::App& app, EvalOptions& options);

}  // namespace axiometer
