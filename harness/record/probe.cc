#include "harness/record/probe.h"

#include "harness/base/digest.h"

namespace axiometer {
namespace {

constexpr std::string_view kPrefix = "axiometer-probe-";

}  // namespace

const char* JudgeProbeName(JudgeProbe probe) {
  switch (probe) {
    case JudgeProbe::kOrder:
      return "order";
    case JudgeProbe::kAnchors:
      return "anchors";
    case JudgeProbe::kLength:
      return "length";
    case JudgeProbe::kInjection:
      return "injection";
  }
  return "";
}

std::optional<JudgeProbe> JudgeProbeFromName(std::string_view name) {
  for (const JudgeProbe probe : kJudgeProbes) {
    if (name == JudgeProbeName(probe)) return probe;
  }
  return std::nullopt;
}

std::string ProbeProtocol(JudgeProbe probe) { return std::string(kPrefix) + JudgeProbeName(probe); }

std::optional<JudgeProbe> ProbeOfProtocol(std::string_view protocol) {
  if (!protocol.starts_with(kPrefix)) return std::nullopt;
  return JudgeProbeFromName(protocol.substr(kPrefix.size()));
}

std::string ProbedJudgeName(std::string_view judge, JudgeProbe probe) {
  return std::string(judge) + " (" + JudgeProbeName(probe) + " probe)";
}

std::string ProbePromptDigest(const std::string& prompt_digest, JudgeProbe probe) {
  return Sha256(prompt_digest + "\n" + ProbeProtocol(probe));
}

}  // namespace axiometer
