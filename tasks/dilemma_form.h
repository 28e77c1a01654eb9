#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/base/yaml_reader.h"
#include "tasks/task.h"

// A dilemma can be put to a subject in three forms: to act in, to choose from, to take a stand on.
// The last two are questions with an option for either pole, asked in every variant that keeps
// their answers apart from the way they are printed.
namespace axiometer {

enum class TaskForm {
  kAgent,   // enacted: what the agent does
  kChoice,  // chosen: which of two courses it says it would take
  kSurvey,  // stated: where it stands between two general statements, 1 to 7
};
const char* TaskFormName(TaskForm form);  // "agent", "choice", "survey"

// The tags that variants of one dilemma carry; no file may set them.
inline constexpr char kFormTag[] = "form";  // TaskFormName
inline constexpr char kDilemmaTag[] =
    "dilemma";  // the stem of the file: common to all forms and variants
inline constexpr char kOrderTag[] = "order";  // pole of the option printed first: "a", "b"
inline constexpr char kLabelTag[] =
    "label";  // of the option printed first: "A", "B"; absent from surveys
inline constexpr char kWordingTag[] = "wording";  // "1", "2", …
// Of tasks that a model drafted: whether somebody has vouched for them since.
inline constexpr char kDraftTag[] = "draft";
inline constexpr char kUnreviewed[] = "unreviewed";
inline constexpr char kReviewed[] = "reviewed";

// Which variants are asked: each combination of what is true here.
struct FormVariants {
  bool a_first = true;
  bool b_first = true;
  bool labels_in_order = true;  // the option printed first is called A
  bool labels_swapped = false;  // … is called B; of a choice alone
  bool all_wordings = false;    // the paraphrases too
};

// One of the sections `choice` and `survey` of a task file.
struct DilemmaForm {
  std::vector<std::string> questions;  // the first, then its paraphrases
  std::string a;                       // the course, or the statement, of either pole
  std::string b;
};
Result<DilemmaForm> ReadDilemmaForm(const YamlView& view);

// Which texts are laid around a form's own: tasks/prompts/{choice,survey}.txt.
using FormTemplates = std::map<TaskForm, std::string>;
// Error: a file that cannot be read, or lacks a place of its form. `data_dir`: see DataDir().
Result<FormTemplates> ReadFormTemplates(const std::string& data_dir);

// The variants of `form` (not kAgent) as tasks of kind kChoice,
// "<suite>/<form>/<stem>/a-first[-swapped][-wording-2]". `dilemma` gives suite, title, value
// system, poles and tags; its id is "<suite>/<stem>". Of the options, the first printed comes
// first; the poles of the first and the last say what the places between them mean. The oracles a
// and b give the answer of their pole, idle gives none.
std::vector<Task> TasksOfForm(const Task& dilemma, TaskForm form, const DilemmaForm& content,
                              const FormTemplates& templates, const FormVariants& variants);

}  // namespace axiometer
