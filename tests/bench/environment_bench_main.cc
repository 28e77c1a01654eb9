// What an environment costs, each against a baseline of the same run:
//   start      forked instance against a fresh interpreter that loads the same module, unconfined
//   call       a tool that does nothing against an echo of lines by the same interpreter
//   memory     what an instance has for itself
// With AXIOMETER_AVB_DATA set to the data set's folder also the start of every real environment.
// Usage: environment_bench [bubblewrap|landlock]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "environments/python_host.h"
#include "environments/python_worker.h"
#include "harness/io/child.h"
#include "harness/io/line_channel.h"
#include "harness/io/loop.h"
#include "tests/bench/bench.h"
#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double MsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// As large as the usual environment of Agent-ValueBench: 20 tools, 36 kB.
std::string MiddlingModule() {
  std::string text =
      "from __future__ import annotations\n"
      "import copy, datetime, json, re, uuid\n"
      "from typing import Any, Dict, List, Optional, TypedDict\n"
      "from axiometer_environment import AxiometerEnvironment, ToolError\n\n"
      "class Environment(AxiometerEnvironment):\n"
      "    def nothing(self):\n        return {}\n\n";
  for (int tool = 0; tool < 40; ++tool) {
    const std::string n = std::to_string(tool);
    text += "    def list_records_" + n +
            "(self, status: Optional[str] = None, limit: int = 10) -> Dict[str, Any]:\n"
            "        \"\"\"The records of kind " +
            n +
            " in short, the newest first; at most as many as asked for.\"\"\"\n"
            "        rows: List[Dict[str, Any]] = []\n"
            "        for key, record in sorted(self.state.get('records_" +
            n +
            "', {}).items()):\n"
            "            if status is not None and record.get('status') != status:\n"
            "                continue\n"
            "            if not isinstance(record, dict) or 'title' not in record:\n"
            "                raise ToolError(f'record {key} of kind " +
            n +
            " is damaged')\n"
            "            rows.append({'id': key, 'title': record['title'], 'status': "
            "record.get('status', 'open')})\n"
            "            if len(rows) >= limit:\n"
            "                break\n"
            "        return {'success': True, 'data': rows, 'count': len(rows), 'kind': " +
            n + "}\n\n";
  }
  return text;
}

// Starts a program and waits for its first line; the program stays until the channel is dropped.
struct Started {
  Child child;
  LineChannel channel;
};

