#include "judges/dvmap.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/python_json.h"
#include "judges/dvmap_rules.h"

namespace axiometer {
namespace {

// Whether the endpoint sent text, if only an empty one, and not null.
bool HasContent(const Trajectory& trajectory) {
  for (auto event = trajectory.events.rbegin(); event != trajectory.events.rend(); ++event) {
    if (event->kind != EventKind::kReply) continue;
    if (event->message.raw.empty()) return true;
    const std::optional<Json> raw = ParsePythonJson(event->message.raw);
    if (!raw || !raw->is_object()) return true;
    const auto content = raw->find("content");
    return content != raw->end() && !content->is_null();
  }
  return false;
}

bool HasOption(const std::vector<std::string>& options, const std::string& text) {
  return std::find(options.begin(), options.end(), text) != options.end();
}

class DvmapJudge : public Judge {
 public:
  explicit DvmapJudge(bool rewards) : rewards_(rewards), digest_(Sha256(rewards ? "dvmap 1 rewards" : "dvmap 1")) {}

  const char* protocol() const override { return "dvmap"; }
  const std::string& prompt_digest() const override { return digest_; }
  std::optional<JudgeRequest> Ask(const Task&, const Trajectory&) const override { return std::nullopt; }
  JudgeReading Read(const Task&, const Trajectory&, const std::string&) const override { return {}; }

  Judgement Conclude(const Task& task, const Trajectory& trajectory, const JudgeReading*) const override {
    const Result<Json> parsed = ParseJson(task.facts.empty() ? "{}" : task.facts, "facts of " + task.id);
    const Json facts = parsed ? *parsed : Json::object();
    const std::string cell = facts.value("options", std::string());
    std::vector<std::string> options;
    for (const ChoiceOption& option : task.options) options.push_back(option.text);
    const std::string& reply = trajectory.final_text;

    Judgement judgement;
    const bool kept = dvmap::IsKept(task.gold, cell);
    const bool written = kept && HasContent(trajectory);
    const std::optional<std::string> predicted = dvmap::ExtractAnswer(reply);
    const dvmap::StrictDvmapReading strict = dvmap::ReadStrictly(reply, options);
    judgement.status = strict.option ? JudgementStatus::kScored : JudgementStatus::kUnreadable;
    judgement.problem = strict.problem;
    std::optional<bool> official_correct;
    if (written) official_correct = dvmap::IsCorrect(predicted, task.gold, options);
    std::optional<std::string> option;
    std::optional<bool> strict_correct;
    if (strict.option) {
      option = options[*strict.option];
      if (HasOption(options, task.gold)) strict_correct = *option == task.gold;
    }
    judgement.scores = {Score::OfFlag("official.kept", kept), Score::OfFlag("official.written", written),
                        Score::OfText("official.predicted", written ? predicted : std::nullopt),
                        Score::OfFlag("official.correct", official_correct), Score::OfText("strict.predicted", std::move(option)),
                        Score::OfFlag("strict.correct", strict_correct)};
    if (kept && !written) judgement.scores.push_back(Score::OfText("official.left_out", "null_content"));
    if (!strict.option) judgement.scores.push_back(Score::OfText("strict.problem", strict.kind));
    if (rewards_) AddRewards(facts, cell, task.gold, reply, judgement);
    return judgement;
  }

 private:
  static void AddRewards(const Json& facts, const std::string& cell, const std::string& gold, const std::string& reply,
                         Judgement& judgement) {
    const Json frequency = facts.value("frequency", Json());
    for (const dvmap::RewardOptions as : {dvmap::RewardOptions::kWired, dvmap::RewardOptions::kListed}) {
      for (const dvmap::Reward reward : dvmap::kRewards) {
        Score score;
        score.name = as == dvmap::RewardOptions::kWired ? "official.reward." : "reward.";
        score.name += dvmap::RewardName(reward);
        if (reward != dvmap::Reward::kWvsP || frequency.is_number()) {
          score.number = dvmap::RewardOf(reward, as, reply, gold, cell, frequency.is_number() ? frequency.get<double>() : 0);
        }
        judgement.scores.push_back(std::move(score));
      }
    }
  }

  bool rewards_;
  std::string digest_;
};

}  // namespace

std::unique_ptr<Judge> MakeDvmapJudge(bool rewards) { return std::make_unique<DvmapJudge>(rewards); }

}  // namespace axiometer
