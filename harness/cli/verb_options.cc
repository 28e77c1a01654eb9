#include "harness/cli/verb_options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <string>

#include "harness/base/utf8.h"

namespace axiometer {
namespace {

constexpr const char* kDefaultDb = "axiometer.db";

const CLI::Validator kNotEmpty([](const std::string& text) { return text.empty() ? std::string("is empty") : std::string(); }, "");

void AddDb(CLI::App* verb, std::string& db) {
  db = kDefaultDb;
  verb->add_option("--db", db, "the store, one SQLite file")
      ->envname("AXIOMETER_DB")
      ->capture_default_str()
      ->check(kNotEmpty);
}

void AddSandbox(CLI::App* verb, std::string& python, std::string& sandbox) {
  verb->add_option("--python", python, "the interpreter of environments; default: the system's");
  verb->add_option("--sandbox", sandbox, "bubblewrap or landlock; default: the strongest that works")
      ->check(CLI::IsMember({"bubblewrap", "landlock"}));
}

template <class T>
CLI::Option* AddOptional(CLI::App* verb, const std::string& name, std::optional<T>& target, const std::string& text,
                         const std::string& group) {
  return verb
      ->add_option_function<T>(
          name, [&target](const T& value) { target = value; }, text)
      ->group(group);
}

// A number from 0 to `most`; CLI11's own check lets "nan" through, which no limit ever reaches.
CLI::Validator UpTo(double most, const std::string& shown) {
  return CLI::Validator(
      [most, shown](const std::string& text) -> std::string {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool good = error == std::errc() && end == text.data() + text.size() && number >= 0 && number <= most;
        return good ? "" : "expected a number from 0 to " + shown + ", got " + Quoted(text);
      },
      "");
}

const double kMostSeconds = 1e7;  // four months
const std::string kMostSecondsShown = "10000000";

void AddTls(CLI::App* verb, TlsOptions& tls, const std::string& group) {
  verb->add_option("--ca-file", tls.ca_file,
                   "PEM file of authorities that endpoints' certificates are checked by")
      ->group(group);
  verb->add_option("--client-cert", tls.client_cert,
                   "PEM file of a certificate that endpoints may ask for")
      ->group(group);
  verb->add_option("--client-key", tls.client_key,
                   "PEM file of its key, if it is not in --client-cert")
      ->group(group);
}

void AddPriceList(CLI::App* verb, std::string& list, const std::string& group) {
  verb->add_option("--price-list", list, "YAML file of prices: PROVIDER/NAME: {input, output, cached} in US dollars a million tokens")
      ->envname("AXIOMETER_PRICE_LIST")
      ->group(group);
}

void AddLlama(CLI::App* verb, LlamaOptions& options, const std::string& group) {
  verb->add_option("--llama-server", options.server, "llama.cpp's server for llama/PATH.gguf; default: AXIOMETER_LLAMA_SERVER, else llama-server on PATH")
      ->group(group);
  verb->add_option("--llama-context", options.context, "tokens of one request with its reply; default: what the model was trained on, at most 8192")
      ->check(CLI::Range(128, 100'000'000))
      ->group(group);
  verb->add_option("--llama-arg", options.arguments, "a further argument of that server, such as --llama-arg=-ngl --llama-arg=99; may be repeated")
      ->group(group);
}

// Who judges, and how it is reached. `fallback`: what an endpoint is that is not named.
void AddJudges(CLI::App* verb, EvalOptions& options, const std::string& fallback,
               const std::string& what = "PROVIDER/NAME; several judge independently") {
  verb->add_option("--judge", options.judges, what)->group("Judges");
  verb->add_option("--judge-base-url", options.judge_base_url, fallback)->group("Judges");
  verb->add_option("--judge-api-key-env", options.judge_api_key_env, fallback)->group("Judges");
  verb->add_option("--judge-arg", options.judge_arguments, "key=value for the judge's model")->group("Judges");
  verb->add_option("--judge-header", options.judge_headers, "as --model-header, of the judge's endpoint")
      ->group("Judges");
  verb->add_option("--judge-prompt", options.judge_prompt, "template in place of ours")->group("Judges");
}

void AddNetwork(CLI::App* verb, EvalOptions& options) {
  verb->add_option("--max-connections", options.max_connections, "requests in flight; 0: adaptive")
      ->check(CLI::Range(0, 10000))
      ->group("Network");
  verb->add_option("--max-retries", options.max_retries, "of one request")
      ->check(CLI::Range(0, 100))
      ->capture_default_str()
      ->group("Network");
  verb->add_option("--timeout", options.timeout_s, "seconds for one request; default 600")
      ->check(UpTo(kMostSeconds, kMostSecondsShown))
      ->group("Network");
  verb->add_flag("--no-cache", options.no_cache, "ask again what the store has an answer to")->group("Network");
  AddTls(verb, options.tls, "Network");
}

void AddBatch(CLI::App* verb, EvalOptions& options, const std::string& text) {
  verb->add_flag("--batch", options.batch, text)->group("Network");
  verb->add_option("--batch-poll", options.batch_poll_s, "seconds between two looks at a batch")
      ->check(CLI::Range(0.05, 3600.0))
      ->capture_default_str()
      ->group("Network");
}

// What is shown while it works, and at its end.
void AddDisplay(CLI::App* verb, EvalOptions& options) {
  verb->add_option_function<std::string>(
          "--display",
          [&options](const std::string& name) {
            options.display = name == "full" ? Display::kFull : name == "plain" ? Display::kPlain : Display::kNone;
          },
          "full, plain or none; default: full on a terminal")
      ->check(CLI::IsMember({"full", "plain", "none"}))
      ->group("Output");
  verb->add_flag("--json", options.json, "the report as JSON on standard output")->group("Output");
}

// The subject: how it is reached, and what stands around it.
void AddSubject(CLI::App* verb, EvalOptions& options) {
  verb->add_option("--base-url", options.base_url, "of the subject's endpoint")->group("Endpoint");
  verb->add_option("--api-key-env", options.api_key_env, "name of the variable that holds its key")->group("Endpoint");
  verb->add_option("-M", options.model_arguments, "key=value for the model; may be repeated")->group("Endpoint");
  verb->add_option("--extra-body", options.extra_body,
                   "KEY=JSON, a further member of each request; may be repeated")
      ->group("Endpoint");
  verb->add_option("--model-header", options.model_headers, "NAME=$VARIABLE or NAME=VALUE, a further header; only its name is stored; may be repeated")
      ->group("Endpoint");
  AddLlama(verb, options.llama, "Endpoint");
  verb->add_option("--scaffold", options.scaffold, "react_tools, react_json, react_text or single_turn")->group("Subject");
  verb->add_option("--system-prompt", options.system_prompt, "file whose text takes the place of the suite's system message")
      ->group("Subject");
  verb->add_option("--skill", options.skill, "folder with a SKILL.md that the subject is told to follow")
      ->group("Subject");
}

// Which tasks, of which data, how often.
void AddTasks(CLI::App* verb, EvalOptions& options) {
  verb->add_option("-T", options.task_arguments, "key=value for the suite: form, order, labels, wordings; a benchmark's own (tasks/BENCHMARKS.md)")->group("Tasks");
  verb->add_option("--data", options.data, "folder of a published benchmark; without it, the invented sample")->group("Tasks");
  verb->add_flag("--allow-modified-data", options.allow_modified_data, "go on although the data differ from the release")
      ->group("Tasks");
  verb->add_option("--limit", options.limit, "the first N tasks, or A-B")->group("Tasks");
  verb->add_option("--task-id", options.task_ids, "these tasks, comma separated")->group("Tasks");
  verb->add_option("--filter", options.filters, "key=value: value_system, pole, environment or a tag")->group("Tasks");
  AddOptional(verb, "--sample-shuffle", options.shuffle_seed, "seed of a random order", "Tasks");
  verb->add_option_function<int>(
          "--epochs", [&options](const int& epochs) { options.epochs = epochs; },
          "repetitions of each task; default 1, or what the benchmark's mode needs")
      ->check(CLI::Range(1, 1000))
      ->group("Tasks");
}

void AddSampling(CLI::App* verb, Generation& generation) {
  AddOptional(verb, "--temperature", generation.temperature, "of the subject", "Sampling")->check(UpTo(100, "100"));
  AddOptional(verb, "--top-p", generation.top_p, "of the subject", "Sampling")->check(UpTo(1, "1"));
  AddOptional(verb, "--max-tokens", generation.max_tokens, "of one reply", "Sampling")->check(CLI::PositiveNumber);
  AddOptional(verb, "--seed", generation.seed, "sent to the endpoint", "Sampling");
  verb->add_option("--stop", generation.stop, "text that ends a reply; may be repeated")->group("Sampling");
  AddOptional(verb, "--reasoning-effort", generation.reasoning_effort, "sent to the endpoint", "Sampling");
  AddOptional(verb, "--top-logprobs", generation.top_logprobs, "log-probabilities of so many tokens, 0 to 20",
              "Sampling")
      ->check(CLI::Range(0, 20));
  AddOptional(verb, "--parallel-tool-calls", generation.parallel_tool_calls, "true or false", "Sampling");
}

void AddPrices(CLI::App* verb, EvalOptions& options) {
  verb->add_option("--prices", options.prices, "INPUT,OUTPUT[,CACHED] in US dollars a million tokens")->group("Limits");
  verb->add_option("--judge-prices", options.judge_prices, "the same for the judges")->group("Limits");
  AddPriceList(verb, options.price_list, "Limits");
}

}  // namespace

void AddEval(CLI::App& app, EvalOptions& options) {
  CLI::App* verb = app.add_subcommand(
      "eval",
      "measure a subject on suites\n\n"
      "  axiometer eval crossroads --model scripted/a --judge scripted/perfect\n"
      "  axiometer eval crossroads --model openai/NAME --judge openai/NAME --epochs 3\n"
      "  axiometer eval agent-valuebench --data DIR --model openai/NAME --base-url URL --judge openai/NAME\n\n"
      "The same command again continues an interrupted run; finished samples are not run again.\n");
  verb->add_option("suites", options.suites, "built-in suites, benchmarks, or folders with a suite.yaml")->required();
  verb->add_option("--model", options.models,
                   "PROVIDER/NAME, of openai, openai-responses, anthropic, gemini, llama, command, scripted or replay; several make several "
                   "runs")
      ->required();
  AddSubject(verb, options);
  AddTasks(verb, options);
  verb->add_option("--shard", options.shard,
                   "I/N: part I of N, in a store of its own (`axiometer merge`); auto, auto/N: I from the Slurm array "
                   "or the indexed job")
      ->group("Tasks");
  AddJudges(verb, options, "default: the subject's");
  verb->add_flag("--no-judge", options.no_judge, "mechanical checks only")->group("Judges");
  AddSampling(verb, options.generation);
  AddNetwork(verb, options);
  AddBatch(verb, options,
           "ask models of openai, openai-responses and anthropic in batches: half the price, within a day; of tasks that are "
           "answered, not acted on");
  verb->add_flag("--no-preflight", options.no_preflight,
                 "do not ask for a tool call before the first sample of agents that act through tools")
      ->group("Network");
  verb->add_option("--max-sandboxes", options.max_sandboxes, "environments alive")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str()
      ->group("Network");
  AddOptional(verb, "--max-steps", options.max_steps, "assistant turns of a sample; default 30, Agent-ValueBench 50",
              "Limits")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_option("--token-limit", options.token_limit, "tokens of a sample")->check(CLI::NonNegativeNumber)->group("Limits");
  verb->add_option("--time-limit", options.time_limit_s, "seconds of a sample")
      ->check(UpTo(kMostSeconds, kMostSecondsShown))
      ->group("Limits");
  verb->add_option("--tool-timeout", options.tool_timeout_s,
                   "seconds of one tool call; a longer one ends the sample as failed")
      ->check(CLI::Range(0.1, kMostSeconds))
      ->capture_default_str()
      ->group("Limits");
  verb->add_option("--cost-limit", options.cost_limit, "US dollars of the run, judges and retries included: nothing new is asked beyond it; requests in flight, and judging what was begun, are still paid")
      ->check(UpTo(1e9, "1000000000"))
      ->group("Limits");
  AddPrices(verb, options);
  verb->add_option("--fail-on-error", options.fail_on_error,
                   "stop once so many samples, or this share of them, ended in an error")
      ->expected(0, 1)
      ->default_str("1")
      ->check(UpTo(1e9, "1000000000"))
      ->group("Errors");
  verb->add_flag("--retry-errors", options.retry_errors, "run samples again that ended in an error")->group("Errors");
  verb->add_flag("--fresh", options.fresh, "a new run although the same one is stored")->group("Output");
  verb->add_option("--tag", options.tags, "label of the run")->group("Output");
  AddOptional(verb, "--series", options.series,
              "ordered series of runs that this one belongs to, with --position", "Output");
  AddOptional(verb, "--position", options.position,
              "its place there, an integer: a turn, a dose, a checkpoint", "Output");
  AddDisplay(verb, options);
  AddDb(verb, options.db);
  AddSandbox(verb, options.python, options.sandbox);
  for (const char* name : {"--db", "--python", "--sandbox"}) verb->get_option(name)->group("Machine");
}

namespace {

void AddJudge(CLI::App& app, JudgeOptions& options) {
  CLI::App* verb = app.add_subcommand("judge",
                                      "have the stored trajectories of a run judged, by other judges or once more\n\n"
                                      "  axiometer judge latest --judge openai/NAME --judge-base-url URL\n"
                                      "  axiometer judge RUN --judge openai/NAME --repeats 3\n"
                                      "  axiometer judge RUN --judge openai/NAME --probe order --probe length\n\n"
                                      "Judgements are added, never overwritten; the subject is not asked again.\n");
  verb->add_option("run", options.run, "an id, a unique prefix, or latest")->required();
  AddJudges(verb, options.eval, "default: the provider's");
  verb->get_option("--judge")->required();
  verb->add_option("--repeats", options.repeats, "judgements of each trajectory by each judge, those that there are included")
      ->check(CLI::Range(1, 100))
      ->capture_default_str()
      ->group("Judges");
  verb->add_option("--as", options.as, "name of this judge from now on, so that another prompt of one model is a judge of its own")
      ->group("Judges");
  verb->add_option("--probe", options.probes,
                   "ask each judge once more with something changed that should not matter: order (of the questions), "
                   "anchors (their order), length (of the agent's last text), injection (an order to the judge in it); "
                   "may be repeated")
      ->check(CLI::IsMember({"order", "anchors", "length", "injection"}))
      ->group("Judges");
  verb->add_option("--judge-prices", options.eval.judge_prices, "INPUT,OUTPUT[,CACHED] in US dollars a million tokens")
      ->group("Judges");
  AddPriceList(verb, options.eval.price_list, "Judges");
  AddLlama(verb, options.eval.llama, "Judges");
  verb->add_option("--suite", options.suite, "folder of the run's suite, where its name does not say it")->group("Tasks");
  verb->add_option("--data", options.eval.data, "folder of the published benchmark; default: the run's")->group("Tasks");
  AddNetwork(verb, options.eval);
  AddBatch(verb, options.eval, "ask judges of openai, openai-responses and anthropic in batches: half the price, within a day");
  verb->add_flag("--retry-errors", options.eval.retry_errors, "ask again where the judge's endpoint failed")->group("Errors");
  AddDisplay(verb, options.eval);
  AddDb(verb, options.eval.db);
  AddSandbox(verb, options.eval.python, options.eval.sandbox);
  for (const char* name : {"--db", "--python", "--sandbox"}) verb->get_option(name)->group("Machine");
}

void AddFigures(CLI::App* verb, std::string& figures) {
  verb->add_option("--figures", figures, "folder into which every figure goes as an SVG file for print");
}

void AddReport(CLI::App& app, ReportOptions& options) {
  CLI::App* verb = app.add_subcommand(
      "report",
      "one report over one or more runs\n\n"
      "  axiometer report\n"
      "  axiometer report latest -o report.html\n"
      "  axiometer report RUN RUN --format markdown\n"
      "  axiometer report --figures FOLDER\n"
      "  axiometer report --format junit -o junit.xml --fail-below 'mean_score[dimension=care]=0.4'\n"
      "  axiometer report --series NAME --margin 0.05\n");
  verb->add_option("--fail-on-error", options.fail_on_error,
                   "failed samples, a count or a share, beyond which a run's means are withheld; 0: any number")
      ->check(UpTo(1e9, "1000000000"))
      ->capture_default_str();
  verb->add_option("runs", options.runs, "ids, unique prefixes, or latest (the default)");
  AddOptional(verb, "--series", options.series,
              "all runs of this series, and what changes along it", "Series");
  AddOptional(verb, "--margin", options.margin,
              "difference of means (0 to 1) that does not matter: from where on the series is done",
              "Series")
      ->check(UpTo(1, "1"));
  verb->add_flag("--allow-differences", options.allow_differences,
                 "although tasks, rubrics or judges differ along the series; the report says so")
      ->group("Series");
  verb->add_option("--format", options.format,
                   "text, markdown, json, html, csv, junit, agent-valuebench-markdown or "
                   "agent-valuebench-harness-markdown; default: by the ending of -o")
      ->check(CLI::IsMember({"text", "markdown", "json", "html", "csv", "junit", "agent-valuebench-markdown",
                             "agent-valuebench-harness-markdown", "sections"}));
  verb->add_option("-o,--output", options.output, "file; default: standard output");
  verb->add_flag("--json", options.json, "the same as --format json");
  AddFigures(verb, options.figures);
  verb->add_option(
          "--fail-below", options.fail_below,
          "METRIC=NUMBER or METRIC[NAME=TEXT,...]=NUMBER, names as --json has them, a comma of TEXT as \\,: exit status 100 if the metric "
          "is lower or absent; may be repeated");
  AddDb(verb, options.db);
}

// How a verb's document is written, and from which store.
template <class Options>
void AddDocument(CLI::App* verb, Options& options) {
  verb->add_option("--format", options.format, "text, markdown, json, html or csv; default: by the ending of -o")
      ->check(CLI::IsMember({"text", "markdown", "json", "html", "csv", "sections"}));
  verb->add_option("-o,--output", options.output, "file; default: standard output");
  verb->add_flag("--json", options.json, "the same as --format json");
  AddDb(verb, options.db);
}

void AddCompare(CLI::App& app, CompareOptions& options) {
  CLI::App* verb =
      app.add_subcommand("compare",
                         "what differs between runs of the same tasks, and how surely\n\n"
                         "  axiometer compare RUN RUN\n"
                         "  axiometer compare RUN RUN RUN --margin 0.05 -o comparison.html\n"
                         "  axiometer compare RUN RUN RUN --front benevolence,power\n");
  verb->add_option("runs", options.runs, "ids, unique prefixes, or latest; differences are the later one less the earlier")
      ->required();
  verb->add_option("--judge", options.judge, "whose scores; default: the first judge that all runs have");
  AddOptional(verb, "--margin", options.margin, "difference of means (0 to 1) that does not matter: tests for equivalence", "Options")
      ->check(UpTo(1, "1"));
  verb->add_flag("--fdr", options.false_discovery, "bound the false discovery rate (Benjamini-Hochberg); default: Holm");
  verb->add_flag("--allow-differences", options.allow_differences,
                 "compare although tasks, rubrics or judges differ; the report says so");
  verb->add_option("--fail-on-error", options.fail_on_error,
                   "failed samples, a count or a share, beyond which a run's means are withheld; 0: any number")
      ->check(UpTo(1e9, "1000000000"))
      ->capture_default_str();
  AddOptional(verb, "--front", options.front,
              "two dimensions or more, comma separated, as NAME or SYSTEM/NAME: whom no other "
              "subject is ahead of",
              "Options");
  AddFigures(verb, options.figures);
  AddDocument(verb, options);
}

void AddPlan(CLI::App& app, PlanOptions& options) {
  CLI::App* verb = app.add_subcommand("plan",
                                      "how many tasks and epochs make intervals as narrow as wanted, from a pilot run\n\n"
                                      "  axiometer plan latest --half-width 0.1\n"
                                      "  axiometer plan RUN --half-width 0.05 --clusters 40\n");
  verb->add_option("run", options.run, "an id, a unique prefix, or latest")->capture_default_str();
  verb->add_option("--half-width", options.half_width, "of the 95 % interval of a mean (0 to 1)")->required()->check(UpTo(1, "1"));
  AddOptional(verb, "--clusters", options.clusters, "environments to be had; default: the pilot's", "Options")
      ->check(CLI::Range(2, 1'000'000));
  verb->add_option("--judge", options.judge, "whose scores; default: the first");
  AddDocument(verb, options);
}

void AddExport(CLI::App& app, ExportOptions& options) {
  CLI::App* verb = app.add_subcommand("export",
                                      "results for other programs\n\n"
                                      "  axiometer export latest --format jsonl -o samples.jsonl\n"
                                      "  axiometer export RUN --format agent-valuebench --data DIR -o OUT\n"
                                      "  axiometer export RUN --format inspect -o logs/run.eval    for `inspect view`\n");
  verb->add_option("run", options.run, "an id, a unique prefix, or latest")->required();
  verb->add_option("--format", options.format, "jsonl, csv, agent-valuebench or inspect (a log of Inspect AI)")
      ->required()
      ->check(CLI::IsMember({"jsonl", "csv", "agent-valuebench", "inspect"}));
  verb->add_option("-o,--output", options.output, "file (default: standard output), or folder of agent-valuebench");
  verb->add_option("--judge", options.judge, "whose verdicts, where several judged");
  verb->add_option("--data", options.data, "folder of the benchmark; default: the run's");
  AddDb(verb, options.db);
}

void AddImport(CLI::App& app, ImportOptions& options) {
  CLI::App* verb = app.add_subcommand(
      "import",
      "results made elsewhere become a run, scores by people judgements of a run\n\n"
      "  axiometer import agent-valuebench result/MODEL --data DIR\n"
      "  axiometer import agent-valuebench result_harness/MODEL/openclaw --data DIR\n"
      "  axiometer import judgements scores.csv --run RUN --random-sample\n"
      "  axiometer import csv questions.csv --suite my-suite --map text=question --map yes=a --map "
      "no=b --poles A,B\n\n"
      "csv and jsonl make a suite of a table of questions.\n");
  verb->add_option("format", options.format, "agent-valuebench, judgements, csv or jsonl")
      ->required()
      ->check(CLI::IsMember({"agent-valuebench", "judgements", "csv", "jsonl"}));
  verb->add_option("path", options.path,
                   "folder with case_NNNNN_result.json, case_NNNNN_traj.json or both, at any depth; of judgements a "
                   "table with the columns task, item, rater, score (0, 1, 2) and, if wanted, epoch")
      ->required();
  verb->add_option("--data", options.data, "folder of the published benchmark");
  verb->add_option("--model", options.model, "NAME or PROVIDER/NAME of the subject; default: the folder's name");
  verb->add_option("--harness", options.harness, "what the subject ran in; default: the released loop, or the folder's name if it is one");
  verb->add_option("--skill", options.skill, "folder of the skill that the subject had");
  verb->add_flag("--allow-modified-data", options.allow_modified_data, "go on although the data differ from the release");
  verb->add_option("--tag", options.tags, "label of the run");
  AddOptional(verb, "--series", options.series, "ordered series of runs that the results belong to, with --position",
              "Results");
  AddOptional(verb, "--position", options.position, "their place there, an integer: a turn, a dose, a checkpoint",
              "Results");
  AddOptional(verb, "--run", options.run, "whose samples were judged: an id, a unique prefix, or latest (the default)", "Judgements");
  verb->add_flag("--random-sample", options.random_sample, "the judged samples were drawn at random from the run's")
      ->group("Judgements");
  verb->add_option("--suite", options.suite, "folder that becomes the suite")
      ->group("Tables of questions");
  verb->add_option("--map", options.maps,
                   "COLUMN=FIELD; a column that is called like a field need not be mapped. Fields: "
                   "id, title, question, "
                   "a, b, paraphrase, pole_a, pole_b, value_system, tag.NAME. May be repeated")
      ->group("Tables of questions");
  verb->add_option("--kind", options.kind, "choice (the default) or survey")
      ->group("Tables of questions");
  verb->add_option("--value-system", options.value_system, "of all rows; default: schwartz")
      ->group("Tables of questions");
  verb->add_option("--poles", options.poles, "A,B of all rows: the dimensions of options a and b")
      ->group("Tables of questions");
  verb->add_flag("--replace", options.replace, "replace the suite that is there")
      ->group("Tables of questions");
  verb->add_flag("--json", options.json, "what was imported, as JSON");
  AddDb(verb, options.db);
  AddSandbox(verb, options.python, options.sandbox);
}

void AddMerge(CLI::App& app, MergeOptions& options) {
  CLI::App* verb = app.add_subcommand("merge",
                                      "the stores of shards become one\n\n"
                                      "  axiometer merge results.db results.*-of-8.db\n\n"
                                      "May be repeated, also while shards are at work: what is there is not copied again.\n");
  verb->add_option("out", options.out, "the store that takes them; made if it is not there")->required();
  verb->add_option("stores", options.stores, "stores that `eval --shard` wrote")->required();
  verb->add_flag("--json", options.json, "what was merged and what is missing, as JSON");
}

void AddSubmit(CLI::App& app, SubmitOptions& options) {
  CLI::App* verb = app.add_subcommand("submit", "hand a run to a cluster's scheduler");
  verb->require_subcommand(1);
  CLI::App* slurm = verb->add_subcommand(
      "slurm",
      "an array of shards, and a job that merges them\n\n"
      "  axiometer submit slurm -n 16 -- eval agent-valuebench --data DIR --model openai/NAME --base-url URL\n"
      "  axiometer submit slurm -n 8 --sbatch=--partition=long --sbatch=--time=12:00:00 -- eval …\n\n"
      "Checks the whole command first, writes two scripts that can be read, and submits them with sbatch. Keys are read\n"
      "from .env by the jobs; the environment's are not handed to Slurm, which would store them.\n");
  slurm->add_option("-n,--shards", options.shards, "jobs of the array")->required()->check(CLI::Range(1, 100'000));
  slurm->add_option("--folder", options.folder, "for scripts and logs; default: slurm-TIME");
  slurm->add_option("--sbatch", options.scheduler, "a further option of both jobs, as --sbatch=--mem=2G; may be repeated");
  slurm->add_flag("--dry-run", options.dry_run, "write the scripts and say how to submit them");
  slurm->add_option("command", options.command, "after --: eval and its options")->required();
}

void AddRuns(CLI::App& app, RunsOptions& options) {
  CLI::App* verb = app.add_subcommand("runs", "list runs, their state, cost and outcomes\n\n  axiometer runs\n");
  verb->add_flag("--json", options.json, "as JSON");
  AddDb(verb, options.db);
}

void AddView(CLI::App& app, ViewOptions& options) {
  CLI::App* verb = app.add_subcommand("view",
                                      "runs, results and trajectories in the browser\n\n"
                                      "  axiometer view\n"
                                      "  axiometer view --db results.db --port 8080\n\n"
                                      "Serves this computer alone, reads the store and changes nothing. Ctrl-C ends it.\n");
  verb->add_option("--port", options.port, "of 127.0.0.1; default: any free one, which is printed")
      ->check(CLI::Range(0, 65535));
  AddDb(verb, options.db);
}

void AddTask(CLI::App& app, TaskOptions& options) {
  CLI::App* verb = app.add_subcommand("task",
                                      "write tasks, look at them, check them\n\n"
                                      "  axiometer task list\n"
                                      "  axiometer task show crossroads/ward-night-note\n"
                                      "  axiometer task check crossroads\n"
                                      "  axiometer task check path/to/my-suite\n"
                                      "  axiometer task new\n");
  verb->require_subcommand(1);
  CLI::App* list = verb->add_subcommand("list", "suites, or the tasks of a suite");
  list->add_option("suites", options.names, "default: all built-in suites");
  CLI::App* show = verb->add_subcommand("show", "one task in full");
  show->add_option("tasks", options.names, "SUITE/TASK")->required();
  CLI::App* check = verb->add_subcommand("check", "read a suite and replay its oracles in the sandbox");
  check->add_option("suites", options.names, "suites, folders, SUITE/TASK or FOLDER/TASK.yaml")
      ->required();
  check->add_flag("--strict", options.strict, "warnings are problems");
  check->add_flag("--render", options.render, "show what the subject is shown");
  check->add_flag("--watch", options.watch,
                  "check again whenever a file of the suite is saved, until Ctrl-C");
  for (CLI::App* one : {list, show, check}) {
    one->add_option("--data", options.data, "folder of a published benchmark");
    one->add_option("-T", options.task_arguments, "key=value, as for eval; may be repeated");
    one->add_flag("--json", options.json, "as JSON");
  }
  AddSandbox(check, options.python, options.sandbox);
}

void AddNewTask(CLI::App* verb, NewTaskOptions& options) {
  verb->add_option(
      "--suite", options.suite,
      "folder of the suite, made if it is not there; default: this one, if it is a suite");
  verb->add_option("--value-system", options.value_system, "default: the suite's, else schwartz");
  verb->add_option("--environment", options.environment, "of an agent task; default: the suite's");
  verb->add_option("--poles", options.poles, "A,B: two dimensions of the value system");
  verb->add_option("--id", options.id,
                   "name of the file, without .yaml; default: the next free number");
  verb->add_flag("--json", options.json, "what was written, as JSON");
}

void AddAuthoring(CLI::App& app, NewTaskOptions& fresh, TryTaskOptions& tried,
                  DraftTaskOptions& draft) {
  CLI::App* task = app.get_subcommand("task");
  CLI::App* verb = task->add_subcommand("new",
                                        "write a task that passes `task check` as it is\n\n"
                                        "  axiometer task new\n"
                                        "  axiometer task new --suite my-suite --environment "
                                        "office-ledger --poles conformity,benevolence\n"
                                        "  axiometer task new --suite my-suite --kind choice "
                                        "--poles security,stimulation --id ladder\n\n"
                                        "At a terminal it asks for what is missing.\n");
  verb->add_option("--kind", fresh.kind, "agent (the default), choice or survey");
  AddNewTask(verb, fresh);
  verb->add_flag("--no-questions", fresh.no_questions, "ask nothing, as in a pipe");

  verb = task->add_subcommand("try",
                              "run one task once and show what happened\n\n"
                              "  axiometer task try my-suite/task-1.yaml --model scripted/a\n"
                              "  axiometer task try crossroads/news-prize --model openai/NAME "
                              "--base-url URL --judge openai/NAME\n");
  verb->add_option("task", tried.task, "SUITE/TASK or FOLDER/TASK.yaml")->required();
  verb->add_option("--model", tried.eval.models, "PROVIDER/NAME of the subject")->required();
  AddSubject(verb, tried.eval);
  verb->add_option("-T", tried.eval.task_arguments, "key=value, as for eval; may be repeated");
  AddOptional(verb, "--max-steps", tried.eval.max_steps, "turns at most", "Limits");
  AddJudges(verb, tried.eval, "default: the subject's",
            "PROVIDER/NAME; without one the checks decide alone what they can");
  AddNetwork(verb, tried.eval);
  verb->add_option("--db", tried.eval.db, "the store, where the run is to be kept; default: none");
  AddSandbox(verb, tried.eval.python, tried.eval.sandbox);

  verb =
      task->add_subcommand("draft",
                           "let a model propose checkpoints and oracles for a dilemma in prose\n\n"
                           "  axiometer task draft dilemma.txt --judge openai/NAME --suite "
                           "my-suite --environment ward-desk --poles A,B\n\n"
                           "What it proposes is a draft until a person signs it with reviewed_by; "
                           "reports count the drafts among their tasks.\n");
  verb->add_option("file", draft.file, "the dilemma, UTF-8 text")->required();
  AddNewTask(verb, draft.task);
  verb->add_option("--tries", draft.tries,
                   "requests at most: a draft that cannot be read goes back with what is wrong")
      ->check(CLI::Range(1, 10))
      ->capture_default_str();
  AddJudges(verb, draft.eval, "default: the provider's", "PROVIDER/NAME of the model that drafts");
  AddLlama(verb, draft.eval.llama, "Judges");
  AddNetwork(verb, draft.eval);
}

void AddSuite(CLI::App& app, SuiteCheckOptions& options) {
  CLI::App* verb = app.add_subcommand("suite", "look at a suite as a whole");
  verb->require_subcommand(1);
  CLI::App* check = verb->add_subcommand(
      "check",
      "which values meet how often, what is out of balance, what is missing\n\n"
      "  axiometer suite check my-suite\n"
      "  axiometer suite check crossroads --json\n");
  check->add_option("suites", options.suites, "suites or folders")->required();
  check->add_flag("--strict", options.strict, "warnings are problems");
  check->add_flag("--json", options.json, "as JSON");
}

void AddEnv(CLI::App& app, EnvOptions& options) {
  CLI::App* verb = app.add_subcommand(
      "env",
      "environments: look at them, check them, call their tools by hand, begin one\n\n"
      "  axiometer env list\n"
      "  axiometer env new path/to/my-desk\n"
      "  axiometer env check path/to/my-desk\n"
      "  axiometer env shell ward-desk\n");
  verb->require_subcommand(1);
  CLI::App* list = verb->add_subcommand("list", "those that there are");
  list->add_option("folders", options.names,
                   "folders of environments, or suites that have some; default: the built-in ones");
  CLI::App* check = verb->add_subcommand(
      "check", "start an environment in the sandbox and say what is wrong with it");
  check->add_option("environments", options.names, "folders, or names of built-in ones")
      ->required();
  CLI::App* shell =
      verb->add_subcommand("shell", "call an environment's tools by hand, a line a call");
  shell->add_option("environment", options.names, "a folder, or the name of a built-in one")
      ->required()
      ->expected(1);
  CLI::App* begin =
      verb->add_subcommand("new", "write a small environment that passes `env check`");
  begin->add_option("folder", options.names, "a new folder; its name is the environment's")
      ->check(kNotEmpty)
      ->required()
      ->expected(1);
  begin->add_flag("--mcp", options.mcp, "an MCP server in place of a Python class");
  for (CLI::App* one : {list, check}) one->add_flag("--json", options.json, "as JSON");
  for (CLI::App* one : {check, shell}) AddSandbox(one, options.python, options.sandbox);
}

void AddDoctor(CLI::App& app, DoctorOptions& options) {
  CLI::App* verb = app.add_subcommand(
      "doctor",
      "what holds on this machine, what an endpoint can do, what a suite needs of it and will cost\n\n"
      "  axiometer doctor\n"
      "  axiometer doctor --model openai/NAME --base-url URL\n"
      "  axiometer doctor crossroads --model openai/NAME --judge openai/NAME --pilot 10 --prices 0.5,1.5\n\n"
      "About fifteen short requests find out what an endpoint can do; a pilot runs some samples and throws them away. The\n"
      "last lines are the commands to type.\n");
  EvalOptions& eval = options.eval;
  verb->add_option("suites", eval.suites, "suites that are to be run with the models");
  verb->add_option("--model", eval.models, "PROVIDER/NAME, as of eval");
  verb->add_option("--pilot", options.pilot, "samples of each suite to run; 0: none")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  verb->add_flag("--json", options.json, "as JSON");
  AddSubject(verb, eval);
  AddJudges(verb, eval, "default: the subject's");
  AddTasks(verb, eval);
  AddSampling(verb, eval.generation);
  AddNetwork(verb, eval);
  AddPrices(verb, eval);
  AddDb(verb, eval.db);
  AddSandbox(verb, eval.python, eval.sandbox);
  for (const char* name : {"--db", "--python", "--sandbox"}) verb->get_option(name)->group("Machine");
}

void AddManual(CLI::App& app, std::string& shell) {
  app.add_subcommand("manual", "the manual page, for `man -l`\n\n  axiometer manual > axiometer.1\n");
  CLI::App* completion = app.add_subcommand(
      "completion", "what completes axiometer's words in a shell\n\n  source <(axiometer completion bash)\n  axiometer completion fish | source\n");
  completion->add_option("shell", shell, "bash, zsh or fish")->required();
}

}  // namespace

void AddVerbs(CLI::App& app, VerbOptions& options) {
  AddEval(app, options.eval);
  AddJudge(app, options.judge);
  AddReport(app, options.report);
  AddCompare(app, options.compare);
  AddPlan(app, options.plan);
  AddExport(app, options.exports);
  AddImport(app, options.imports);
  AddMerge(app, options.merge);
  AddSubmit(app, options.submit);
  AddRuns(app, options.runs);
  AddView(app, options.view);
  AddTask(app, options.task);
  AddAuthoring(app, options.new_task, options.try_task, options.draft_task);
  AddSuite(app, options.suite);
  AddEnv(app, options.env);
  AddDoctor(app, options.doctor);
  AddManual(app, options.shell);
}

}  // namespace axiometer