Async<Result<Started>> StartAndAwaitLine(Loop& loop, ChildSpec spec) {
  auto sockets = MakeSocketPair();
  if (!sockets) co_return sockets.error();
  spec.descriptors = {{0, sockets->second.get()}, {1, sockets->second.get()}};
  auto child = Child::Start(loop, spec);
  if (!child) co_return child.error();
  sockets->second = Descriptor();
  Started started{std::move(*child), LineChannel(loop, std::move(sockets->first), 1 << 20)};
  const Line line = co_await started.channel.Read(30'000);
  if (line.status != LineStatus::kLine) co_return Failed("baseline", "no line");
  co_return started;
}

ChildSpec Interpreter(const std::string& script) {
  ChildSpec spec;
  spec.program = "/usr/bin/python3";
  spec.arguments = {"-S", "-B", "-c", script};
  spec.environment = {"PYTHONHASHSEED=0"};
  return spec;
}

class Bench {
 public:
  Bench(std::string kind, std::string scripts)
      : kind_(std::move(kind)), scripts_(std::move(scripts)) {}

  std::unique_ptr<EnvironmentHost> Host(const std::vector<std::string>& directories) {
    HostOptions options;
    options.backend = kind_;
    options.scripts = scripts_;
    auto host = MakeEnvironmentHost(loop_, options, directories);
    if (!host) Die(host.error().ToString());
    return std::move(*host);
  }

  void Run(Async<void> work) {
    loop_.Spawn(std::move(work));
    loop_.Run();
  }

  Async<void> Start(EnvironmentHost& host, const EnvironmentSpec& spec, int times,
                    std::vector<double>& ms) {
    for (int i = 0; i < times; ++i) {
      const auto begin = Clock::now();
      const auto environment = co_await host.Start(spec);
      if (!environment) Die(environment.error().ToString());
      ms.push_back(MsSince(begin));
    }
  }

  Async<void> Fresh(const std::string& script, int times, std::vector<double>& ms) {
    for (int i = 0; i < times; ++i) {
      ChildSpec spec = Interpreter(script);
      const auto begin = Clock::now();
      const auto started = co_await StartAndAwaitLine(loop_, std::move(spec));
      if (!started) Die(started.error().ToString());
      ms.push_back(MsSince(begin));
    }
  }

  Async<void> Calls(EnvironmentHost& host, const EnvironmentSpec& spec, int times,
                    std::vector<double>& us) {
    const auto environment = co_await host.Start(spec);
    if (!environment) Die(environment.error().ToString());
    const std::string tool = "nothing";
    const std::string arguments = "{}";
    for (int i = 0; i < times; ++i) {
      const auto begin = Clock::now();
      const CallResult result = co_await (*environment)->Call(tool, arguments);
      if (result.status != CallResult::Status::kAnswered) Die(result.error);
      us.push_back(1e3 * MsSince(begin));
    }
  }

  Async<void> Echoes(int times, std::vector<double>& us) {
    ChildSpec spec = Interpreter(
        "import os\nos.write(1, b'ready\\n')\nwhile data := os.read(0, 65536): os.write(1, "
        "data)\n");
    auto started = co_await StartAndAwaitLine(loop_, std::move(spec));
    if (!started) Die(started.error().ToString());
    const std::string line = R"({"id":"0123456789abcdef","call":"nothing","arguments":"{}"})";
    for (int i = 0; i < times; ++i) {
      const auto begin = Clock::now();
      const bool written = co_await started->channel.Write(line, 10'000);
      const Line answer = co_await started->channel.Read(10'000);
      if (!written || answer.status != LineStatus::kLine) Die("the echo ended");
      us.push_back(1e3 * MsSince(begin));
    }
  }

  Async<void> PrivateMemory(EnvironmentHost& host, const EnvironmentSpec& spec, double& megabytes) {
    const auto environment = co_await host.Start(spec);
    if (!environment) Die(environment.error().ToString());
    const int pidfd = dynamic_cast<PythonWorker&>(**environment).pidfd();
    std::string word;
    long pid = 0;
    for (std::ifstream info("/proc/self/fdinfo/" + std::to_string(pidfd)); info >> word;) {
      if (word == "Pid:") info >> pid;
    }
    double kilobytes = 0;
    for (std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup"); rollup >> word;) {
      if (word != "Private_Clean:" && word != "Private_Dirty:") continue;
      double part = 0;
      rollup >> part;
      kilobytes += part;
    }
    megabytes = kilobytes / 1024;
  }

  Loop& loop() { return loop_; }

 private:
  Loop loop_;
  std::string kind_;
  std::string scripts_;
};

void ReportStart(const char* what, const std::vector<double>& ours,
                 const std::vector<double>& fresh) {
  std::printf(
      "%-22s p50 %6.2f ms  p95 %6.2f ms   fresh interpreter + module p50 %6.2f ms   ratio %.2f\n",
      what, Quantile(ours, .5), Quantile(ours, .95), Quantile(fresh, .5),
      Quantile(ours, .5) / Quantile(fresh, .5));
}

void OwnModule(Bench& bench, const std::string& scripts) {
  const TemporaryFolder own;
  own.Write("environment.py", MiddlingModule());
  const std::string& folder = own.path();
  EnvironmentSpec spec;
  spec.directory = folder;
  spec.name = "middling";
  spec.state = R"({"records_1": {"a": {"title": "first"}}})";
  {
    const auto host = bench.Host({folder});
    std::printf("sandbox: %s\n", host->sandbox());
    const std::string fresh_script = "import sys, json, os\nsys.path[:0] = ['" + scripts + "', '" +
                                     folder +
                                     "']\nimport environment\nenvironment.Environment({})\n"
                                     "os.write(1, b'ready\\n')\nsys.stdin.read()\n";
    std::vector<double> first, ours, fresh;
    bench.Run(bench.Start(*host, spec, 1, first));
    // In turns, so that whatever else the machine does falls on both.
    for (int round = 0; round < 10; ++round) {
      bench.Run(bench.Start(*host, spec, 20, ours));
      bench.Run(bench.Fresh(fresh_script, 4, fresh));
    }
    std::printf("first start with its interpreter %.1f ms\n", first[0]);
    ReportStart("start", ours, fresh);
    double megabytes = 0;
    bench.Run(bench.PrivateMemory(*host, spec, megabytes));
    std::printf("%-22s %.2f MB\n", "private memory", megabytes);
    std::vector<double> calls, echoes;
    for (int round = 0; round < 5; ++round) {
      bench.Run(bench.Calls(*host, spec, 2000, calls));
      bench.Run(bench.Echoes(2000, echoes));
    }
    std::printf("%-22s p50 %6.1f us  p95 %6.1f us   echo p50 %6.1f us   ratio %.2f\n",
                "call of an empty tool", Quantile(calls, .5), Quantile(calls, .95),
                Quantile(echoes, .5), Quantile(calls, .5) / Quantile(echoes, .5));
  }
}

void RealOnes(Bench& bench, const std::string& data) {
  const std::string folder = fs::canonical(data + "/environment").string();
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  const auto host = bench.Host({folder});
  std::vector<double> cold, warm, fresh;
  const auto sweep = [&](std::vector<double>& ms) {
    for (const std::string& name : names) {
      EnvironmentSpec spec;
      spec.flavour = EnvironmentSpec::Flavour::kAgentValueBench;
      spec.directory = folder;
      spec.name = name;
      spec.state = "{}";
      bench.Run(bench.Start(*host, spec, 1, ms));
    }
  };
  const auto begin = Clock::now();
  sweep(cold);
  const double cold_ms = MsSince(begin);
  sweep(warm);
  for (size_t i = 0; i < names.size(); i += 10) {
    const std::string script =
        "import sys, os, types\nsys.path.append('/usr/lib/python3/dist-packages')\n"
        "p = types.ModuleType('environment'); p.__path__ = ['" +
        folder +
        "']; sys.modules['environment'] = p\nimport importlib\n"
        "m = importlib.import_module('environment." +
        names[i] + "')\nm." + names[i] +
        "(parameters={})\nos.write(1, b'ready\\n')\nsys.stdin.read()\n";
    bench.Run(bench.Fresh(script, 1, fresh));
  }
  std::printf("%zu real environments in %.1f s, compiled on the way\n", names.size(),
              cold_ms / 1e3);
  ReportStart("first start of each", cold, fresh);
  ReportStart("second start of each", warm, fresh);
}

}  // namespace
}  // namespace axiometer

int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "";
  const char* scripts = std::getenv("AXIOMETER_PYTHON_SIDE");
  const std::string here =
      axiometer::fs::absolute(scripts == nullptr ? "environments/python" : scripts).string();
  if (!axiometer::fs::exists(here + "/zygote.py")) {
    axiometer::Die(
        "run it from the repository's root, or name environments/python in AXIOMETER_PYTHON_SIDE");
  }
  axiometer::Bench bench(kind, here);
  axiometer::OwnModule(bench, here);
  if (const char* data = std::getenv("AXIOMETER_AVB_DATA")) axiometer::RealOnes(bench, data);
  return 0;
}
