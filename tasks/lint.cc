#include "tasks/lint.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "harness/base/utf8.h"
#include "tasks/template_texts.h"
#include "tasks/text_overlap.h"

namespace axiometer {
namespace {

// Shares of words, from where on two texts say the same. On the suite that comes with the program
// two anchors share at most 0.78, a sentence of a prompt has at most 0.60 of a question or an
// anchor, and where a question has 0.6 of an option it has at least 0.68 of the other.
constexpr double kSameAnchors = 0.8;
constexpr double kTold = 0.75;
constexpr double kHardlyTold = 0.4;
constexpr size_t kFewestWords = 5;  // that a text must have to be told by another

constexpr double kLongerBy = 1.5;  // an option than the other
constexpr size_t kShortOption =
    20;  // characters; between options that differ by less, length says nothing

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c & 0x80) != 0;
}

std::vector<std::string> LintWords(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : text) {
    const bool kept = IsWordByte(c);
    if (kept && !inside) words.emplace_back();
    if (kept) words.back() += LowerAscii(c);
    inside = kept;
  }
  return words;
}

// In the same order, one after another.
bool HasPhrase(const std::vector<std::string>& words, const std::vector<std::string>& phrase) {
  return !phrase.empty() &&
         std::search(words.begin(), words.end(), phrase.begin(), phrase.end()) != words.end();
}

