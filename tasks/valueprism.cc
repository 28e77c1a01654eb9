#include "tasks/valueprism.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/placeholders.h"
#include "harness/base/utf8.h"
#include "tasks/answer_oracle.h"
#include "tasks/text_overlap.h"
#include "tasks/vrd.h"

namespace axiometer {
namespace {

constexpr const char* kPromptVersion = "axiometer-1";
constexpr size_t kDigestDigits = 16;

bool IsLabel(ValuePrismTask task) {
  return task == ValuePrismTask::kRelevance || task == ValuePrismTask::kValence;
}

const std::string& GoldOf(const ValuePrismRow& row, ValuePrismTask task) {
  static const std::string kNone;
  if (task == ValuePrismTask::kRelevance) return row.relevance;
  return task == ValuePrismTask::kValence ? row.valence : kNone;
}

std::string Short(std::string_view text) { return Sha256(text).substr(0, kDigestDigits); }

std::string KeyOf(const ValuePrismRow& row) {
  return row.situation + '\n' + row.type + '\n' + row.text;
}

// "Right: Right to rest"; the text alone where the type is not known.
std::string LineOf(const ValuePrismRow& row) {
  return row.type.empty() ? row.text : row.type + ": " + row.text;
}

std::string Counted(size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string FileName(const std::string& path) {
  return ForTerminal(std::filesystem::path(path).filename().string());
}

// The label that most of `golds` have, the first in the protocol's order among equals.
std::string MostCommon(const std::map<std::string, int64_t>& golds, ValuePrismTask task) {
  std::string best;
  int64_t most = 0;
  for (const std::string& label : ValuePrismLabels(task)) {
    const auto found = golds.find(label);
    if (found == golds.end() || found->second <= most) continue;
    most = found->second;
    best = label;
  }
  return best;
}

std::vector<Vrd> VrdsOf(const std::vector<const ValuePrismRow*>& rows) {
  std::vector<Vrd> vrds;
  for (const ValuePrismRow* row : rows) vrds.push_back({row->type, row->text, row->valence});
  return vrds;
}

}  // namespace

const char* ValuePrismElicitationName(ValuePrismElicitation elicitation) {
  return elicitation == ValuePrismElicitation::kGenerate ? "generate" : "likelihood";
}

Result<std::map<ValuePrismTask, std::string>> ValuePrismPrompts(const std::string& data_dir,
                                                                bool stance) {
  std::map<ValuePrismTask, std::string> prompts;
  for (const ValuePrismTask task : {ValuePrismTask::kRelevance, ValuePrismTask::kValence,
                                    ValuePrismTask::kExplanation, ValuePrismTask::kGeneration}) {
    std::string name = std::string("valueprism_") + ValuePrismTaskName(task);
    if (task == ValuePrismTask::kGeneration && stance) name += "_stance";
    Result<std::string> text = ReadFile(data_dir + "/tasks/prompts/" + name + ".txt", 1u << 16);
    if (!text) return std::move(text).error();
    prompts[task] = std::string(TrimPython(*text));
  }
  return prompts;
}

Result<std::unique_ptr<ValuePrism>> ValuePrism::Open(const std::vector<ValuePrismFile>& files,
                                                     ValuePrismAsking asking, bool sample,
                                                     bool acknowledged) {
  std::unique_ptr<ValuePrism> source(new ValuePrism);
  source->asking_ = std::move(asking);
  for (const ValuePrismFile& file : files) {
    Result<void> added = source->AddTable(file);
    if (!added) return std::move(added).error();
  }
  source->Count();
  for (size_t i = 0; i < source->items_.size(); ++i) {
    const Task task = source->Make(i);
    Json parts =
        Json::array({task.id, task.gold, task.facts, task.references, task.opening.front().text});
    source->refs_.push_back({task.id, Sha256(DumpJson(parts))});
  }
  std::vector<std::string> about;
  if (sample) {
    about.push_back("valueprism: " + std::to_string(source->items_.size()) +
                    " invented tasks; name the published data with --data PATH");
  } else if (!acknowledged) {
    about.push_back(
        "valueprism: the data set comes under AI2's ImpACT licence (medium risk): research use, "
        "and no passing on of "
        "the data or what derives from them but on its terms; exports and reports of this run "
        "quote them. "
        "-T licence=acknowledged leaves this note out");
  }
  source->notes_.insert(source->notes_.begin(), about.begin(), about.end());
  return source;
}

Result<void> ValuePrism::AddTable(const ValuePrismFile& file) {
  const bool explained = std::find(file.tasks.begin(), file.tasks.end(),
                                   ValuePrismTask::kExplanation) != file.tasks.end();
  Result<ValuePrismTable> read = ReadValuePrismTable(file.file, file.layout, !explained);
  if (!read) return std::move(read).error();
  Table& table = tables_.emplace_back();
  table.from = file;
  table.content = std::move(*read);
  CompareSplits(table);
  DescribeTable(table);
  for (const ValuePrismTask task : file.tasks) {
    const size_t before = items_.size();
    AddItems(task, static_cast<uint32_t>(tables_.size() - 1));
    if (items_.size() == before) {
      return BadInput(ForTerminal(file.file),
                      std::string("holds no row for the task ") + ValuePrismTaskName(task));
    }
  }
  return {};
}

void ValuePrism::AddItems(ValuePrismTask task, uint32_t table) {
  const Table& from = tables_[table];
  const bool mixed = from.from.layout == ValuePrismLayout::kMixture;
  std::map<std::string_view, size_t> places;  // generation: situation to item
  size_t unexplained = 0;
  for (uint32_t i = 0; i < from.content.rows.size(); ++i) {
    const ValuePrismRow& row = from.content.rows[i];
    if (mixed && row.task != task) continue;
    if (task == ValuePrismTask::kExplanation && row.explanation.empty()) {
      ++unexplained;
      continue;
    }
    if (task == ValuePrismTask::kGeneration) {
      const auto [place, fresh] = places.emplace(row.situation, items_.size());
      if (!fresh) {
        items_[place->second].rows.push_back(i);
        continue;
      }
    }
    Item item;
    item.task = task;
    item.table = table;
    item.rows = {i};
    items_.push_back(std::move(item));
  }
  if (unexplained == 0) return;
  notes_.push_back("valueprism: " + FileName(from.from.file) + ": " +
                   Counted(unexplained, "row", "rows") +
                   " without an explanation left out of that task");
}

// Which situations of the table occur in the layout's other splits.
void ValuePrism::CompareSplits(Table& table) {
  if (table.from.others.empty()) return;
  const std::string file = FileName(table.from.file);
  std::set<std::string_view> here;
  for (const ValuePrismRow& row : table.content.rows) here.insert(row.situation);
  std::string counts;
  for (const auto& [split, path] : table.from.others) {
    const Result<ValuePrismTable> other = ReadValuePrismTable(path, table.from.layout, true);
    if (!other) {
      notes_.push_back("valueprism: the search for situations in two splits leaves out " + split +
                       ": " + other.error().ToString());
      continue;
    }
    std::set<std::string_view> shared;
    for (const ValuePrismRow& row : other->rows) {
      if (here.contains(row.situation)) shared.insert(row.situation);
    }
    for (const std::string_view situation : shared) {
      std::string& splits = table.also_in[std::string(situation)];
      splits += (splits.empty() ? "" : "+") + split;
    }
    counts += (counts.empty() ? "" : ", ") + split + " " + std::to_string(shared.size());
  }
  if (counts.empty()) return;
  table.compared = true;
  std::string note = "valueprism: " + file + ": " + std::to_string(table.also_in.size()) + " of " +
                     Counted(here.size(), "situation", "situations") + " in other splits too (" +
                     counts + ")";
  if (!table.also_in.empty()) note += "; the report tells their tasks apart";
  notes_.push_back(std::move(note));
}

void ValuePrism::DescribeTable(const Table& table) {
  const std::string file = "valueprism: " + FileName(table.from.file) + ": ";
  const ValuePrismTable& content = table.content;
  if (content.without_vrd + content.without_other > 0) {
    const bool vital = table.from.layout == ValuePrismLayout::kVital;
    notes_.push_back(file + Counted(content.without_vrd, "entry", "entries") +
                     " without text or type and " +
                     Counted(content.without_other, "entry", "entries") +
                     " without another needed cell left out of " +
                     (vital ? Counted(content.read, "record", "records")
                            : Counted(content.read, "row", "rows")));
  }
  std::map<std::string, std::set<std::string>> golds;
  size_t repeated = 0;
  for (const ValuePrismRow& row : content.rows) {
    const auto [place, fresh] =
        golds.try_emplace(std::string(ValuePrismTaskName(row.task)) + '\n' + KeyOf(row));
    repeated += !fresh;
    place->second.insert(GoldOf(row, row.task));
  }
  if (repeated == 0) return;
  const auto torn = std::count_if(golds.begin(), golds.end(),
                                  [](const auto& entry) { return entry.second.size() > 1; });
  notes_.push_back(
      file + Counted(repeated, "row repeats", "rows repeat") +
      " situation, type and text of another" +
      (torn > 0 ? "; " + std::to_string(torn) + " of these have rows that disagree on the label"
                : ""));
}

void ValuePrism::Count() {
  for (size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    Known& known = known_[item.task];
    ++known.rows;
    known.items.push_back(i);
    if (!IsLabel(item.task)) continue;
    const ValuePrismRow& row = RowOf(item);
    ++known.golds[GoldOf(row, item.task)];
    ++known.golds_by_type[row.type][GoldOf(row, item.task)];
  }
  const auto generation = known_.find(ValuePrismTask::kGeneration);
  if (generation == known_.end()) return;
  std::map<std::string, int64_t> counts;
  int64_t lines = 0;
  for (const size_t i : generation->second.items) {
    for (size_t place = 0; place < items_[i].rows.size(); ++place) {
      ++counts[LineOf(RowOf(items_[i], place))];
      ++lines;
    }
  }
  std::vector<std::pair<int64_t, std::string>> order;
  for (const auto& [line, count] : counts) order.emplace_back(-count, line);
  std::sort(order.begin(), order.end());
  const int64_t situations = generation->second.rows;
  const auto wanted = static_cast<size_t>((2 * lines + situations) / (2 * situations));
  order.resize(std::min(order.size(), wanted));
  for (const auto& [count, line] : order) generation->second.commonest.push_back(line);
}

// The next item of its task that has another situation; itself if there is none.
const ValuePrism::Item& ValuePrism::Another(const Known& known, size_t index) const {
  const auto here =
      std::lower_bound(known.items.begin(), known.items.end(), index) - known.items.begin();
  for (size_t step = 1; step < known.items.size(); ++step) {
    const Item& other =
        items_[known.items[(static_cast<size_t>(here) + step) % known.items.size()]];
    if (RowOf(other).situation != RowOf(items_[index]).situation) return other;
  }
  return items_[index];
}

// What a subject says that knows the reference.
std::string ValuePrism::Answer(const Item& item) const {
  if (item.task == ValuePrismTask::kExplanation) return RowOf(item).explanation;
  std::string text;
  for (size_t place = 0; place < item.rows.size(); ++place) {
    const ValuePrismRow& row = RowOf(item, place);
    text += (text.empty() ? "" : "\n") + (row.type.empty() ? "Value: " + row.text : LineOf(row));
    if (asking_.stance && !row.valence.empty()) text += " (" + row.valence + ")";
  }
  return text;
}

Result<std::shared_ptr<const Task>> ValuePrism::Load(size_t index) const {
  auto task = std::make_shared<Task>(Make(index));
  task->digest = refs_[index].digest;
  return std::shared_ptr<const Task>(std::move(task));
}

Task ValuePrism::Make(size_t index) const {
  const Item& item = items_[index];
  const Table& table = tables_[item.table];
  const ValuePrismRow& row = RowOf(item);
  Task task;
  task.id = suite_ + "/" + ValuePrismTaskName(item.task) + "/" + table.from.split + "/" +
            std::to_string(row.row);
  task.suite = suite_;
  task.kind = IsLabel(item.task) ? TaskKind::kChoice : TaskKind::kGenerate;
  task.title = row.situation;
  task.tags = {{"task", ValuePrismTaskName(item.task)},
               {"split", table.from.split},
               {"situation", Short(row.situation)},
               {"prompt", kPromptVersion}};
  if (item.task != ValuePrismTask::kGeneration) {
    task.title += " – " + LineOf(row);
    task.tags["type"] = row.type;
    task.tags["vrd"] = Short(KeyOf(row));
  }
  if (table.compared) {
    const auto also = table.also_in.find(row.situation);
    task.tags["also_in"] = also == table.also_in.end() ? "none" : also->second;
  }
  Message question;
  question.text =
      FillPlaceholders(asking_.prompts.at(item.task),
                       {{"SITUATION", row.situation}, {"TYPE", row.type}, {"TEXT", row.text}});
  task.opening.push_back(std::move(question));
  switch (item.task) {
    case ValuePrismTask::kRelevance:
    case ValuePrismTask::kValence:
      MakeLabel(item, task);
      break;
    case ValuePrismTask::kExplanation:
      MakeExplanation(index, task);
      break;
    case ValuePrismTask::kGeneration:
      MakeGeneration(index, task);
      break;
  }
  return task;
}

void ValuePrism::MakeLabel(const Item& item, Task& task) const {
  const ValuePrismRow& row = RowOf(item);
  task.gold = GoldOf(row, item.task);
  task.tags["gold"] = task.gold;
  task.tags["elicitation"] = ValuePrismElicitationName(asking_.elicitation);
  const std::vector<std::string>& labels = ValuePrismLabels(item.task);
  for (const std::string& label : labels) {
    ChoiceOption option;
    option.key = option.text = label;
    task.options.push_back(std::move(option));
    task.oracles.push_back(AnswerOracle(label, label));
  }
  const Known& known = known_.at(item.task);
  const auto right = [&](const std::map<std::string, int64_t>& golds) {
    return MostCommon(golds, item.task) == task.gold ? 1 : 0;
  };
  const Json facts = {
      {"situation", row.situation},
      {"type", row.type},
      {"text", row.text},
      {"baselines",
       Json::array({Json::array({"uniform", 1.0 / static_cast<double>(labels.size())}),
                    Json::array({"frequency", static_cast<double>(known.golds.at(task.gold)) /
                                                  static_cast<double>(known.rows)}),
                    Json::array({"majority by type", right(known.golds_by_type.at(row.type))}),
                    Json::array({"majority", right(known.golds)})})}};
  task.facts = DumpJson(facts);
}

void ValuePrism::MakeExplanation(size_t index, Task& task) const {
  const Item& item = items_[index];
  const ValuePrismRow& row = RowOf(item);
  task.references = {row.explanation};
  task.oracles.push_back(AnswerOracle("", row.explanation));
  Json facts = {{"situation", row.situation},
                {"type", row.type},
                {"text", row.text},
                {"baselines", Json::array()}};
  const Item& other = Another(known_.at(item.task), index);
  if (&other != &item) {
    const std::string& text = RowOf(other).explanation;
    task.oracles.push_back(AnswerOracle("other", text));
    const std::vector<std::string> words = RougeWords(text);
    const std::vector<std::string> reference = RougeWords(row.explanation);
    facts["baselines"].push_back(Json{{"name", "another row's"},
                                      {"rouge_1", Rouge1(words, reference).f},
                                      {"rouge_l", RougeL(words, reference).f}});
  }
  task.facts = DumpJson(facts);
}

void ValuePrism::MakeGeneration(size_t index, Task& task) const {
  const Item& item = items_[index];
  const Known& known = known_.at(item.task);
  std::vector<const ValuePrismRow*> rows;
  Json valences = Json::array();
  for (size_t place = 0; place < item.rows.size(); ++place) {
    rows.push_back(&RowOf(item, place));
    task.references.push_back(LineOf(*rows.back()));
    valences.push_back(rows.back()->valence);
  }
  task.oracles.push_back(AnswerOracle("", Answer(item)));
  const Item& other = Another(known, index);
  if (&other != &item) task.oracles.push_back(AnswerOracle("other", Answer(other)));
  std::vector<Vrd> common;
  for (const std::string& line : known.commonest) {
    VrdList read = ReadVrdList(line);
    common.push_back(read.vrds.empty() ? Vrd{"", line, ""} : std::move(read.vrds.front()));
  }
  const VrdSet wanted(VrdsOf(rows));
  const VrdSet named(common);
  Json baseline = {{"name", "the commonest"}};
  for (const VrdMatcher matcher : kVrdMatchers) {
    const auto share = [&](const VrdSet& of, const VrdSet& in) {
      return of.size() == 0
                 ? 0.0
                 : static_cast<double>(of.CountIn(in, matcher)) / static_cast<double>(of.size());
    };
    baseline[std::string("coverage.") + VrdMatcherName(matcher)] = share(wanted, named);
    baseline[std::string("precision.") + VrdMatcherName(matcher)] = share(named, wanted);
  }
  const Json facts = {{"situation", rows.front()->situation},
                      {"valences", std::move(valences)},
                      {"baselines", Json::array({baseline})}};
  task.facts = DumpJson(facts);
}

}  // namespace axiometer
