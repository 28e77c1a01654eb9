#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/record/run_spec.h"

namespace axiometer {

enum class Display { kFull, kPlain, kNone };

// PEM files for the TLS of every endpoint; see HttpTls.
struct TlsOptions {
  std::string ca_file;
  std::string client_cert;
  std::string client_key;
};

// How a model file is served on this machine.
struct LlamaOptions {
  std::string server;  // llama-server; empty: AXIOMETER_LLAMA_SERVER, else PATH
  int context = 0;     // tokens of a request with its reply; 0: see kDefaultContext
  std::vector<std::string> arguments;  // further ones of the server
};

// What was typed, one struct a verb; empty means not given. See `axiometer VERB --help`.
struct EvalOptions {
  std::vector<std::string> suites;
  std::string stem;  // SuiteRequest::stem
  std::vector<std::string> models;
  std::string base_url;
  std::string api_key_env;
  std::vector<std::string> model_arguments;  // key=value
  std::vector<std::string> extra_body;       // KEY=JSON
  std::vector<std::string> model_headers;    // NAME=VALUE or NAME=$VARIABLE
  LlamaOptions llama;                        // of subject and judges
  std::string scaffold;
  std::string system_prompt;                // file
  std::string skill;                        // folder with a SKILL.md
  std::vector<std::string> task_arguments;  // key=value
  std::vector<std::string> judges;
  std::string judge_base_url;
  std::string judge_api_key_env;
  std::vector<std::string> judge_arguments;
  std::vector<std::string> judge_headers;
  std::string judge_prompt;  // file
  bool no_judge = false;
  std::string data;
  bool allow_modified_data = false;
  std::string limit;
  std::string task_ids;
  std::vector<std::string> filters;
  std::optional<std::string> shuffle_seed;
  std::string shard;  // I/N, auto or auto/N
  std::optional<ShardPlace> place;  // that shard; set with it by TakeShard (shard.h)
  std::optional<int> epochs;
  Generation generation;
  std::string prices;        // INPUT,OUTPUT[,CACHED] of the subject, US dollars a million tokens
  std::string judge_prices;  // likewise
  std::string price_list;    // file of prices by model (price_list.h)
  int max_connections = 0;
  int max_sandboxes = 128;
  int max_retries = 6;
  double timeout_s = 0;  // 0: the protocol's
  bool no_cache = false;
  bool batch = false;
  double batch_poll_s = 30;
  bool no_preflight = false;  // see CheckToolCalls
  TlsOptions tls;
  std::optional<int> max_steps;
  int64_t token_limit = 0;
  double time_limit_s = 0;
  double tool_timeout_s = 30;
  double cost_limit = 0;
  double fail_on_error = 0;
  bool retry_errors = false;
  bool fresh = false;  // a new run although one of the same configuration is stored
  std::string tags;
  std::optional<std::string> series;
  std::optional<int64_t> position;
  std::string db;
  std::string python;
  std::string sandbox;
  std::optional<Display> display;
  bool json = false;
  std::string command_line;  // as typed
};

struct MergeOptions {
  std::string out;
  std::vector<std::string> stores;
  bool json = false;
};

struct SubmitOptions {
  int shards = 0;
  std::string folder;                  // for the script and the logs; empty: a new one
  std::vector<std::string> scheduler;  // further options of sbatch
  bool dry_run = false;
  std::vector<std::string> command;    // "eval" and what follows it, as typed
  EvalOptions eval;                    // the same, read
};

struct JudgeOptions {
  std::string run;
  std::string suite;  // folder of the run's suite, where its name does not say it
  int repeats = 1;    // judgements of each attempt by each judge
  std::string as;     // name of the judge in the store; empty: PROVIDER/NAME
  std::vector<std::string> probes;  // JudgeProbeName
  EvalOptions eval;   // of it: judges and how they are reached, data, store, display
};

// Failures that our own means bear unless the user says otherwise: a share of the samples.
inline constexpr double kFailureBudget = 0.05;

struct ReportOptions {
  std::vector<std::string> runs;
  std::optional<std::string> series;      // in place of `runs`: all of this series
  std::optional<double> margin;           // along a series: what does not matter
  bool allow_differences = false;         // the same: though tasks, rubrics or judges differ
  double fail_on_error = kFailureBudget;  // a count (>= 1) or a share (< 1); 0: any number
  std::string format;  // as `report --help` lists them; empty: by the ending of `output`, else text
  std::string output;
  std::string figures;  // folder for the figures as files; empty: none
  std::vector<std::string> fail_below;  // METRIC[NAME=TEXT]=NUMBER (reports/threshold.h)
  std::string db;
  bool json = false;
};

struct CompareOptions {
  std::vector<std::string> runs;
  std::string judge;
  std::optional<double> margin;
  bool false_discovery = false;
  bool allow_differences = false;
  std::optional<std::string>
      front;           // dimensions, comma separated: whom no other subject is ahead of
  double fail_on_error = kFailureBudget;  // as of ReportOptions
  std::string format;  // text, markdown, json, html; empty: by the ending of `output`, else text
  std::string output;
  std::string figures;  // as of ReportOptions
  std::string db;
  bool json = false;
};

struct PlanOptions {
  std::string run = "latest";
  double half_width = 0;
  std::optional<int> clusters;
  std::string judge;
  std::string format;
  std::string output;
  std::string db;
  bool json = false;
};

struct ExportOptions {
  std::string run;
  std::string format;
  std::string output;
  std::string judge;
  std::string data;
  std::string db;
};

struct ImportOptions {
  std::string format;
  std::string path;
  std::string data;
  std::string model;    // NAME or PROVIDER/NAME
  std::string skill;
  std::string harness;  // the scaffold that made the results
  std::optional<std::string> run;  // judgements: whose
  bool random_sample = false;      // judgements: of samples drawn at random
  bool allow_modified_data = false;
  std::string tags;
  std::optional<std::string> series;  // results: that they belong to, with `position`
  std::optional<int64_t> position;
  // csv, jsonl: a table of questions
  std::string suite;               // folder to be made
  std::vector<std::string> maps;   // COLUMN=FIELD
  std::string kind;                // choice or survey; empty: choice
  std::string value_system;        // of all rows
  std::string poles;               // A,B of all rows
  bool replace = false;            // a suite that is there
  std::string db;
  std::string python;
  std::string sandbox;
  bool json = false;
  std::string command_line;  // as typed
};

struct RunsOptions {
  std::string db;
  bool json = false;
};

struct ViewOptions {
  std::string db;
  int port = 0;  // 0: any free one
};

struct TaskOptions {
  std::vector<std::string> names;  // suites, task ids or folders
  std::string data;
  std::vector<std::string> task_arguments;
  std::string python;
  std::string sandbox;
  bool strict = false;  // warnings are problems
  bool render = false;  // show what the subject is shown
  bool watch = false;   // check again after each save
  bool json = false;
};

struct NewTaskOptions {
  std::string suite;  // folder; empty: the one we stand in, if it is a suite
  std::string kind;   // agent, choice, survey; empty: agent
  std::string value_system;
  std::string environment;
  std::string poles;  // A,B
  std::string id;     // stem of the file; empty: the next free number
  bool no_questions = false;
  bool json = false;
};

struct TryTaskOptions {
  std::string task;  // SUITE/STEM, FOLDER/STEM or FOLDER/STEM.yaml
  EvalOptions eval;  // of it: model, judges, how they are reached, limits; an empty store: one that goes afterwards
};

struct DraftTaskOptions {
  std::string file;  // the dilemma in prose
  NewTaskOptions task;
  int tries = 3;     // requests at most
  EvalOptions eval;  // of it: the judge and how it is reached
};

struct SuiteCheckOptions {
  std::vector<std::string> suites;
  bool strict = false;  // warnings are problems
  bool json = false;
};

struct EnvOptions {
  std::vector<std::string> names;  // folders, or built-in environments
  std::string python;
  std::string sandbox;
  bool mcp = false;
  bool json = false;
};

struct DoctorOptions {
  EvalOptions eval;  // of it: models and suites, how they are reached and run, store, machine
  int pilot = 5;     // samples of each suite that are run for good; 0: none
  bool json = false;
};

}  // namespace axiometer
