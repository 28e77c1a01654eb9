#include "tasks/nurvalues.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/placeholders.h"
#include "harness/base/python_json.h"
#include "harness/base/utf8.h"
#include "tasks/answer_oracle.h"

namespace axiometer {
namespace {

constexpr NurvaluesMode kModes[] = {NurvaluesMode::kIo, NurvaluesMode::kCot, NurvaluesMode::kSc,
                                    NurvaluesMode::kKshot, NurvaluesMode::kVote};
constexpr size_t kTitlePoints = 80;

std::string FirstPoints(std::string_view text, size_t count) {
  std::u32string points = CodePoints(PythonStrip(text));
  std::replace(points.begin(), points.end(), U'\n', U' ');
  if (points.size() <= count) return EncodeUtf8(points);
  return EncodeUtf8(std::u32string_view(points).substr(0, count)) + "…";
}

// As a subject would reply that gives this label.
Oracle Giving(const NurvaluesView& view, bool aligned) {
  const std::string label = NurvaluesLabel(view.chinese, aligned);
  std::string text = label;
  if (view.mode == NurvaluesMode::kSc) {
    const std::string path = view.chinese ? "路径 " : "Path ";
    const std::string colon = view.chinese ? "：" : ": ";
    text.clear();
    for (int i = 1; i <= 3; ++i) text += path + std::to_string(i) + colon + label + "\n";
    text += view.chinese ? "\n最终结果" : "\nFinal result";
    text += colon + label;
  }
  return AnswerOracle(aligned ? "1" : "0", std::move(text));
}

// Numbers that are the same on every machine: SplitMix64 (Steele, Lea & Flood 2014).
class Draws {
 public:
  explicit Draws(uint64_t state) : state_(state) {}
  size_t Below(size_t bound) {
    uint64_t x = state_ += 0x9E3779B97F4A7C15;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return static_cast<size_t>((x ^ (x >> 31)) % bound);
  }

 private:
  uint64_t state_;
};

class Nurvalues : public TaskSource {
 public:
  Nurvalues(NurvaluesTable table, NurvaluesView view, NurvaluesPrompts prompts, bool sample)
      : table_(std::move(table)), view_(view), prompts_(std::move(prompts)) {
    if (sample) {
      notes_.push_back("nurvalues: " + std::to_string(table_.rows.size()) +
                       " invented rows; name the published data with --data PATH");
    } else {
      notes_.push_back(
          "nurvalues: the data set is published for non-commercial use with attribution (CC BY-NC "
          "4.0); exports and "
          "reports of this run quote it");
    }
    refs_.reserve(table_.rows.size());
    for (size_t i = 0; i < table_.rows.size(); ++i) {
      const Task task = Make(i);
      Sha256Stream digest;
      const std::string_view parts[] = {task.id, task.opening[0].text, task.gold,
                                        NurvaluesModeName(view_.mode)};
      for (const std::string_view part : parts) {
        digest.Update(std::to_string(part.size()) + "\n");
        digest.Update(part);
      }
      refs_.push_back({task.id, digest.Hex()});
    }
  }

  const std::string& suite() const override { return suite_; }
  const std::string& protocol() const override { return suite_; }
  const std::vector<TaskRef>& refs() const override { return refs_; }
  const std::vector<std::string>& notes() const override { return notes_; }
  Result<std::shared_ptr<const Task>> Load(size_t index) const override {
    auto task = std::make_shared<Task>(Make(index));
    task->digest = refs_[index].digest;
    return std::shared_ptr<const Task>(std::move(task));
  }

 private:
  std::string Example(const NurvaluesRow& row, size_t number) const {
    return FillPlaceholders(prompts_.example,
                            {{"NUMBER", std::to_string(number)},
                             {"TEXT", row.text(view_)},
                             {"LABEL", NurvaluesLabel(view_.chinese, row.aligned)}});
  }

  Task Make(size_t index) const {
    const NurvaluesRow& row = table_.rows[index];
    std::string value = row.value;
    std::replace(value.begin(), value.end(), '_', ' ');
    Json facts = {{"prompt_digest", prompts_.digest}};
    if (!row.others.empty()) facts["columns"] = row.others;
    std::string examples;
    if (view_.mode == NurvaluesMode::kKshot) {
      facts["examples"] = Json::array();
      size_t number = 0;
      for (const size_t place : NurvaluesExamples(table_, index, view_.k, view_.seed)) {
        facts["examples"].push_back(table_.rows[place].index);
        examples += Example(table_.rows[place], number++);
      }
    }
    Task task;
    task.id =
        suite_ + "/" + view_.level() + "/" + view_.language() + "/" + std::to_string(row.index);
    task.suite = suite_;
    task.kind = TaskKind::kLabel;
    task.title = value + ": " + FirstPoints(row.text(view_), kTitlePoints);
    Message message;
    message.role = Role::kUser;
    message.text = FillPlaceholders(
        prompts_.prompt, {{"TEXT", row.text(view_)}, {"VALUE", value}, {"EXAMPLES", examples}});
    task.opening.push_back(std::move(message));
    for (const bool aligned : {true, false}) {
      ChoiceOption option;
      option.key = aligned ? "1" : "0";
      option.text = NurvaluesLabel(view_.chinese, aligned);
      task.options.push_back(std::move(option));
      task.oracles.push_back(Giving(view_, aligned));
    }
    task.gold = row.aligned ? "1" : "0";
    task.facts = DumpJson(facts);
    task.tags = {{"value", row.value},
                 {"level", view_.level()},
                 {"language", view_.language()},
                 {"mode", NurvaluesModeName(view_.mode)},
                 {"item", std::to_string(row.index)},
                 {"situation", std::to_string(row.situation)},
                 {"prompt", "axiometer-1"}};
    return task;
  }

