#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "environments/host.h"
#include "environments/python_host.h"
#include "harness/io/loop.h"
#include "tests/temporary_folder.h"

namespace axiometer {

inline HostOptions TestOptions(const std::string& backend) {
  HostOptions options;
  options.backend = backend;
  options.scripts = AXIOMETER_TEST_DIR "/../environments/python";
  options.limits.call_ms = 10'000;
  return options;
}

// Why this machine does not offer that kind, empty if it does; asked once.
inline std::string Problem(const std::string& backend) {
  static const SandboxFacts facts = ProbeSandbox(TestOptions(""));
  return backend == "landlock" ? facts.landlock_problem : facts.bubblewrap_problem;
}

// Tests of instances, each run in either kind of sandbox. An environment is made of the Python text
// of its methods. Tests that change nothing in `options_` share one warm interpreter.
class SandboxTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!Problem(GetParam()).empty()) GTEST_SKIP() << GetParam() << ": " << Problem(GetParam());
    static int count = 0;
    directory_ = Shared().folder.path() + "/" + std::to_string(++count);
    std::filesystem::create_directory(directory_);
    options_ = TestOptions(GetParam());
  }
  void TearDown() override { own_host_.reset(); }

  bool IsBubblewrap() const { return GetParam() == "bubblewrap"; }

  // Below the test's own folder, which instances can be given.
  void Write(const std::string& name, const std::string& text) const {
    Shared().folder.Write(std::filesystem::path(directory_).filename() / name, text);
  }

  EnvironmentSpec Spec(const std::string& methods, const std::string& state = "{}") const {
    Write("world/environment.py",
          "from axiometer_environment import AxiometerEnvironment, ToolError\n"
          "class Environment(AxiometerEnvironment):\n" +
              methods);
    EnvironmentSpec spec;
    spec.directory = directory_ + "/world";
    spec.name = "world";
    spec.state = state;
    return spec;
  }

  // A host of this test's own, with the options as they are now.
  void OwnHost() { own_host_ = Make(options_); }

  EnvironmentHost& Host() {
    if (own_host_) return *own_host_;
    auto& host = IsBubblewrap() ? Shared().bubblewrap : Shared().landlock;
    if (!host) host = Make(options_);
    return *host;
  }

  template <class T>
  T Wait(Async<T> work) {
    std::optional<T> result;
    auto store = [](Async<T> work, std::optional<T>& result) -> Async<void> {
      result.emplace(co_await std::move(work));
    };
    Loop().Spawn(store(std::move(work), result));
    Loop().Run();
    return std::move(*result);
  }

  std::unique_ptr<Environment> Start(const EnvironmentSpec& spec) {
    auto environment = Wait(Host().Start(spec));
    EXPECT_TRUE(environment) << environment.error().ToString();
    return environment ? std::move(*environment) : nullptr;
  }

  CallResult Call(Environment& environment, const std::string& tool,
                  const std::string& arguments = "{}") {
    return Wait(environment.Call(tool, arguments));
  }

  // Starts an environment of one method `act` with this body and calls it once.
  CallResult Act(const std::string& body) {
    std::string method = "  def act(self):\n";
    for (size_t begin = 0; begin < body.size();) {
      const size_t end = std::min(body.find('\n', begin), body.size());
      method += "    " + body.substr(begin, end - begin) + "\n";
      begin = end + 1;
    }
    const auto environment = Start(Spec(method));
    return environment ? Call(*environment, "act") : CallResult();
  }

  // The whole sandbox, as if the machine had run out of memory.
  void KillZygote() {
    const auto& host = dynamic_cast<PythonHost&>(Host());
    ASSERT_NE(host.zygote(), nullptr);
    ASSERT_EQ(kill(host.zygote()->pid(), SIGKILL), 0);
  }

  static axiometer::Loop& Loop() { return Shared().loop; }

  std::string directory_;
  HostOptions options_;

 private:
  struct SharedParts {
    TemporaryFolder folder;
    axiometer::Loop loop;
    std::unique_ptr<EnvironmentHost> bubblewrap;
    std::unique_ptr<EnvironmentHost> landlock;
  };
  static SharedParts& Shared() {
    static SharedParts parts;
    return parts;
  }
  std::unique_ptr<EnvironmentHost> Make(const HostOptions& options) {
    auto host = MakeEnvironmentHost(Loop(), options, {Shared().folder.path()});
    EXPECT_TRUE(host) << host.error().ToString();
    return std::move(*host);
  }

  std::unique_ptr<EnvironmentHost> own_host_;
};

inline std::string KindName(const testing::TestParamInfo<std::string>& info) { return info.param; }

}  // namespace axiometer
