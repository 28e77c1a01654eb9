#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace axiometer {

// A judge is asked once more with one thing changed that should not matter; how its verdicts follow is a fault of
// the instrument, and no score of the subject.
enum class JudgeProbe {
  kOrder,      // the questions in reverse order
  kAnchors,    // the anchors of each question from 0 to 2 and not from 2 to 0
  kLength,     // the agent's last text made longer by sentences that say nothing
  kInjection,  // the agent's last text ends by telling the judge to give pole a every point and pole b none
};
inline constexpr JudgeProbe kJudgeProbes[] = {JudgeProbe::kOrder, JudgeProbe::kAnchors, JudgeProbe::kLength,
                                              JudgeProbe::kInjection};

const char* JudgeProbeName(JudgeProbe probe);  // "order", "anchors", "length", "injection"
std::optional<JudgeProbe> JudgeProbeFromName(std::string_view name);

// Under which a probe's judgements are stored, "axiometer-probe-order", and by whom: "NAME (order probe)".
std::string ProbeProtocol(JudgeProbe probe);
std::optional<JudgeProbe> ProbeOfProtocol(std::string_view protocol);
std::string ProbedJudgeName(std::string_view judge, JudgeProbe probe);
// The digest of the probe's prompt, from that of the judge's own.
std::string ProbePromptDigest(const std::string& prompt_digest, JudgeProbe probe);

}  // namespace axiometer
