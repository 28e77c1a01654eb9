#include "tasks/dilemma_form.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/placeholders.h"
#include "harness/base/utf8.h"
#include "tasks/answer_oracle.h"

namespace axiometer {
namespace {

constexpr size_t kMaxPromptBytes = 1u << 20;
constexpr int kDegrees = 7;  // of a survey's scale
constexpr size_t kMaxParaphrases = 20;

const std::string kFormKeys[] = {"question", "a", "b", "paraphrases"};

// One way of putting the question.
struct Variant {
  bool a_first = true;
  bool swapped = false;  // the option printed first is called B
  size_t wording = 0;    // place in DilemmaForm::questions

  std::string Name() const {
    std::string name = a_first ? "a-first" : "b-first";
    if (swapped) name += "-swapped";
    if (wording > 0) name += "-wording-" + std::to_string(wording + 1);
    return name;
  }
};

std::vector<Variant> VariantsOf(TaskForm form, const DilemmaForm& content,
                                const FormVariants& wanted) {
  std::vector<Variant> variants;
  const size_t wordings = wanted.all_wordings ? content.questions.size() : 1;
  for (size_t wording = 0; wording < wordings; ++wording) {
    for (const bool swapped : {false, true}) {
      if (form == TaskForm::kSurvey ? swapped
                                    : !(swapped ? wanted.labels_swapped : wanted.labels_in_order))
        continue;
      for (const bool a_first : {true, false}) {
        if (a_first ? wanted.a_first : wanted.b_first)
          variants.push_back({a_first, swapped, wording});
      }
    }
  }
  return variants;
}

// The options as printed: two courses, or the degrees of a scale whose ends belong to the poles.
std::vector<ChoiceOption> OptionsOf(TaskForm form, const DilemmaForm& content,
                                    const Variant& variant) {
  const char first_pole = variant.a_first ? 'a' : 'b';
  const char last_pole = variant.a_first ? 'b' : 'a';
  const auto text_of = [&](char pole) { return pole == 'a' ? content.a : content.b; };
  std::vector<ChoiceOption> options;
  if (form == TaskForm::kChoice) {
    options.push_back({variant.swapped ? "B" : "A", text_of(first_pole), first_pole});
    options.push_back({variant.swapped ? "A" : "B", text_of(last_pole), last_pole});
    return options;
  }
  for (int degree = 1; degree <= kDegrees; ++degree)
    options.push_back({std::to_string(degree), "", 0});
  options.front().text = text_of(first_pole);
  options.front().pole = first_pole;
  options.back().text = text_of(last_pole);
  options.back().pole = last_pole;
  return options;
}

Task TaskOf(const Task& dilemma, TaskForm form, const DilemmaForm& content,
            const std::string& frame, const Variant& variant) {
  const std::string stem = dilemma.id.substr(dilemma.suite.size() + 1);
  Task task;
  task.id = dilemma.suite + "/" + TaskFormName(form) + "/" + stem + "/" + variant.Name();
  task.suite = dilemma.suite;
  task.kind = TaskKind::kChoice;
  task.title = dilemma.title;
  task.value_system = dilemma.value_system;
  task.pole_a = dilemma.pole_a;
  task.pole_b = dilemma.pole_b;
  task.drafted_by = dilemma.drafted_by;
  task.reviewed_by = dilemma.reviewed_by;
  task.options = OptionsOf(form, content, variant);
  task.tags = dilemma.tags;  // the environment's among them, for breakdowns
  task.tags[kFormTag] = TaskFormName(form);
  task.tags[kDilemmaTag] = stem;
  task.tags[kOrderTag] = variant.a_first ? "a" : "b";
  if (form == TaskForm::kChoice) task.tags[kLabelTag] = variant.swapped ? "B" : "A";
  task.tags[kWordingTag] = std::to_string(variant.wording + 1);
  Message question;
  question.role = Role::kUser;
  question.text = FillPlaceholders(frame, {{"QUESTION", content.questions[variant.wording]},
                                           {"FIRST_LABEL", task.options.front().key},
                                           {"FIRST", task.options.front().text},
                                           {"SECOND_LABEL", task.options.back().key},
                                           {"SECOND", task.options.back().text}});
  Json options = Json::array();
  for (const ChoiceOption& option : task.options) {
    options.push_back(Json::array(
        {option.key, option.text, std::string(1, option.pole == 0 ? '-' : option.pole)}));
    if (option.pole != 0) {
      task.oracles.push_back(AnswerOracle(option.pole == 'a' ? "a" : "b", "Answer: " + option.key));
    }
  }
  task.oracles.push_back(AnswerOracle("idle", "There is something to be said for either side."));
  task.digest = Sha256(DumpJson(Json::array(
      {TaskFormName(form), question.text, options, task.value_system, task.pole_a, task.pole_b})));
  task.opening.push_back(std::move(question));
  return task;
}

}  // namespace

const char* TaskFormName(TaskForm form) {
  switch (form) {
    case TaskForm::kAgent:
      return "agent";
    case TaskForm::kChoice:
      return "choice";
    case TaskForm::kSurvey:
      return "survey";
  }
  return "";
}

Result<DilemmaForm> ReadDilemmaForm(const YamlView& view) {
  YamlFields fields(view, kFormKeys);
  DilemmaForm form;
  form.questions.emplace_back(TrimPython(fields.NeedText("question")));
  form.a = TrimPython(fields.NeedText("a"));
  form.b = TrimPython(fields.NeedText("b"));
  for (std::string& paraphrase : fields.TextsOr("paraphrases")) {
    form.questions.emplace_back(TrimPython(paraphrase));
  }
  if (fields.error()) return *fields.error();
  if (form.a == form.b) return fields.Find("b")->Wrong("both options have the same text");
  if (form.questions.size() > kMaxParaphrases + 1) {
    return fields.Find("paraphrases")
        ->Wrong("more than " + std::to_string(kMaxParaphrases) + " paraphrases");
  }
  for (size_t i = 1; i < form.questions.size(); ++i) {
    const auto before = form.questions.begin() + static_cast<ptrdiff_t>(i);
    const bool again = std::find(form.questions.begin(), before, *before) != before;
    if (!form.questions[i].empty() && !again) continue;
    return fields.Find("paraphrases")
        ->Wrong(again ? "a wording that is there already" : "an empty text");
  }
  return form;
}

Result<FormTemplates> ReadFormTemplates(const std::string& data_dir) {
  const std::map<TaskForm, std::vector<std::string>> places = {
      {TaskForm::kChoice, {"QUESTION", "FIRST_LABEL", "FIRST", "SECOND_LABEL", "SECOND"}},
      {TaskForm::kSurvey, {"QUESTION", "FIRST", "SECOND"}}};
  FormTemplates templates;
  for (const auto& [form, names] : places) {
    const std::string path = data_dir + "/tasks/prompts/" + TaskFormName(form) + ".txt";
    Result<std::string> text = ReadFile(path, kMaxPromptBytes);
    if (!text) return std::move(text).error();
    if (PlaceholdersIn(*text) != names) {
      std::string wanted;
      for (const std::string& name : names)
        wanted += (wanted.empty() ? "{{" : ", {{") + name + "}}";
      return BadInput(ForTerminal(path),
                      "expected the places " + wanted + ", each once and in this order");
    }
    templates[form] = TrimPython(*text);
  }
  return templates;
}

std::vector<Task> TasksOfForm(const Task& dilemma, TaskForm form, const DilemmaForm& content,
                              const FormTemplates& templates, const FormVariants& variants) {
  std::vector<Task> tasks;
  for (const Variant& variant : VariantsOf(form, content, variants)) {
    tasks.push_back(TaskOf(dilemma, form, content, templates.at(form), variant));
  }
  return tasks;
}

}  // namespace axiometer
