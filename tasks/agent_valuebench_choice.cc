#include "tasks/agent_valuebench_choice.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/json_reader.h"
#include "harness/base/utf8.h"
#include "tasks/dilemma_form.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxChoiceFileBytes = 4u << 20;
constexpr size_t kReleasedChoices = 21;
constexpr char kPublishedChoices[] =
    "expected a checkout of https://github.com/ValueByte-AI/Agent-ValueBench";
// SHA-256 of UTF-8 text; of the user messages in file order, a line feed after each.
constexpr char kSystem[] = "79d39f528e3e465d9f912a90b2610a00a3a00109039b31e19bcdddda7b6e0ea5";
constexpr char kAllChoiceUser[] = "ac6b5ff834d18cdf4caec25298316da5f5766618b2aa8dbf063ec21c2f132b1f";

Result<Json> ReadObject(const std::string& path, std::string& text) {
  Result<std::string> read = ReadFile(path, kMaxChoiceFileBytes);
  if (!read) return std::move(read).error();
  text = std::move(*read);
  Result<Json> json = ParseJson(text, ForTerminal(path));
  if (json && !json->is_object()) return BadInput(ForTerminal(path), "expected an object");
  return json;
}

Oracle Answering(const char* leaning, const char* letter, const std::string& value) {
  Oracle oracle;
  oracle.leaning = leaning;
  OracleStep step;
  step.say = std::string(letter) + "\n" + value + " weighs more here.";
  oracle.steps.push_back(std::move(step));
  return oracle;
}

ChoiceOption OptionOf(const char* key, const std::string& value, char pole) {
  ChoiceOption option;
  option.key = key;
  option.text = value;
  option.pole = pole;
  return option;
}

Message MessageOf(Role role, const std::string& text) {
  Message message;
  message.role = role;
  message.text = text;
  return message;
}

// The case with its first value as option B.
Result<Task> Exchanged(const Task& task, const std::string& description) {
  Task out = task;
  Result<std::string> user = WithOptionsExchanged(task.opening[1].text, TrimPython(description));
  if (!user) return std::move(user).error();
  out.opening[1].text = std::move(*user);
  out.options = {OptionOf("A", task.pole_b, 'b'), OptionOf("B", task.pole_a, 'a')};
  out.oracles = {Answering("A", "A", task.pole_b), Answering("B", "B", task.pole_a), Answering("a", "B", task.pole_a),
                 Answering("b", "A", task.pole_b)};
  return out;
}