std::vector<std::string> Sentences(std::string_view text) {
  std::vector<std::string> sentences(1);
  for (size_t i = 0; i < text.size(); ++i) {
    sentences.back() += text[i];
    const bool end = text[i] == '.' || text[i] == '?' || text[i] == '!' || text[i] == ';';
    const bool paragraph = text[i] == '\n' && i + 1 < text.size() && text[i + 1] == '\n';
    if (paragraph || (end && (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n')))
      sentences.emplace_back();
  }
  return sentences;
}

std::string WeightText(double weight) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", weight);
  return text;
}

// Tools of which a call helps the check to hold.
void WantedTools(const Check& check, std::vector<std::string>& tools) {
  if (check.kind == Check::Kind::kCalled && check.at_least > 0) tools.push_back(check.tool);
  if (check.kind == Check::Kind::kNot) return;
  for (const Check& part : check.parts) WantedTools(part, tools);
}

// A tool without which the check cannot hold and that is not offered; empty: there is none.
std::string MissingTool(const Check& check, const std::vector<std::string>& offered) {
  const auto is_missing = [&](const std::string& tool) {
    return std::find(offered.begin(), offered.end(), tool) == offered.end();
  };
  std::string any;
  switch (check.kind) {
    case Check::Kind::kCalled:
      if (check.at_least == 0) return "";
      if (is_missing(check.tool)) return check.tool;
      return check.after && is_missing(check.after->tool) ? check.after->tool : "";
    case Check::Kind::kAll:
      for (const Check& part : check.parts) {
        if (std::string tool = MissingTool(part, offered); !tool.empty()) return tool;
      }
      return "";
    case Check::Kind::kAny:
      for (const Check& part : check.parts) {
        any = MissingTool(part, offered);
        if (any.empty()) return "";
      }
      return any;
    case Check::Kind::kSaid:
    case Check::Kind::kState:
    case Check::Kind::kNot:
      return "";
  }
  return "";
}

class Linter {
 public:
  explicit Linter(const TaskDocument& document) : document_(document), task_(document.task) {}

  std::vector<LintWarning> Lint() {
    Templates();
    NamedValues();
    ToldAnswers();
    Weights();
    Anchors();
    Unreachable();
    Options();
    return std::move(warnings_);
  }

  std::vector<LintWarning> Reached(const std::vector<Trajectory>& played) {
    for (const RubricItem& item : task_.rubric) {
      if (!item.check) continue;
      const bool reached =
          std::any_of(played.begin(), played.end(), [&](const Trajectory& trajectory) {
            const std::optional<CheckResult> result = Evaluate(*item.check, trajectory);
            return result && result->holds;
          });
      if (reached) continue;
      Warn("unreachable", "checkpoints." + item.id + ".check",
           "no oracle reaches checkpoint " + Quoted(item.id),
           std::string("let an oracle of pole ") + item.pole +
               " do what it asks for, or drop the checkpoint");
    }
    return std::move(warnings_);
  }

 private:
  void Warn(const char* lint, const std::string& path, std::string what, std::string hint) {
    const auto place = document_.places.find(path);
    LintWarning warning;
    warning.lint = lint;
    warning.where = place != document_.places.end() ? place->second : task_.id;
    warning.what = std::move(what);
    warning.hint = std::move(hint);
    warnings_.push_back(std::move(warning));
  }

  // What the subject sees, with the way to each text.
  std::vector<std::pair<std::string, std::string>> SeenTexts() const {
    std::vector<std::pair<std::string, std::string>> texts;
    if (document_.kind == TaskForm::kAgent) texts.emplace_back("prompt", task_.opening.back().text);
    for (const auto& [form, content] : document_.forms) {
      const std::string path = TaskFormName(form);
      for (size_t i = 0; i < content.questions.size(); ++i) {
        texts.emplace_back(path + (i == 0 ? ".question" : ".paraphrases." + std::to_string(i - 1)),
                           content.questions[i]);
      }
      texts.emplace_back(path + ".a", content.a);
      texts.emplace_back(path + ".b", content.b);
    }
    return texts;
  }

  void Templates() {
    for (const auto& [path, text] : SeenTexts()) {
      const std::vector<std::string> words = LintWords(text);
      const bool untouched = std::any_of(std::begin(template_texts::kAll), std::end(template_texts::kAll),
                                         [&](std::string_view one) { return HasPhrase(words, LintWords(one)); });
      if (untouched) Warn("template", path, "is still what `axiometer task new` wrote", "write your own");
    }
  }

  // Texts of the state, wherever an agent may come upon them.
  std::vector<std::pair<std::string, std::string>> StateTexts() const {
    std::vector<std::pair<std::string, std::string>> texts;
    if (const Result<Json> state = ParseJson(task_.state, task_.id)) AddTexts(*state, "state", texts);
    return texts;
  }

  static void AddTexts(const Json& value, const std::string& path, std::vector<std::pair<std::string, std::string>>& texts) {
    if (value.is_string()) texts.emplace_back(path, value.get<std::string>());
    if (!value.is_structured()) return;
    for (const auto& [key, member] : value.items()) AddTexts(member, path + "." + key, texts);
  }

  void NamedValues() {
    std::vector<std::pair<std::string, std::string>> seen = SeenTexts();
    for (auto& text : StateTexts()) {
      // Of the task's own alone: the environment's speaks to every task.
      if (document_.places.contains(text.first)) seen.push_back(std::move(text));
    }
    for (const auto& [path, text] : seen) {
      const std::vector<std::string> words = LintWords(text);
      for (const std::string& pole : {task_.pole_a, task_.pole_b}) {
        const Dimension* dimension = document_.system.Find(pole);
        if (dimension == nullptr) continue;
        if (!HasPhrase(words, LintWords(dimension->key)) &&
            !HasPhrase(words, LintWords(dimension->name)))
          continue;
        Warn("value-named", path,
             "names the value " + Quoted(dimension->name) + ", which is a pole",
             "say what happens, not which value it stands for");
      }
    }
  }

  void ToldAnswers() {
    if (document_.kind == TaskForm::kAgent) {
      std::vector<std::vector<std::string>> sentences;
      for (const std::string& sentence : Sentences(task_.opening.back().text))
        sentences.push_back(LintWords(sentence));
      for (const RubricItem& item : task_.rubric) ToldCheckpoint(item, sentences);
      ToldTools();
    }
    for (const auto& [form, content] : document_.forms) {
      for (size_t i = 0; i < content.questions.size(); ++i) {
        const std::vector<std::string> question = LintWords(content.questions[i]);
        const std::vector<std::string> a = LintWords(content.a);
        const std::vector<std::string> b = LintWords(content.b);
        // In the option's order for the one that is told, in any order for the other.
        const auto tells = [&](const auto& option, const auto& other) {
          return RougeL(question, option).recall >= kTold &&
                 Rouge1(question, other).recall <= kHardlyTold;
        };
        const bool tells_a = tells(a, b);
        if (!tells_a && !tells(b, a)) continue;
        Warn("prompt-tells",
             std::string(TaskFormName(form)) +
                 (i == 0 ? ".question" : ".paraphrases." + std::to_string(i - 1)),
             std::string("has most words of option ") + (tells_a ? "a" : "b") +
                 " and few of the other",
             "let the question speak of both courses or of neither");
      }
    }
  }

  void ToldCheckpoint(const RubricItem& item,
                      const std::vector<std::vector<std::string>>& sentences) {
    for (const std::string& text : {item.question, item.anchors[2]}) {
      const std::vector<std::string> words = LintWords(text);
      if (words.size() < kFewestWords) continue;
      const bool told = std::any_of(sentences.begin(), sentences.end(),
                                    [&](const std::vector<std::string>& sentence) {
                                      return RougeL(sentence, words).recall >= kTold;
                                    });
      if (!told) continue;
      Warn("prompt-tells", "prompt",
           "says in one sentence what checkpoint " + Quoted(item.id) + " asks for",
           "let the prompt give the situation and leave the course to the agent");
      return;
    }
  }

  void ToldTools() {
    std::vector<std::string> wanted;
    for (const RubricItem& item : task_.rubric) {
      if (item.check) WantedTools(*item.check, wanted);
    }
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    const std::string& prompt = task_.opening.back().text;
    for (const std::string& tool : wanted) {
      // A name without "_" may be a plain word.
      if (tool.find('_') == std::string::npos || prompt.find(tool) == std::string::npos) continue;
      Warn("prompt-tells", "prompt",
           "names the tool " + Quoted(tool) + ", whose call a checkpoint looks for",
           "let the agent find its tools");
    }
  }

  void Weights() {
    for (const bool mechanical : {false, true}) {
      double sums[2] = {};
      for (const RubricItem& item : task_.rubric) {
        if (!mechanical || item.check) sums[item.pole == 'a' ? 0 : 1] += item.weight;
      }
      if (sums[0] == sums[1]) continue;
      if (mechanical && (sums[0] == 0 || sums[1] == 0)) continue;  // the oracles say so
      Warn("unequal-weights", "checkpoints",
           std::string(mechanical ? "the weights of checkpoints with a check"
                                  : "the poles' weights") +
               " add up to " + WeightText(sums[0]) + " for a and " + WeightText(sums[1]) + " for b",
           "let both poles have the same sum, so that a point is worth the same");
      return;
    }
  }

  void Anchors() {
    for (const RubricItem& item : task_.rubric) {
      if (item.check || item.anchors[2].empty()) continue;
      for (const auto& [higher, lower] : {std::pair(2, 1), std::pair(1, 0), std::pair(2, 0)}) {
        if (!Same(item.anchors[higher], item.anchors[lower])) continue;
        Warn("overlapping-anchors", "checkpoints." + item.id + ".anchors." + std::to_string(lower),
             "has almost the words of anchor " + std::to_string(higher),
             "say what is seen here and not there, so that two judges agree");
      }
    }
    for (const RubricItem& a : task_.rubric) {
      for (const RubricItem& b : task_.rubric) {
        if (a.pole != 'a' || b.pole != 'b' || a.check || b.check ||
            !Same(a.anchors[2], b.anchors[2]))
          continue;
        Warn("overlapping-anchors", "checkpoints." + b.id + ".anchors.2",
             "has almost the words of the best anchor of " + Quoted(a.id) +
                 ", which is of the other pole",
             "let no behaviour earn points on both poles");
      }
    }
  }

  static bool Same(const std::string& one, const std::string& other) {
    return RougeL(LintWords(one), LintWords(other)).f >= kSameAnchors;
  }

  void Unreachable() {
    for (const RubricItem& item : task_.rubric) {
      if (!item.check) continue;
      const std::string tool = MissingTool(*item.check, task_.tool_names);
      if (tool.empty()) continue;
      Warn("unreachable", "checkpoints." + item.id + ".check",
           "needs a call of " + Quoted(tool) + ", which the task does not offer",
           "add it to \"tools\"");
    }
  }

  void Options() {
    for (const auto& [form, content] : document_.forms) {
      const size_t a = CodePoints(content.a).size();
      const size_t b = CodePoints(content.b).size();
      const auto [shorter, longer] = std::minmax(a, b);
      if (longer - shorter < kShortOption ||
          static_cast<double>(longer) <= kLongerBy * static_cast<double>(shorter))
        continue;
      const char* longer_pole = a > b ? "a" : "b";
      Warn("unequal-options", std::string(TaskFormName(form)) + "." + longer_pole,
           "has " + std::to_string(longer) + " characters, the other option " +
               std::to_string(shorter),
           "let both be alike in length and vigour");
    }
  }

  const TaskDocument& document_;
  const Task& task_;
  std::vector<LintWarning> warnings_;
};

}  // namespace

std::string LintWarning::ToString() const {
  return where + ": " + what + (hint.empty() ? "" : ": " + hint) + " [" + lint + "]";
}

std::vector<LintWarning> LintTask(const TaskDocument& document) { return Linter(document).Lint(); }

std::vector<LintWarning> LintReached(const TaskDocument& document,
                                     const std::vector<Trajectory>& played) {
  return Linter(document).Reached(played);
}

}  // namespace axiometer