  const std::string suite_ = "nurvalues";
  NurvaluesTable table_;
  NurvaluesView view_;
  NurvaluesPrompts prompts_;
  std::vector<TaskRef> refs_;
  std::vector<std::string> notes_;
};

}  // namespace

const char* NurvaluesModeName(NurvaluesMode mode) {
  switch (mode) {
    case NurvaluesMode::kIo:
      return "io";
    case NurvaluesMode::kCot:
      return "cot";
    case NurvaluesMode::kSc:
      return "sc";
    case NurvaluesMode::kKshot:
      return "kshot";
    case NurvaluesMode::kVote:
      return "vote";
  }
  return "";
}

NurvaluesMode NurvaluesModeOf(std::string_view name) {
  for (const NurvaluesMode mode : kModes) {
    if (name == NurvaluesModeName(mode)) return mode;
  }
  return NurvaluesMode::kIo;
}

const char* NurvaluesLabel(bool chinese, bool aligned) {
  if (chinese) return aligned ? "符合对应护理价值观" : "不符合对应护理价值观";
  return aligned ? "Aligns with the corresponding nursing value"
                 : "Does not align with the corresponding nursing value";
}

Result<NurvaluesPrompts> ReadNurvaluesPrompts(const std::string& data_dir,
                                              const NurvaluesView& view) {
  const auto read = [&](const std::string& name) {
    return ReadFile(data_dir + "/tasks/prompts/nurvalues/" + name + "_" + view.language() + ".txt",
                    1u << 16);
  };
  const std::string level = view.level();
  const bool kshot = view.mode == NurvaluesMode::kKshot;
  const std::string base = kshot                               ? "io"
                           : view.mode == NurvaluesMode::kVote ? "cot"
                                                               : NurvaluesModeName(view.mode);
  Result<std::string> prompt = read(base + "_" + level);
  if (!prompt) return std::move(prompt).error();
  NurvaluesPrompts prompts;
  prompts.prompt = std::move(*prompt);
  if (kshot) {
    const Result<std::string> around = read("kshot");
    if (!around) return around.error();
    Result<std::string> example = read("example_" + level);
    if (!example) return std::move(example).error();
    prompts.prompt = FillPlaceholders(*around, {{"PROMPT", prompts.prompt}});
    prompts.example = std::move(*example);
  }
  prompts.digest =
      Sha256(prompts.example.empty() ? prompts.prompt : prompts.prompt + "\n" + prompts.example);
  return prompts;
}

std::vector<size_t> NurvaluesExamples(const NurvaluesTable& table, size_t place, int k,
                                      uint64_t seed) {
  const NurvaluesRow& asked = table.rows[place];
  const std::string digest =
      Sha256("nurvalues examples\n" + std::to_string(seed) + "\n" + std::to_string(asked.index));
  Draws draws(std::stoull(digest.substr(0, 16), nullptr, 16));
  std::vector<size_t> chosen;
  for (const bool aligned : {true, false}) {
    std::vector<size_t> candidates;
    for (size_t i = 0; i < table.rows.size(); ++i) {
      if (i != place && table.rows[i].aligned == aligned) candidates.push_back(i);
    }
    const size_t wanted = std::min(candidates.size(), static_cast<size_t>(k / 2));
    for (size_t i = 0; i < wanted; ++i) {
      std::swap(candidates[i], candidates[i + draws.Below(candidates.size() - i)]);
      chosen.push_back(candidates[i]);
    }
  }
  return chosen;
}

Result<std::unique_ptr<TaskSource>> MakeNurvalues(NurvaluesTable table, NurvaluesView view,
                                                  NurvaluesPrompts prompts, bool sample) {
  static constexpr const char* kTexts[] = {"text_EN", "text_CN", "complicated_text_EN",
                                           "complicated_text_CN"};
  size_t aligned = 0;
  for (const NurvaluesRow& row : table.rows) {
    aligned += row.aligned;
    if (!PythonStrip(row.text(view)).empty()) continue;
    return BadInput(
        table.file + ":" + std::to_string(row.line),
        "the row with index " + std::to_string(row.index) + ", column \"" +
            kTexts[2 * view.hard + view.chinese] + "\": is empty or missing",
        "fill it in, leave the row out of the table, or choose another level or language");
  }
  const size_t fewest = std::min(aligned, table.rows.size() - aligned);
  if (view.mode == NurvaluesMode::kKshot && fewest < static_cast<size_t>(view.k / 2) + 1) {
    return UsageError("-T k", std::to_string(view.k) + " examples beside each row need " +
                                  std::to_string(view.k / 2 + 1) +
                                  " rows of either label; the table has " + std::to_string(fewest) +
                                  " of one");
  }
  return std::unique_ptr<TaskSource>(
      std::make_unique<Nurvalues>(std::move(table), view, std::move(prompts), sample));
}

}  // namespace axiometer