bool NamesAnOption(std::string_view course) {
  for (const char* label : {"Option A", "Option B", "option A", "option B"}) {
    if (course.find(label) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

Result<std::string> WithOptionsExchanged(const std::string& user, std::string_view description) {
  constexpr std::string_view kA = "Option A:";
  constexpr std::string_view kB = "Option B:";
  constexpr std::string_view kClosing = "Answer with only A or B";
  const size_t a = description.find(kA);
  const size_t b = description.find(kB);
  if (a == std::string_view::npos || b == std::string_view::npos || b < a) {
    return BadInput("", "expected \"Option A:\" and behind it \"Option B:\"");
  }
  const std::string_view before = description.substr(0, a + kA.size());
  const std::string_view first = description.substr(before.size(), b - before.size());
  const std::string_view rest = description.substr(b + kB.size());
  const size_t end = std::min(rest.find(kClosing), rest.size());
  const std::string_view second = rest.substr(0, end);
  const std::string_view course_a = TrimPython(first);
  const std::string_view course_b = TrimPython(second);
  if (course_a.empty() || course_b.empty()) return BadInput("", "an option without a text");
  if (NamesAnOption(course_a) || NamesAnOption(course_b)) {
    return BadInput("", "an option's text names an option, which cannot be exchanged");
  }
  // The spaces around a course belong to its place.
  const auto put = [](std::string_view place, std::string_view course, std::string_view other) {
    const size_t start = place.find(course);
    return std::string(place.substr(0, start)).append(other).append(place.substr(start + course.size()));
  };
  std::string exchanged(before);
  exchanged += put(first, course_a, course_b);
  exchanged += kB;
  exchanged += put(second, course_b, course_a);
  exchanged += rest.substr(end);
  const size_t place = user.find(description);
  if (place == std::string::npos || user.find(description, place + 1) != std::string::npos) {
    return BadInput("", "the user's message does not hold the description once");
  }
  return user.substr(0, place) + exchanged + user.substr(place + description.size());
}

Result<void> CheckForcedChoiceLayout(const std::string& directory) {
  std::error_code ignored;
  if (!fs::exists(directory, ignored))
    return UsageError(ForTerminal(directory), "no such folder", kPublishedChoices);
  if (!fs::is_directory(directory, ignored))
    return UsageError(ForTerminal(directory), "not a folder", kPublishedChoices);
  for (const char* folder : {"case", "LLMChoice/cases", "core"}) {
    if (!fs::is_directory(fs::path(directory) / folder, ignored)) {
      return BadInput(ForTerminal(directory), "no folder " + Quoted(folder), kPublishedChoices);
    }
  }
  constexpr char kRunner[] = "LLMChoice/run_batch_choice_llm_eval_openai.py";
  if (!fs::is_regular_file(fs::path(directory) / kRunner, ignored)) {
    return BadInput(ForTerminal(directory), "no file " + Quoted(kRunner), kPublishedChoices);
  }
  return {};
}

Result<std::string> ForcedChoiceScript(const std::string& data_dir) {
  return ReadFile(data_dir + "/tasks/python/render_agent_valuebench_choice.py", kMaxChoiceFileBytes);
}

Result<std::map<std::string, ForcedChoiceTexts>> ParseForcedChoiceTexts(std::string_view output) {
  std::map<std::string, ForcedChoiceTexts> texts;
  for (size_t start = 0, line = 1; start < output.size(); ++line) {
    const size_t end = std::min(output.find('\n', start), output.size());
    const std::string where = "texts of forced choice, line " + std::to_string(line);
    const Result<Json> json = ParseJson(output.substr(start, end - start), where);
    if (!json) return json.error();
    start = end + 1;
    JsonFields fields(*json, where);
    if (json->contains("problem")) {
      const std::string file = fields.NeedText("file");
      const std::string problem = fields.NeedText("problem");
      if (fields.error()) return *fields.error();
      return BadInput(ForTerminal(file), "the runner cannot read it: " + problem);
    }
    const std::string stem = fields.NeedText("case");
    ForcedChoiceTexts& one = texts[stem];
    one.system = fields.NeedText("system");
    one.user = fields.NeedText("user");
    if (fields.error()) return *fields.error();
  }
  return texts;
}

Result<std::unique_ptr<ForcedChoice>> ForcedChoice::Open(
    const std::string& directory, const std::map<std::string, ForcedChoiceTexts>& texts, ForcedChoiceOrder order) {
  if (texts.empty()) {
    return BadInput(ForTerminal(directory), "folder \"LLMChoice/cases\" holds no case_*.json",
                    kPublishedChoices);
  }
  std::unique_ptr<ForcedChoice> source(new ForcedChoice(directory, order));
  for (const auto& [stem, of_case] : texts) {
    if (Result<void> added = source->Add(stem, of_case); !added) return added.error();
  }
  source->notes_.push_back(
      "Agent-ValueBench has no licence file: its tasks are read from your copy and are not passed "
      "on");
  if (texts.size() != kReleasedChoices) {
    source->notes_.push_back(std::to_string(texts.size()) +
                             " forced-choice cases are there, not the released 21");
  }
  return source;
}

Result<void> ForcedChoice::Add(const std::string& stem, const ForcedChoiceTexts& texts) {
  const std::string path = directory_ + "/LLMChoice/cases/" + stem + ".json";
  std::string text;
  const Result<Json> json = ReadObject(path, text);
  if (!json) return json.error();
  JsonFields fields(*json, ForTerminal(path));
  auto task = std::make_shared<Task>();
  task->title = fields.NeedText("case_name");
  task->value_system = fields.NeedText("value_system");
  const std::string environment = fields.NeedText("environment");
  const std::string source_file = fields.NeedText("source_case_file");
  const std::vector<std::string> values = fields.NeedTexts("value_items");
  const std::string option_a = fields.NeedText("option_a_value");
  const std::string option_b = fields.NeedText("option_b_value");
  const std::string description = fields.NeedText("task_description");
  if (fields.error()) return *fields.error();

  // What the released conversion asks before it scores anything.
  if (source_file != "case/" + stem + ".json") {
    return fields.Wrong("source_case_file", "expected " + Quoted("case/" + stem + ".json") +
                                                ", got " + Quoted(source_file));
  }
  std::string source_text;
  const Result<Json> source = ReadObject(directory_ + "/" + source_file, source_text);
  if (!source) return source.error();
  for (const char* key : {"case_name", "value_system", "value_items"}) {
    if (json->at(key) != source->value(key, Json()))
      return fields.Wrong(key, "differs from " + source_file);
  }
  if (values.size() != 2 || values[0] == values[1])
    return fields.Wrong("value_items", "expected two different values");
  if (option_a != values[0])
    return fields.Wrong("option_a_value", "expected the first value, " + Quoted(values[0]));
  if (option_b != values[1])
    return fields.Wrong("option_b_value", "expected the second value, " + Quoted(values[1]));
  for (const char* label : {"Option A:", "Option B:"}) {
    if (description.find(label) == std::string::npos) {
      return fields.Wrong("task_description", "holds no " + Quoted(label));
    }
  }

  task->id = suite_ + "/choice/" + stem;
  task->suite = suite_;
  task->kind = TaskKind::kChoice;
  task->pole_a = values[0];
  task->pole_b = values[1];
  task->options = {OptionOf("A", values[0], 'a'), OptionOf("B", values[1], 'b')};
  task->oracles = {Answering("A", "A", values[0]), Answering("B", "B", values[1])};
  task->opening = {MessageOf(Role::kSystem, texts.system), MessageOf(Role::kUser, texts.user)};
  task->tags = {{"environment", environment}, {"value_system", task->value_system}};
  if (order_ == ForcedChoiceOrder::kPublished) {
    Keep(std::move(*task), text);
    return {};
  }
  const std::string id = task->id;
  task->tags[kFormTag] = TaskFormName(TaskForm::kChoice);
  task->tags[kDilemmaTag] = stem;
  task->tags[kLabelTag] = "A";
  task->tags[kWordingTag] = "1";
  Result<Task> exchanged = Exchanged(*task, description);
  if (!exchanged) return fields.Wrong("task_description", exchanged.error().what);
  task->id = id + "/a-first";
  task->tags[kOrderTag] = "a";
  task->oracles.push_back(Answering("a", "A", values[0]));
  task->oracles.push_back(Answering("b", "B", values[1]));
  exchanged->id = id + "/b-first";
  exchanged->tags[kOrderTag] = "b";
  Keep(std::move(*task), text);
  Keep(std::move(*exchanged), text);
  return {};
}

void ForcedChoice::Keep(Task task, const std::string& file) {
  Sha256Stream digest;
  for (const std::string* part : {&file, &std::as_const(task.opening[0].text), &std::as_const(task.opening[1].text)}) {
    digest.Update(std::to_string(part->size()) + ":");  // lengths keep the parts apart
    digest.Update(*part);
  }
  // The case in the published order is another task here than where that is the only one.
  if (order_ == ForcedChoiceOrder::kBoth) digest.Update(task.id);
  task.digest = digest.Hex();
  refs_.push_back({task.id, task.digest});
  tasks_.push_back(std::make_shared<const Task>(std::move(task)));
}

Result<void> ForcedChoice::CheckDigests(bool allow_modified) {
  std::vector<std::string> differences;
  const auto check = [&](const char* what, const std::string& digest, const char* released) {
    if (digest == released) return;
    differences.push_back(std::string(what) + " differs from the release: SHA-256 " +
                          digest.substr(0, 16) + "…, released " +
                          std::string(released).substr(0, 16) + "…");
  };
  check("the system message of forced choice", Sha256(tasks_.front()->opening[0].text), kSystem);
  std::vector<const Task*> published;
  for (const std::shared_ptr<const Task>& task : tasks_) {
    const auto order = task->tags.find(kOrderTag);
    if (order == task->tags.end() || order->second == "a") published.push_back(task.get());
  }
  if (published.size() == kReleasedChoices) {
    Sha256Stream users;
    for (const Task* task : published) users.Update(task->opening[1].text + "\n");
    check("the set of all forced-choice user messages", users.Hex(), kAllChoiceUser);
  }
  if (differences.empty()) return {};
  if (!allow_modified) {
    return BadInput(
        ForTerminal(directory_), differences.front(),
        "use an unmodified checkout, or --allow-modified-data (scores are then not official)");
  }
  differences_ = std::move(differences);
  for (const std::string& difference : differences_)
    notes_.push_back("modified data: " + difference);
  return {};
}

}  // namespace axiometer
