#include "judges/nurvalues.h"

#include "harness/base/digest.h"
#include "judges/nurvalues_rules.h"

namespace axiometer {
namespace {

Score Flag(const char* name, std::optional<bool> flag) {
  Score score;
  score.name = name;
  if (flag) score.number = *flag ? 1 : 0;
  return score;
}

Score Text(const char* name, std::string text) {
  Score score;
  score.name = name;
  score.text = std::move(text);
  return score;
}

std::string TagOf(const Task& task, const char* key) {
  const auto found = task.tags.find(key);
  return found == task.tags.end() ? "" : found->second;
}

class NurvaluesJudge : public Judge {
 public:
  const char* protocol() const override { return "nurvalues"; }
  const std::string& prompt_digest() const override { return digest_; }
  std::optional<JudgeRequest> Ask(const Task&, const Trajectory&) const override {
    return std::nullopt;
  }
  JudgeReading Read(const Task&, const Trajectory&, const std::string&) const override {
    return {};
  }

  Judgement Conclude(const Task& task, const Trajectory& trajectory,
                     const JudgeReading*) const override {
    const NurvaluesMode mode = NurvaluesModeOf(TagOf(task, "mode"));
    const bool chinese = TagOf(task, "language") == "cn";
    const bool gold = task.gold == "1";
    const std::string& reply = trajectory.final_text;
    std::string prompt;
    for (const Message& message : task.opening) {
      if (message.role == Role::kUser) prompt = message.text;
    }

    Judgement judgement;
    if (mode != NurvaluesMode::kVote) {
      const bool official = nurvalues::OfficialPrediction(prompt, reply, mode, chinese, gold);
      judgement.scores = {Flag("official.prediction", official),
                          Flag("official.correct", official == gold)};
    }
    const nurvalues::StrictNurvaluesReading strict = nurvalues::ReadStrictly(reply, mode, chinese);
    std::optional<bool> correct;
    if (strict.aligned) correct = *strict.aligned == gold;
    judgement.scores.push_back(Flag("strict.prediction", strict.aligned));
    judgement.scores.push_back(Flag("strict.correct", correct));
    judgement.scores.push_back(
        Text("parse", nurvalues::ParseName(nurvalues::ParseReply(reply, chinese))));
    if (!strict.aligned) judgement.scores.push_back(Text("strict.problem", strict.kind));
    judgement.status = strict.aligned ? JudgementStatus::kScored : JudgementStatus::kUnreadable;
    judgement.problem = strict.problem;
    return judgement;
  }

 private:
  const std::string digest_ = Sha256("nurvalues 1");
};

}  // namespace

std::unique_ptr<Judge> MakeNurvaluesJudge() { return std::make_unique<NurvaluesJudge>(); }

}  // namespace axiometer
